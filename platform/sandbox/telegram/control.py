"""Turning a sandbox's knobs from another process: one JSON object a line, each answered by one.

{"do": "faults", "with": {"flood_every": 20}} is answered {"gives": …} or {"error": "…"}.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, final

import msgspec

from .server import TelegramSandbox

_MAX_LINE_BYTES: Final = 1 << 20


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """One line: a verb and its arguments by name."""

    do: str
    arguments: dict[str, Any] = msgspec.field(name="with", default_factory=lambda: dict[str, Any]())


class ControlFailed(Exception):
    """The sandbox refused a command; the text says why."""


@final
class Control:
    """Listens on loopback for commands to one sandbox."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._verbs = _verbs(sandbox)
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and give the address. Raises OSError for a used port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MAX_LINE_BYTES)
        return host, self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
            for client in self._clients:
                client.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(self._obey(line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # gone, or a line beyond the limit: either way there is nobody to tell
        finally:
            self._clients.discard(writer)
            writer.close()

    def _obey(self, line: bytes) -> dict[str, Any]:
        try:
            command = msgspec.json.decode(line, type=Command)
            verb = self._verbs.get(command.do)
            if verb is None:
                return {"error": f"no command is called {command.do}"}
            return {"gives": msgspec.to_builtins(verb(**command.arguments))}
        except (msgspec.MsgspecError, TypeError, ValueError, LookupError, AttributeError, OSError) as error:
            return {"error": f"{type(error).__name__}: {error}"}


def _verbs(sandbox: TelegramSandbox) -> dict[str, Callable[..., Any]]:
    def faults(**knobs: Any) -> Any:
        sandbox.faults.set(**knobs)
        return sandbox.faults

    def add_document(chat_id: int, path: str | None = None, **options: Any) -> Any:
        return sandbox.add_document(chat_id, path=Path(path) if path is not None else None, **options)

    return {
        "faults": faults,
        "clear_faults": sandbox.faults.clear,
        "counters": lambda: sandbox.counters.as_json(),
        "reset_counters": sandbox.counters.reset,
        "add_channel": sandbox.add_channel,
        "add_document": add_document,
        "document": sandbox.document,
        "move_document": sandbox.move_document,
        "expire_references": sandbox.expire_references,
        "delete_message": sandbox.delete_message,
        "sign_out": sandbox.sign_out,
        "revoke_token": sandbox.revoke_token,
        "forget_keys": sandbox.forget_keys,
        "reset_connections": sandbox.reset_connections,
        "hang_connections": sandbox.hang_connections,
    }


async def ask(address: tuple[str, int], do: str, **arguments: Any) -> Any:
    """Give a sandbox in another process one command and return what it gives.

    Raises ControlFailed where it refuses, OSError where it is not there.
    """
    reader, writer = await asyncio.open_connection(*address, limit=_MAX_LINE_BYTES * 64)
    try:
        writer.write(msgspec.json.encode({"do": do, "with": arguments}) + b"\n")
        answer = msgspec.json.decode(await reader.readline() or b'{"error": "hung up"}')
    finally:
        writer.close()
        await writer.wait_closed()
    if "error" in answer:
        raise ControlFailed(answer["error"])
    return answer.get("gives")
