"""Processes that end while films run: killed ones lose at most their last moment, and nothing is booked twice."""

import signal
from datetime import date
from pathlib import Path

import pytest

from storage.mongo import Database
from storage.scope import TenantId, mint_tenant_scope
from tenancy.usage import UsageRepository
from tests.streaming.delivery.kill_rounds import rounds

pytestmark = pytest.mark.anyio


@pytest.fixture
def ledger(database: Database) -> UsageRepository:
    return UsageRepository(database, mint_tenant_scope(TenantId("drill")))


async def booked_bytes(ledger: UsageRepository) -> int:
    return sum(day.bytes for day in await ledger.days(date(2000, 1, 1), date(3000, 1, 1)))


async def test_killed_processes_lose_at_most_their_last_moment_and_never_add(
    tmp_path: Path, mongodb_uri: str, database_name: str, ledger: UsageRepository
) -> None:
    figures = await rounds(2, tmp_path, mongodb_uri, database_name, seed=5, how=signal.SIGKILL)
    booked = await booked_bytes(ledger)
    assert figures.ended == 4
    assert 0 < booked <= figures.received
    assert figures.received - booked <= figures.at_risk + 0.006 * figures.received
    assert list(tmp_path.glob("*.[0-9]*")) == []


async def test_processes_that_end_properly_book_what_the_clients_took(
    tmp_path: Path, mongodb_uri: str, database_name: str, ledger: UsageRepository
) -> None:
    figures = await rounds(1, tmp_path, mongodb_uri, database_name, seed=6, how=signal.SIGTERM)
    booked = await booked_bytes(ledger)
    assert figures.received * 0.994 <= booked <= figures.received
