"""What is known of a title's links, and what another answer makes of it. Pure; times are naive UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import structs

from content.known import LinkState
from content.links.asking import Heard
from content.mirrors import addresses_of
from content.model import Title

CHECK_AGAIN: Final = timedelta(hours=24)
DOUBT_AGAIN: Final = timedelta(hours=2)
"""A link that fails once is asked again after this, and is dead when it still fails."""
_LONGEST_REST: Final = 14


def known_links(title: Title) -> dict[str, LinkState]:
    """What is known of each address that the title names now; an empty state for one that was never asked."""
    held = {state.url: state for state in title.derived.links}
    return {url: held.get(url) or LinkState(url=url) for url in addresses_of(title.files)}


def due(known: Mapping[str, LinkState], now: datetime) -> list[LinkState]:
    """Those to ask now, the longest due first."""
    found = [state for state in known.values() if state.due_at is None or state.due_at <= now]
    return sorted(found, key=lambda state: state.due_at or datetime.min)  # noqa: DTZ901 - all of them are naive UTC


def after_asking(state: LinkState, heard: Heard, now: datetime) -> LinkState:
    """The state with the answer in it. Dead is what failed twice, `DOUBT_AGAIN` apart; one good answer revives it."""
    if heard.outcome == "unsure":
        return structs.replace(state, reason=heard.reason, checked_at=now, due_at=now + CHECK_AGAIN)
    if heard.outcome == "works":
        return LinkState(url=state.url, status="active", checked_at=now, due_at=now + CHECK_AGAIN)
    failing_since = state.failing_since or now
    is_dead = now - failing_since >= DOUBT_AGAIN
    failures = state.failures + 1
    rest = timedelta(days=min(2 ** max(failures - 2, 0), _LONGEST_REST)) if is_dead else DOUBT_AGAIN
    return LinkState(
        url=state.url,
        status="dead" if is_dead else state.status,
        reason=heard.reason,
        failures=failures,
        failing_since=failing_since,
        checked_at=now,
        due_at=now + rest,
    )


def put_off(state: LinkState, until: datetime) -> LinkState:
    """The state of a link that could not be asked in its turn."""
    return structs.replace(state, due_at=until)


def next_due(states: Sequence[LinkState], now: datetime) -> int:
    """When the title is looked at again, in epoch seconds; 0 for one without links."""
    first = min((state.due_at or now for state in states), default=None)
    return 0 if first is None else int(first.replace(tzinfo=UTC).timestamp())
