"""What comes of a notice: upheld, rejected, escalated to the platform, restored; and the record of infringements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import Struct

from content.takedowns.banning import SCREEN_LIBRARY, Banned, Case, ban, lift
from content.takedowns.desk import Desk
from content.takedowns.errors import NoSuchNotice, NotDecidable
from content.takedowns.filing import is_receipt
from content.takedowns.model import BanTarget, Decision, Event, Notice, Status
from content.takedowns.repository import NoticeRepository
from storage.audit import Actor
from storage.moments import moment
from tenancy.holds import suspend
from tenancy.resolver import ResolvedTenant

Verdict = Literal["upheld", "rejected", "escalated", "restored"]
REPEAT_INFRINGER: Final = Actor("system", "repeat-infringer")
_FROM: Final[Mapping[Verdict, tuple[Status, ...]]] = {
    "upheld": ("received", "escalated", "rejected", "restored"),
    "rejected": ("received", "escalated"),
    "escalated": ("received",),
    "restored": ("upheld",),
}


class Ruling(Struct, frozen=True, kw_only=True):
    """What somebody decides. Without `targets` a notice is upheld for every title that it named."""

    verdict: Verdict
    public_reason: str = ""
    note: str = ""
    targets: Sequence[BanTarget] = ()
    by_platform: bool = False


class Outcome(Struct, frozen=True):
    """The notice afterwards; `also_in` are other titles that hold the same files, for the staff to look at."""

    notice: Notice
    also_in: list[str]


async def notice_for_staff(desk: Desk, tenant: ResolvedTenant, receipt: str) -> Notice:
    """The whole notice, with personal data. Raises NoSuchNotice."""
    found = await NoticeRepository(desk.database, tenant.scope).get(receipt) if is_receipt(receipt) else None
    if found is None:
        raise NoSuchNotice(receipt)
    return found


async def decide(desk: Desk, tenant: ResolvedTenant, receipt: str, ruling: Ruling, *, actor: Actor) -> Outcome:
    """Decides the notice, and does what follows from it.

    What the platform decided is the platform's to change. Raises NoSuchNotice, NotDecidable, NothingToBan.
    """
    notice = await notice_for_staff(desk, tenant, receipt)
    _check(notice, ruling)
    targets = list(ruling.targets) or targets_of(notice)
    banned: list[Banned] = []
    if ruling.verdict == "upheld":
        if not targets:
            raise NotDecidable("The notice leads to no title: name what is to be taken down.")
        case = Case(receipt, ruling.public_reason, actor, ruling.by_platform)
        banned = [await ban(desk, tenant, target, case) for target in targets]
    elif ruling.verdict == "restored":
        by_platform = notice.decision is not None and notice.decision.by_platform
        await lift(desk, tenant, receipt, by_platform=by_platform, actor=actor)
    decided = await _write(desk, tenant, notice, ruling, targets, banned, actor)
    if ruling.verdict == "upheld":
        await _screen(desk, tenant, receipt, by_platform=ruling.by_platform)
    if decided.strike:
        await _close_repeat_infringer(desk, tenant)
    return Outcome(decided, sorted({name for each in banned for name in each.also_in}))


def targets_of(notice: Notice) -> list[BanTarget]:
    """What the notice itself names, each once."""
    named = [BanTarget(title_id=each.title_id, unit=each.unit) for each in notice.material if each.title_id is not None]
    return list(dict.fromkeys(named))


async def _write(
    desk: Desk,
    tenant: ResolvedTenant,
    notice: Notice,
    ruling: Ruling,
    targets: list[BanTarget],
    banned: Sequence[Banned],
    actor: Actor,
) -> Notice:
    now = moment(desk.clock())
    by = f"{actor.kind}:{actor.id}"
    own = [each.title for each in banned if not each.title.is_shared]
    rights = own[0].derived.rights if own else None
    decision = Decision(
        verdict=ruling.verdict,
        by=by,
        at=now,
        public_reason=ruling.public_reason,
        note=ruling.note,
        targets=targets if ruling.verdict == "upheld" else [],
        by_platform=ruling.by_platform,
    )
    fields: dict[str, Any] = {"status": ruling.verdict, "decision": decision, "strike": bool(own)}
    if ruling.verdict == "upheld":
        fields["uploader"] = None if rights is None else rights.by
    event = Event(at=now, by=by, what=ruling.verdict, detail=ruling.note)
    notices = NoticeRepository(desk.database, tenant.scope)
    decided = await notices.change(notice.id, fields, event, where={"status": notice.status})
    if decided is None:
        raise NotDecidable("Somebody else decided it meanwhile: look again.")
    detail = {"public_reason": ruling.public_reason, "targets": [each.title_id for each in targets]}
    await desk.audit.record(tenant.scope, actor, f"takedown.{ruling.verdict}", notice.id, detail)
    return decided


def _check(notice: Notice, ruling: Ruling) -> None:
    if notice.status not in _FROM[ruling.verdict]:
        raise NotDecidable(f"The notice is {notice.status}: it cannot be {ruling.verdict}.")
    is_platforms = notice.status == "escalated" or (notice.decision is not None and notice.decision.by_platform)
    if is_platforms and not ruling.by_platform:
        raise NotDecidable("The platform decides this notice.")
    if ruling.verdict == "escalated" and ruling.by_platform:
        raise NotDecidable("There is nobody above the platform.")


async def _screen(desk: Desk, tenant: ResolvedTenant, receipt: str, *, by_platform: bool) -> None:
    scope = tenant.shared if by_platform else tenant.scope
    await desk.jobs.enqueue(scope, SCREEN_LIBRARY, {"case": receipt}, unique_key=receipt)


async def _close_repeat_infringer(desk: Desk, tenant: ResolvedTenant) -> None:
    most = tenant.tenant.legal.strikes
    strikes = await NoticeRepository(desk.database, tenant.scope).strikes()
    if most and strikes >= most:
        reason = f"{strikes} infringements stand in the record; {most} close the site"
        await suspend(desk.tenants, tenant.id, "legal", reason, actor=REPEAT_INFRINGER)
