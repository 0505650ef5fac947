"""How a viewer stands: what they have, and what is next."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from billing.memberships.model import Membership

StandingState = Literal["active", "ending", "unpaid", "ended"]


class Standing(Struct, frozen=True):
    """`active` goes on by itself, `ending` does not; `unpaid` waits for money, and has nothing until it comes."""

    membership: Membership
    state: StandingState
    resumable: bool


def standing_of(membership: Membership | None, now: datetime) -> Standing | None:
    """None for who never had anything."""
    if membership is None or (membership.plan is None and membership.paid_until is None):
        return None
    is_live = membership.is_live(now)
    states: tuple[StandingState, StandingState] = ("active", "unpaid") if membership.renews else ("ending", "ended")
    state = states[0 if is_live else 1]
    return Standing(membership, state, resumable=is_live and membership.stopped == "viewer")
