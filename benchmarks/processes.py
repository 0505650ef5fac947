"""Child processes of a benchmark, and what the kernel says they cost."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

_START_SECONDS = 60.0
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12  # proc(5), counted from the field behind the command's name


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its threads so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_A_SECOND


@asynccontextmanager
async def child(*arguments: str, start_seconds: float = _START_SECONDS) -> AsyncGenerator[tuple[int, bytes]]:
    """A Python child that writes one line to its ready file when it may be used: gives its pid and that line.

    `{ready}` in the arguments stands for the file. The child is told to stop at the end.
    """
    with tempfile.TemporaryDirectory(prefix="marquee-bench-") as folder:
        ready = Path(folder) / "ready"
        spelled = [argument.replace("{ready}", str(ready)) for argument in arguments]
        process = await asyncio.create_subprocess_exec(sys.executable, *spelled, stdout=asyncio.subprocess.DEVNULL)
        try:
            async with asyncio.timeout(start_seconds):
                while not ready.exists():
                    if process.returncode is not None:
                        raise RuntimeError(f"{spelled[:2]} ended with {process.returncode} before it was ready")
                    await asyncio.sleep(0.05)
            yield process.pid, ready.read_bytes()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
