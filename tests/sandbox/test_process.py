"""The sandbox as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyrogram import Client
from pyrogram.crypto import rsa

from sandbox.telegram import content
from sandbox.telegram.__main__ import main
from sandbox.telegram.clients import API_HASH, API_ID, dialling
from sandbox.telegram.control import ControlFailed, ask
from tests.sandbox.files import Bot
from tests.sandbox.test_download import read_all

PLATFORM = Path(__file__).parents[2] / "platform"
CHAT = -1_000_000_000_555
MIB = 1 << 20


def spawn(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.telegram", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists():
            return msgspec.json.decode(path.read_bytes())
        time.sleep(0.02)
    raise AssertionError("not ready")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("process")
    process = spawn("--data", folder / "data", "--ready-file", folder / "ready.json", "--channel", CHAT)
    try:
        yield wait_for(folder / "ready.json")
    finally:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert msgspec.json.decode(output)["pid"] == process.pid


async def test_a_client_downloads_from_it(ready: Any) -> None:
    info = await ask(tuple(ready["control"]), "add_document", chat_id=CHAT, size_bytes=2 * MIB, dc_id=4)
    key = load_pem_public_key(Path(ready["public_key"]).read_bytes())
    assert isinstance(key, RSAPublicKey)
    numbers = key.public_numbers()
    rsa.server_public_keys[ready["fingerprint"]] = rsa.PublicKey(numbers.n, numbers.e)
    addresses = {int(dc_id): tuple(address) for dc_id, address in ready["datacenters"].items()}
    bot: Bot = Client(
        "process",
        api_id=API_ID,
        api_hash=API_HASH,
        bot_token="5:process-token",
        in_memory=True,
        no_updates=True,
        connection_factory=dialling(addresses),
    )
    await bot.start()
    try:
        assert await read_all(bot, CHAT, info["message_id"]) == content(info["media_id"], 0, 2 * MIB)
    finally:
        await bot.stop()
        for session in bot.sessions.values():
            await session.stop()
    counted = await ask(tuple(ready["control"]), "counters")
    assert counted["file_parts"] == {f"{info['media_id']}:{offset}": 1 for offset in (0, MIB, 2 * MIB)}


async def test_its_knobs_are_turned_over_the_control_connection(ready: Any) -> None:
    control = tuple(ready["control"])
    assert (await ask(control, "faults", flood_every=20, datacenters=[4]))["flood_every"] == 20
    await ask(control, "clear_faults")
    assert (await ask(control, "faults"))["flood_every"] == 0


@pytest.mark.parametrize(
    ("do", "arguments"),
    [
        ("faults", {"flood_evry": 3}),
        ("faults", {"flood_every": "often"}),
        ("explode", {}),
        ("move_document", {"media_id": 1, "dc_id": 4}),
        ("add_channel", {}),
    ],
)
async def test_commands_it_cannot_follow_are_refused(ready: Any, do: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ControlFailed):
        await ask(tuple(ready["control"]), do, **arguments)


def test_a_used_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(main, ["--data", str(tmp_path), "--port-base", str(port - 2)])
    assert ended.exit_code == 1
    assert len(ended.stderr.splitlines()) == 1
    assert str(port) in ended.stderr


def test_a_fault_that_there_is_not_stops_the_start() -> None:
    ended = CliRunner().invoke(main, ["--fault", "flod=1"])
    assert ended.exit_code == 2
    assert "flod" in ended.stderr


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    arguments = [sys.executable, "-m", "sandbox.telegram", "--data", str(tmp_path), "--ready-file", str(ready_file)]
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({arguments!r}, stdout=subprocess.DEVNULL)"],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
    )
    pid = wait_for(ready_file)["pid"]
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)
