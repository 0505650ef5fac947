"""What the desk's API answers with. What senders look up holds no personal data; what staff get does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from content.takedowns.model import BanTarget, CounterNotice, Event, Notice, Party


class ReceiptAnswer(Struct, kw_only=True):
    """What the sender of a notice keeps. `secret` is told once."""

    id: str
    secret: str
    status: str
    status_url: str
    received_at: datetime


class MaterialAnswer(Struct, kw_only=True):
    """An address that the notice names; `found` says whether it leads to a title of this site."""

    url: str
    found: bool


class StatusAnswer(Struct, kw_only=True):
    """How a notice stands, for its sender."""

    id: str
    kind: str
    status: str
    received_at: datetime
    decided_at: datetime | None
    public_reason: str
    material: list[MaterialAnswer]


class CaseSummary(Struct, kw_only=True):
    """A notice in the queue."""

    id: str
    kind: str
    status: str
    received_at: datetime
    sender: str
    work: str
    titles: list[str]
    has_counter: bool


class CaseList(Struct, kw_only=True):
    """Some notices, newest first. `next` goes into `after`."""

    takedowns: list[CaseSummary]
    next: str | None


class CaseMaterial(Struct, kw_only=True):
    """What an address leads to."""

    url: str
    title_id: str | None
    name: str
    unit: str | None
    is_shared: bool


class DecisionAnswer(Struct, kw_only=True):
    """What was decided."""

    verdict: str
    by: str
    at: datetime
    public_reason: str
    note: str
    targets: list[BanTarget]
    by_platform: bool


class CaseDetail(CaseSummary, kw_only=True):
    """The whole notice, with personal data: for staff alone. `also_in` are other titles with the same files."""

    party: Party
    explanation: str
    signature: str
    material: list[CaseMaterial]
    decision: DecisionAnswer | None
    counter: CounterNotice | None
    history: list[Event]
    strike: bool
    uploader: str | None
    also_in: list[str] = field(default_factory=list[str])


class RecordAnswer(Struct, kw_only=True):
    """The site's record of infringements; at `threshold` a legal hold closes the site (0: never)."""

    strikes: int
    threshold: int
    by_uploader: dict[str, int]


def status_answer(notice: Notice) -> StatusAnswer:
    """For the sender."""
    decision = notice.decision
    return StatusAnswer(
        id=notice.id,
        kind=notice.kind,
        status=notice.status,
        received_at=aware(notice.received_at),
        decided_at=None if decision is None else aware(decision.at),
        public_reason="" if decision is None else decision.public_reason,
        material=[MaterialAnswer(url=each.url, found=each.title_id is not None) for each in notice.material],
    )


def summary(notice: Notice) -> CaseSummary:
    """For the queue."""
    return CaseSummary(**_summary(notice))


def detail(notice: Notice, also_in: list[str] | None = None) -> CaseDetail:
    """For staff."""
    return CaseDetail(
        **_summary(notice),
        party=notice.party,
        explanation=notice.explanation,
        signature=notice.signature,
        material=[
            CaseMaterial(url=each.url, title_id=each.title_id, name=each.name, unit=each.unit, is_shared=each.is_shared)
            for each in notice.material
        ],
        decision=None if notice.decision is None else _decision(notice),
        counter=notice.counter,
        history=[replace(event, at=aware(event.at)) for event in notice.history],
        strike=notice.strike,
        uploader=notice.uploader,
        also_in=also_in or [],
    )


def aware(moment: datetime) -> datetime:
    """A stored time with its zone."""
    return moment.replace(tzinfo=UTC)


def _summary(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "status": notice.status,
        "received_at": aware(notice.received_at),
        "sender": notice.party.organisation or notice.party.name,
        "work": notice.work[:200],
        "titles": list(dict.fromkeys(each.name for each in notice.material if each.name)),
        "has_counter": notice.counter is not None,
    }


def _decision(notice: Notice) -> DecisionAnswer:
    decision = notice.decision
    assert decision is not None
    return DecisionAnswer(
        verdict=decision.verdict,
        by=decision.by,
        at=aware(decision.at),
        public_reason=decision.public_reason,
        note=decision.note,
        targets=decision.targets,
        by_platform=decision.by_platform,
    )
