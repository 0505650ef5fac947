"""Taking a title down, and putting it back: for one site, or by the platform for all.

Every process hears of it at once: streams that run are let in again or end, and lists leave the title out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from msgspec import Struct, to_builtins

from content.derive import hidden_because
from content.model import Title
from content.takedowns.desk import Desk
from content.takedowns.errors import NothingToBan
from content.takedowns.files import file_keys, title_keys, unit_keys_of
from content.takedowns.model import BanTarget
from content.takedowns.naming import name_of, title_named
from content.takedowns.repository import MOST_BEARERS, BannedFileRepository, BannedTitles
from content.takedowns.standing import Share, TitleBan, joined, without
from storage.audit import Actor
from storage.moments import moment
from storage.mongo import Stored
from storage.scope import PlatformScope, TenantScope
from tenancy.desk import TOPIC, amend
from tenancy.resolver import ResolvedTenant

SCREEN_LIBRARY: Final = "screen_library"
"""The job that holds an owner's titles against what was taken down: payload {"title_id"?: one alone}."""
LIFT_CASE: Final = "lift_case"
"""The job that puts back on every site what the platform took down for a case: payload {"case"}."""
MOST_KEYS: Final = 5_000


class Case(Struct, frozen=True):
    """For which notice a title is taken down, and what is told to the public."""

    receipt: str
    public_reason: str
    actor: Actor
    by_platform: bool = False


class Banned(Struct, frozen=True):
    """What was taken down. `also_in` are other titles of the same owner with the same files, which were left alone."""

    title: Title
    also_in: list[str]


async def ban(desk: Desk, tenant: ResolvedTenant, target: BanTarget, case: Case) -> Banned:
    """Takes the target down: for this site or, by the platform, everywhere. Raises NothingToBan."""
    title = await title_named(target.title_id, desk.database, tenant)
    if title is None:
        raise NothingToBan(f"{target.title_id[:80]}: there is no such title on this site")
    scope: TenantScope | PlatformScope = tenant.shared if title.is_shared else tenant.scope
    stored = await BannedTitles(desk.database, scope).stored(title.id)
    keys = _keys(title, stored or {}, target)
    share = _share(target, keys, case)
    if title.is_shared and not case.by_platform:
        await _block(desk, tenant, title, share, case.actor)
    else:
        await _mark(desk, scope, title, joined(title.derived.ban, share))
        await tell_of(desk, scope, title.id)
    bearers = await BannedTitles(desk.database, scope).bearers(sorted(keys), but=title.id)
    await _remember(desk, tenant.shared if case.by_platform else tenant.scope, keys, share, bearers)
    return Banned(title, [name_of(each) for each in bearers])


async def lift(desk: Desk, tenant: ResolvedTenant, receipt: str, *, by_platform: bool, actor: Actor) -> int:
    """Puts back what only this case took down, and forgets its files; how many titles that concerns.

    What the platform took down on other sites is put back by the job LIFT_CASE.
    """
    lifted = await lift_of_owner(desk, tenant.scope, receipt)
    if by_platform:
        lifted += await lift_of_owner(desk, tenant.shared, receipt)
        await desk.jobs.enqueue(tenant.shared, LIFT_CASE, {"case": receipt}, unique_key=receipt)
    return lifted + await _unblock(desk, tenant, receipt, actor)


async def lift_of_owner(desk: Desk, scope: TenantScope | PlatformScope, receipt: str) -> int:
    """The same for one owner's titles."""
    await BannedFileRepository(desk.database, scope).forget(receipt)
    found = await BannedTitles(desk.database, scope).of_case(receipt)
    for title in found:
        left = None if title.derived.ban is None else without(title.derived.ban, receipt)
        await _mark(desk, scope, title, left)
        await tell_of(desk, scope, title.id)
    return len(found)


async def tell_of(desk: Desk, scope: TenantScope | PlatformScope, title_id: Any) -> None:
    """Publishes that a title was taken down or put back; a shared one concerns every site."""
    await desk.events.publish("titles", {"owner": scope.owner, "title": title_id})
    await desk.events.publish(TOPIC, {"tenant": scope.tenant_id if isinstance(scope, TenantScope) else None})


def _share(target: BanTarget, keys: set[str], case: Case) -> Share:
    return Share(
        case=case.receipt,
        units=() if target.unit is None else (target.unit,),
        files=() if target.file is None else tuple(sorted(keys)),
        public_reason=case.public_reason,
        by_platform=case.by_platform,
    )


def _keys(title: Title, stored: Stored, target: BanTarget) -> set[str]:
    if target.unit is not None:
        units = unit_keys_of(title)
        if target.unit not in units:
            raise NothingToBan(f"{target.title_id[:80]}: it has no {target.unit[:40]}")
        return units[target.unit]
    if target.file is not None:
        files = cast("list[Any]", stored["files"]) if isinstance(stored.get("files"), list) else []
        if not 0 <= target.file < len(files):
            raise NothingToBan(f"{target.title_id[:80]}: it has no file {target.file}")
        keys = file_keys(files[target.file])
        if not keys:
            raise NothingToBan(f"{target.title_id[:80]}: file {target.file} has nothing that it could be known by")
        return keys
    return title_keys(stored)


async def _block(desk: Desk, tenant: ResolvedTenant, title: Title, share: Share, actor: Actor) -> None:
    """The tenant shows the shared title, or that of it, no more."""
    name = name_of(title)
    parts: list[tuple[str | None, str | None]] = [(unit, None) for unit in share.units]
    parts += [(None, key) for key in share.files]
    entries: list[Stored] = [
        {"title": name, "unit": unit, "file": key, "public_reason": share.public_reason, "case": share.case}
        for unit, key in parts or [(None, None)]
    ]

    def change(_: Stored, ours: Stored) -> None:
        known: list[Stored] = ours.get("takedowns", [])
        ours["takedowns"] = known + [entry for entry in entries if entry not in known]

    detail = {"title": name, "case": share.case}
    await amend(desk.tenants, tenant.id, change, "takedown.block", actor, detail)


async def _unblock(desk: Desk, tenant: ResolvedTenant, receipt: str, actor: Actor) -> int:
    lifted = [each for each in tenant.tenant.takedowns if each.case == receipt]

    def change(_: Stored, ours: Stored) -> None:
        ours["takedowns"] = [each for each in ours.get("takedowns", []) if each.get("case") != receipt]

    if lifted:
        await amend(desk.tenants, tenant.id, change, "takedown.unblock", actor, {"case": receipt})
    return len({each.title for each in lifted})


async def _mark(desk: Desk, scope: TenantScope | PlatformScope, title: Title, ban: TitleBan | None) -> None:
    title.derived.ban = ban
    await BannedTitles(desk.database, scope).put_ban(title.id, ban, hidden_because=hidden_because(title.derived))


async def _remember(
    desk: Desk, scope: TenantScope | PlatformScope, keys: set[str], share: Share, bearers: Sequence[Title]
) -> None:
    """What many titles have in common is a placeholder and tells no file from another: it is not remembered."""
    if len(bearers) >= MOST_BEARERS:
        keys = {key for key in keys if not key.startswith("hash:")}
    files = BannedFileRepository(desk.database, scope)
    now = moment(desk.clock())
    for key in sorted(keys)[:MOST_KEYS]:
        await files.remember(
            key,
            case=share.case,
            whole=not (share.units or share.files),
            public_reason=share.public_reason,
            now=now,
            bearers=[to_builtins(name_of(each)) for each in bearers],
        )
