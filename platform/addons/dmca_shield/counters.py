"""Counter-notices: what the law asks of one (17 U.S.C. § 512(g)(3)), and what follows from it."""

from __future__ import annotations

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from addons.dmca_shield.deadlines import may_restore
from content.takedowns.deciding import Outcome, Ruling, decide, notice_for_staff
from content.takedowns.desk import Desk
from content.takedowns.errors import NoSuchNotice, NotDecidable, NoticeInvalid
from content.takedowns.filing import is_receipt
from content.takedowns.model import CounterNotice, Event, Notice, Party
from content.takedowns.repository import NoticeRepository
from storage.audit import Actor
from storage.moments import moment
from tenancy.resolver import ResolvedTenant

SENDER: Final = Actor("system", "counter-notice-form")
_EMAIL: Final = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}")
Line = Annotated[str, Meta(max_length=200)]


class CounterFiling(Struct, frozen=True, kw_only=True):
    """A counter-notice as its sender writes it. `receipt` is on the page of what was taken down."""

    receipt: Annotated[str, Meta(max_length=40)]
    name: Line = ""
    address: Annotated[str, Meta(max_length=600)] = ""
    email: Line = ""
    phone: Line = ""
    material: Annotated[str, Meta(max_length=4_000)] = ""
    explanation: Annotated[str, Meta(max_length=4_000)] = ""
    mistaken: bool = False
    jurisdiction: bool = False
    signature: Line = ""


async def file_counter(desk: Desk, tenant: ResolvedTenant, filing: CounterFiling) -> Notice:
    """Stores the counter-notice with the notice it answers.

    Raises NoticeInvalid by field, NoSuchNotice for what was never taken down here, NotDecidable for a second one.
    """
    lacks = problems_of(filing)
    if lacks:
        raise NoticeInvalid(lacks)
    notices = NoticeRepository(desk.database, tenant.scope)
    notice = await notices.get(filing.receipt) if is_receipt(filing.receipt) else None
    if notice is None or notice.status != "upheld":
        raise NoSuchNotice(filing.receipt)
    if notice.counter is not None:
        raise NotDecidable("A counter-notice was sent already.")
    now = moment(desk.clock())
    counter = CounterNotice(
        party=Party(name=filing.name, address=filing.address, email=filing.email, phone=filing.phone),
        material=filing.material,
        explanation=filing.explanation,
        signature=filing.signature,
        at=now,
    )
    event = Event(at=now, by="sender", what="countered")
    changed = await notices.change(notice.id, {"counter": counter}, event, where={"counter": None, "status": "upheld"})
    if changed is None:
        raise NotDecidable("A counter-notice was sent already.")
    await desk.audit.record(tenant.scope, SENDER, "takedown.counter", notice.id)
    return changed


def problems_of(filing: CounterFiling) -> dict[str, str]:
    """What the counter-notice lacks, by field."""
    needed = {
        "name": "who you are",
        "address": "a postal address",
        "phone": "a phone number",
        "email": "where to write to you",
        "material": "what was removed, and where it stood",
        "signature": "type your full name",
    }
    lacks = {name: f"please say {what}" for name, what in needed.items() if not getattr(filing, name).strip()}
    if filing.email and _EMAIL.fullmatch(filing.email.strip()) is None:
        lacks["email"] = "this is no e-mail address"
    if not filing.mistaken:
        lacks["mistaken"] = "a counter-notice needs this statement"
    if not filing.jurisdiction:
        lacks["jurisdiction"] = "a counter-notice needs this consent"
    return lacks


async def note_step(desk: Desk, tenant: ResolvedTenant, receipt: str, step: str, *, actor: Actor) -> Notice:
    """Writes down that something was done: `acknowledged`, `forwarded` (the counter-notice), `court_action`.

    Raises NoSuchNotice, NotDecidable.
    """
    notice = await notice_for_staff(desk, tenant, receipt)
    field = {
        "acknowledged": "acknowledged_at",
        "forwarded": "counter.forwarded_at",
        "court_action": "counter.court_action_at",
    }[step]
    if field.startswith("counter.") and notice.counter is None:
        raise NotDecidable("There is no counter-notice.")
    now = moment(desk.clock())
    event = Event(at=now, by=f"{actor.kind}:{actor.id}", what=step)
    notices = NoticeRepository(desk.database, tenant.scope)
    changed = await notices.change(receipt, {field: now}, event, where={field: None})
    if changed is None:
        raise NotDecidable("This was written down before.")
    await desk.audit.record(tenant.scope, actor, f"takedown.{step}", receipt)
    return changed


async def restore_after_counter(desk: Desk, tenant: ResolvedTenant, receipt: str, *, actor: Actor) -> Outcome:
    """Puts back what was taken down, once the time for going to court is over.

    Raises NoSuchNotice, NotDecidable.
    """
    notice = await notice_for_staff(desk, tenant, receipt)
    if not may_restore(notice, moment(desk.clock())):
        raise NotDecidable("Ten business days after a counter-notice, and without an action in court: not yet.")
    return await decide(desk, tenant, receipt, Ruling(verdict="restored", note="counter-notice"), actor=actor)
