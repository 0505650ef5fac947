"""Engines, databases and clocks for every room's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.telegram import crypto
from tests.support.clock import FakeClock
from tests.support.engines import engines
from tests.support.stores import (
    cache,
    clean_cache,
    clean_database,
    cleaner,
    database,
    platform,
    scope_a,
    scope_b,
    unscoped_commands,
)

__all__ = [
    "cache",
    "clean_cache",
    "clean_database",
    "cleaner",
    "database",
    "platform",
    "scope_a",
    "scope_b",
    "unscoped_commands",
]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Asyncio without uvloop: pytest-socket cannot see uvloop's sockets."""
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="session")
def _engines() -> Iterator[tuple[str, str]]:
    with engines() as addresses:
        yield addresses


@pytest.fixture(scope="session")
def mongodb_uri(_engines: tuple[str, str]) -> str:
    return _engines[0]


@pytest.fixture(scope="session")
def redis_url(_engines: tuple[str, str]) -> str:
    return _engines[1]


@pytest.fixture(scope="session")
def database_name() -> str:
    return f"marquee_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


# Tests import kurigram by themselves, which cannot be loaded without this where TgCrypto has no wheel.
crypto.install()

# No test reaches further than loopback. Reading the certificates of the web's authorities takes each client of httpx
# longer than most tests take; a folder without any is read at once.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
