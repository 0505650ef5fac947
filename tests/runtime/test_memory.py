"""The embedded MongoDB's cache goes by the memory that there is, and by what a container may have of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.engines.memory import memory_bytes
from runtime.engines.mongod import cache_gib

MIB = 1 << 20
OWN = "proc/self/cgroup"
VERSION_2 = "sys/fs/cgroup/memory.max"
VERSION_1 = "sys/fs/cgroup/memory/memory.limit_in_bytes"


def having(root: Path, said: dict[str, str]) -> int:
    """What there is on a machine whose kernel says this."""
    for name, text in said.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return memory_bytes(root)


@pytest.mark.parametrize(
    ("mib", "cache"), [(512, 0.25), (1_024, 0.25), (2_048, 0.5), (4_096, 1.0), (8_192, 2.0), (65_536, 2.0)]
)
def test_the_cache_is_a_quarter_of_the_memory_within_bounds(mib: int, cache: float) -> None:
    assert cache_gib(mib * MIB) == cache


@pytest.mark.parametrize("said", [{}, {VERSION_2: "max\n"}, {VERSION_1: "9223372036854771712\n"}, {VERSION_2: "?"}])
def test_without_limits_it_is_the_machines(tmp_path: Path, said: dict[str, str]) -> None:
    assert having(tmp_path, said) == having(tmp_path / "other", {}) > 256 * MIB


@pytest.mark.parametrize("file", [VERSION_2, VERSION_1])
def test_a_container_has_what_its_control_group_has(tmp_path: Path, file: str) -> None:
    assert having(tmp_path, {file: f"{64 * MIB}\n"}) == 64 * MIB


def test_the_least_limit_around_a_service_counts(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/system.slice"
    service = {OWN: "0::/system.slice/marquee.service\n", f"{group}/marquee.service/memory.max": f"{96 * MIB}\n"}
    assert having(tmp_path, service) == 96 * MIB
    assert having(tmp_path, {f"{group}/memory.max": f"{80 * MIB}\n"}) == 80 * MIB
