"""What moves when a contract has long ended: the time up to it becomes a period like the 30 days after the end.

A viewer is given their money back, a bank decides a dispute, a fee is told late. That period costs nothing, has a
statement, and is there only because something moved in it: of who left and is left alone nothing is written any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from billing.contracts.beginning import quarter_of
from billing.contracts.changing import due_again
from billing.contracts.model import AFTERMATH, Away, Contract

_QUARTER = timedelta(minutes=15)


def closed_until(contract: Contract) -> datetime | None:
    """Up to when an ended contract is closed wholly; None of one that goes on, or has still to be closed."""
    after = contract.aftermath
    if after is None:
        return None
    last = (after, *contract.afterwards)[-1]
    return last.until if contract.next_n > last.n else None


def moved(contract: Contract, at: datetime, now: datetime) -> Contract:
    """The contract with a period for what moved first since it was closed; itself as long as that is not over.

    It ends with the quarter of an hour, and 30 days after the one before at the earliest.
    """
    since = closed_until(contract)
    if since is None or at < since:
        return contract
    until = max(since + AFTERMATH, quarter_of(at) + _QUARTER)
    if until > now:
        return contract
    period = Away(n=contract.next_n, since=since, until=until)
    return due_again(msgspec.structs.replace(contract, afterwards=(*contract.afterwards, period)))
