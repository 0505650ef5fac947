"""CPU time per MiB streamed out of Telegram, against kurigram's own stream_media behind the same HTTP answer."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.figures import Figure, figure, interleaved
from benchmarks.processes import child, cpu_seconds
from benchmarks.stream_server import Ready
from sandbox.telegram.control import ask

SIZE = 192 << 20
ROUNDS = 5
CHAT = -1001000000001


async def run() -> list[Figure]:
    """One figure; every pull is of a document that nobody has fetched before."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="marquee-bench-")))
        _, line = await stack.enter_async_context(
            child("-m", "sandbox.telegram", "--ready-file", "{ready}", "--channel", str(CHAT))
        )
        described = folder / "sandbox.json"
        described.write_bytes(line)
        sandbox = msgspec.json.decode(line, type=Ready)
        documents = _Documents(sandbox)
        servers = {
            kind: await stack.enter_async_context(
                child("-m", "benchmarks.stream_server", kind, str(described), "{ready}", str(CHAT))
            )
            for kind in ("ours", "kurigram")
        }

        async def pull(kind: str) -> float:
            pid, port = servers[kind]
            message_id = await documents.fresh()
            before = cpu_seconds(pid)
            await _drain(int(port), message_id)
            return (cpu_seconds(pid) - before) * 1000 / (SIZE >> 20)

        ours, theirs, ratio = await interleaved(lambda: pull("ours"), lambda: pull("kurigram"), rounds=ROUNDS)
    how = f"python -m benchmarks streaming: {ROUNDS} interleaved rounds of {SIZE >> 20} MiB, user + system time"
    name = "CPU per MiB streamed, core / kurigram's stream_media with TgCrypto"
    return [figure(name, ours, theirs, ratio, unit="ms/MiB", target=0.5, how=how)]


class _Documents:
    """Documents of computed content, each asked for once."""

    def __init__(self, sandbox: Ready) -> None:
        self._sandbox = sandbox
        self._made = 0

    async def fresh(self) -> int:
        """The message id of a new one."""
        self._made += 1
        made = await ask(
            self._sandbox.control, "add_document", chat_id=CHAT, size_bytes=SIZE, seed=f"bench {self._made}"
        )
        return int(made["message_id"])


async def _drain(port: int, message_id: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 << 20)
    writer.write(f"GET /{message_id}/{SIZE} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    received = 0
    while piece := await reader.read(1 << 20):
        received += len(piece)
    writer.close()
    if received != SIZE:
        raise RuntimeError(f"{received} bytes came of {SIZE}")
