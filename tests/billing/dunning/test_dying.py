"""A process dies at any write of a tick; the next one brings everything to the same end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from storage.across import Across, Change
from storage.platform_repository import PlatformRepository
from storage.repository import TenantRepository
from tests.billing.dunning.collector import Collector

SUBJECTS = ["Invoice MQ-2026-000001: $10.00", "Invoice MQ-2026-000001 is overdue"]


class Died(BaseException):
    """The process is gone: nothing that catches errors catches it."""


class Death:
    """Dies before the n-th write; never where n is 0."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 0
        self.writes = 0
        for kind, names in ((TenantRepository, ("_insert", "_update", "_change")), (PlatformRepository, ("_put",))):
            for name in names:
                monkeypatch.setattr(kind, name, self._dying(getattr(kind, name)))

    def _dying(self, write: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapped(*args: Any, **more: Any) -> Any:
            self.writes += 1
            if self.writes == self.at:
                raise Died
            return await write(*args, **more)

        return wrapped


@pytest.mark.parametrize("day", ["2026-02-16T01:00", "2026-03-01T01:00"])
@pytest.mark.parametrize("nth", range(1, 9))
async def test_a_tick_that_dies_is_finished_by_the_next(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, day: str, nth: int
) -> None:
    scope = await collector.tenant("north")
    # Everything but the step under test, which is due at the moment itself.
    await collector.until(day.replace("T01:00", "T00:59"))
    await collector.until(day.replace("T01:00", "T00:59:59"))
    collector.stage.clock.advance(1)
    death = Death(monkeypatch)
    death.at = nth
    try:
        await collector.tick()
    except Died:
        death.at = 0
        collector.stage.clock.advance(60)
        await collector.tick()
    is_closed = day.startswith("2026-03")
    assert await collector.status(scope) == ("suspended" if is_closed else "past_due")
    dunning = await collector.dunning(scope)
    assert (dunning.pending, dunning.taken) == (False, 7 if is_closed else 2)
    assert collector.outbox.subjects[:2] == SUBJECTS
    assert len(set(collector.outbox.subjects)) == (4 if is_closed else 2)
    # A letter that had left when the process died leaves again, under the same Message-ID.
    ids = [str(letter["Message-ID"]) for letter in collector.outbox.letters]
    assert len(set(ids)) == len(set(collector.outbox.subjects)) or len(ids) == len(set(ids))


async def test_one_invoices_trouble_is_not_the_others(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    north, south = await collector.tenant("north"), await collector.tenant("south")
    await collector.tick()
    broken = {"$set": {"dunning.steps": "nonsense"}}
    await Across(collector.stage.database, "invoices").update_each([Change(north.owner, "0", broken)])
    await collector.until("2026-02-17")
    assert await collector.status(south) == "past_due"
    assert "invoice 0 of tenant:north is not dunned" in caplog.text
