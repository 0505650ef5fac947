"""When somebody is reminded, and what follows: schedules as data, and where an invoice is in its own.

Moments are naive UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from storage.repository import TenantDocument

Deed = Literal["remind", "charge", "past_due", "hold"]
LetterKind = Literal["issued", "payment_failed", "overdue", "will_be_suspended", "suspended", "paid", "refunded"]
STEP_LETTERS: Final = ("overdue", "will_be_suspended", "suspended")
_MOST_STEPS: Final = 20
_MOST_DAYS: Final = 365
_ON_TIME: Final = timedelta(hours=12)
_HOLD_LOOKS: Final = timedelta(hours=1)
_HOLD_WAITS: Final = timedelta(days=3)
"""A payment that is under way is looked at so often before a site is closed over it, and so long at most."""


class BadSchedule(ValueError):
    """A schedule that nobody can be held to; the message says why."""


class Step(Struct, frozen=True, kw_only=True):
    """What is done `day` days after the due date.

    `charge` tries the saved way to pay once more, `past_due` shows operators that a payment is late, `hold` closes the
    site; `remind` does nothing but send the letter.
    """

    day: int
    deed: Deed
    letter: LetterKind | None = None


class Schedule(TenantDocument, kw_only=True):
    """Steps in order. Its id is `default`, a plan's id (the platform's), or `own` (a tenant's)."""

    id: str
    steps: tuple[Step, ...]


OWN: Final = "own"
DEFAULT: Final = Schedule(
    id="default",
    steps=(
        Step(day=0, deed="charge"),
        Step(day=1, deed="past_due", letter="overdue"),
        Step(day=3, deed="charge"),
        Step(day=7, deed="charge"),
        Step(day=10, deed="remind", letter="will_be_suspended"),
        Step(day=13, deed="charge"),
        Step(day=14, deed="hold", letter="suspended"),
    ),
)


class Dunning(Struct, frozen=True, kw_only=True):
    """Where an invoice is in its schedule, stored with it.

    `taken` steps of `steps` are done; the next is due at `next_at` (None: there is none, or nothing is open).
    `pending`: the last one was begun and not seen to its end. `waits_since` is when the one that closes the site was
    first put off for a payment under way. `extended_to` is a later due date, `paused_at` when an
    owner stopped it. `past_due_at` and `held_at` are when it did so to the site, `settled_at` when nothing was `open`
    any more. `told` are the letters that went out; `round` counts the times that it began anew, `revision` the writes.
    """

    steps: tuple[Step, ...] = ()
    taken: int = 0
    next_at: datetime | None = None
    pending: bool = False
    waits_since: datetime | None = None
    extended_to: datetime | None = None
    paused_at: datetime | None = None
    past_due_at: datetime | None = None
    held_at: datetime | None = None
    settled_at: datetime | None = None
    open: bool = True
    told: tuple[str, ...] = ()
    round: int = 1
    revision: int = 0

    @property
    def last(self) -> Step | None:
        """The step that was taken last."""
        return self.steps[self.taken - 1] if self.taken else None

    @property
    def next(self) -> Step | None:
        """The step that is taken next."""
        return self.steps[self.taken] if self.taken < len(self.steps) else None

    def put_off(self, now: datetime) -> Dunning | None:
        """With the next step an hour later, for a payment under way; None where it has waited long enough."""
        since = self.waits_since or now
        if now - since >= _HOLD_WAITS:
            return None
        return msgspec.structs.replace(self, waits_since=since, next_at=now + _HOLD_LOOKS)

    def taking(self, now: datetime) -> Dunning:
        """With the next step begun.

        No step comes sooner after the one before than the schedule has between them, so who was away for a month
        (or we were) still gets each letter by itself and the whole grace. A tick that is a little late moves nothing.
        """
        step = self.steps[self.taken]
        return msgspec.structs.replace(
            self,
            taken=self.taken + 1,
            next_at=self._following(now),
            pending=True,
            past_due_at=self.past_due_at or (now if step.deed in {"past_due", "hold"} else None),
            held_at=self.held_at or (now if step.deed == "hold" else None),
        )

    def _following(self, now: datetime) -> datetime | None:
        if self.taken + 1 >= len(self.steps):
            return None
        gap = timedelta(days=self.steps[self.taken + 1].day - self.steps[self.taken].day)
        planned = self.next_at or now
        return (planned if now - planned <= _ON_TIME else now) + gap

    def settled(self, now: datetime) -> Dunning:
        """Nothing is open any more: no further step, and it keeps the site from nothing."""
        return msgspec.structs.replace(self, next_at=None, past_due_at=None, held_at=None, settled_at=now, open=False)

    def paused(self, now: datetime) -> Dunning:
        """Stopped until `resumed`; what it has caused stays."""
        return msgspec.structs.replace(self, paused_at=self.paused_at or now)

    def resumed(self, now: datetime) -> Dunning:
        """Going on, with as long to go to the next step as when it was paused."""
        if self.paused_at is None or self.next_at is None:
            return msgspec.structs.replace(self, paused_at=None)
        return msgspec.structs.replace(self, paused_at=None, next_at=self.next_at + (now - self.paused_at))

    def hold_at(self) -> datetime | None:
        """When the site is closed if nothing is paid until then; None where that is not planned, or was done."""
        if self.next_at is None:
            return None
        ahead = self.steps[self.taken :]
        held = next((step for step in ahead if step.deed == "hold"), None)
        return None if held is None else self.next_at + timedelta(days=held.day - ahead[0].day)


def begun(steps: Sequence[Step], due_at: datetime, *, former: Dunning | None = None) -> Dunning:
    """A schedule from its start, for an invoice that is due at `due_at`; `former` is the one before, if there was."""
    first = due_at + timedelta(days=steps[0].day) if steps else None
    fresh = Dunning(steps=tuple(steps), next_at=first)
    if former is None:
        return fresh
    return msgspec.structs.replace(
        fresh,
        told=former.told,
        round=former.round + 1,
        revision=former.revision,
        extended_to=former.extended_to,
        pending=former.pending,
    )


def checked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, if they make sense. Raises BadSchedule."""
    if not 1 <= len(steps) <= _MOST_STEPS:
        raise BadSchedule(f"{len(steps)} steps: 1 to {_MOST_STEPS}")
    days = [step.day for step in steps]
    if days != sorted(days) or days[0] < 0 or days[-1] > _MOST_DAYS:
        raise BadSchedule(f"days {days}: in order, 0 to {_MOST_DAYS}")
    deeds = [step.deed for step in steps]
    if deeds.count("hold") > 1 or deeds.count("past_due") > 1:
        raise BadSchedule("past_due and hold come once each")
    if "hold" in deeds:
        _check_hold(steps, deeds.index("hold"))
    for step in steps:
        if step.letter is not None and step.letter not in STEP_LETTERS:
            raise BadSchedule(f"letter {step.letter}: a step sends {', '.join(STEP_LETTERS)}")
    return tuple(steps)


def _check_hold(steps: Sequence[Step], place: int) -> None:
    before = steps[:place]
    if "past_due" not in [step.deed for step in before]:
        raise BadSchedule("past_due comes before hold")
    if not any(step.letter == "will_be_suspended" and step.day < steps[place].day for step in before):
        raise BadSchedule("nobody is suspended without a letter will_be_suspended a day before at least")


def dunning_of(stored: dict[str, Any] | None) -> Dunning | None:
    """What an invoice holds of it."""
    return None if stored is None else msgspec.convert(stored, Dunning)


def stored_of(dunning: Dunning) -> dict[str, Any]:
    """As it is stored with an invoice."""
    fields: dict[str, Any] = msgspec.to_builtins(dunning, builtin_types=(datetime,))
    return fields
