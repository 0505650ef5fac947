"""How much memory there is for this process: the machine's, or less where its control group (a container's) has less.

See the kernel's cgroup-v2 documentation, `memory.max`, and that of cgroup v1, `memory.limit_in_bytes`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ROOT: Final = Path("/")


def memory_bytes(root: Path = _ROOT) -> int:
    """The least of all limits. `root` is the directory that `proc` and `sys` are in."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    """Those of the group and of every one around it; a group without one says `max`."""
    groups = root / "sys/fs/cgroup"
    own = groups / _own_group(root)
    around = [groups / above for above in own.relative_to(groups).parents]
    for file in (*(group / "memory.max" for group in (own, *around)), groups / "memory/memory.limit_in_bytes"):
        said = _read(file).strip()
        if said.isdecimal():
            yield int(said)


def _own_group(root: Path) -> str:
    lines = _read(root / "proc/self/cgroup").splitlines()
    return next((line.removeprefix("0::").strip("/") for line in lines if line.startswith("0::/")), "")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
