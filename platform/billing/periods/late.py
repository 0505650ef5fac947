"""Usage that was booked after its period was billed: it goes to the next bill, marked as late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from billing.contracts.model import Contract
from billing.periods.desk import Desk
from billing.periods.model import BilledPeriod
from billing.periods.repository import PeriodRepository, Place, periods_at
from billing.periods.usage import booked_since, bytes_of_many
from billing.rating import Late, metered

_BILLED: Final = frozenset({"issued", "free"})
_CLOSED: Final = frozenset({"issued", "free", "void"})


async def late_of_many(
    desk: Desk, asked: Mapping[str, tuple[Contract, int]], previous: Mapping[Place, BilledPeriod]
) -> dict[str, list[Late]]:
    """By owner, for the bill of period n: what earlier periods have more than all bills said of them.

    While the period before is not billed itself, nothing is late: that bill takes it.
    """
    since = await _last_read(desk, asked, previous)
    starts = {owner: asked[owner][0].period(asked[owner][1]).start for owner in since}
    days = await booked_since(desk.database, since, starts)
    places = {(owner, n) for owner, dates in days.items() for n in _touched(*asked[owner], dates)}
    billed = await periods_at(desk.database, places)
    spans = {place: metered(asked[place[0]][0], asked[place[0]][0].period(place[1])) for place in billed}
    wanted = [(owner, span) for (owner, _), span in spans.items() if span is not None]
    usage = await bytes_of_many(desk.database, wanted)
    found: dict[str, list[Late]] = defaultdict(list)
    for (owner, n), period in sorted(billed.items()):
        span = spans[owner, n]
        more = 0 if span is None else usage[owner, span] - period.billed_bytes
        if more > 0 and period.state in _BILLED:
            found[owner].append(Late(n, more, period.billed_bytes))
    return found


async def _last_read(
    desk: Desk, asked: Mapping[str, tuple[Contract, int]], previous: Mapping[Place, BilledPeriod]
) -> dict[str, datetime]:
    """When each tenant's usage was last read for a bill, of those whose period before is closed."""
    found: dict[str, datetime] = {}
    for owner, (_, n) in asked.items():
        before = previous.get((owner, n - 1))
        if before is None or before.state not in _CLOSED:
            continue
        read_at = before.read_at
        if read_at is None:  # voided, so nobody read for it
            read_at = await PeriodRepository(desk.database, desk.scope(owner)).last_read(n)
        if read_at is not None:
            found[owner] = read_at
    return found


def _touched(contract: Contract, n: int, days: list[date]) -> set[int]:
    """The periods before n that the days lie in, in part or whole."""
    found: set[int] = set()
    for day in days:
        midnight = datetime.combine(day, time.min)
        first = contract.index_at(midnight)
        last = contract.index_at(midnight + timedelta(days=1) - timedelta(microseconds=1))
        found.update(range(first, min(last, n - 1) + 1))
    return found
