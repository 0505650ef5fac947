"""Stand-ins as processes."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

PLATFORM = Path(__file__).parents[2] / "platform"


@contextmanager
def running(module: str, ready_file: Path, *arguments: object) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The process and the URL at which it listens; killed at the end if it still runs."""
    ready_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--ready-file", str(ready_file), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, _ready(ready_file)["url"]
    finally:
        process.kill()
        process.communicate(timeout=10)


def _ready(path: Path) -> Any:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if path.exists():
            return msgspec.json.decode(path.read_bytes())
        time.sleep(0.02)
    raise AssertionError("not ready")
