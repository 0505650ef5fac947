"""What was taken down, as the catalogue asks it: pure, for what it needs travels with the title and the tenant.

A ban on a title by its owner (a tenant on its own, the platform on the shared one) lies on the title; a tenant's ban on
a shared title lies on the tenant, whose policy then blocks it like any other that the tenant does not show.
"""

from __future__ import annotations

from typing import Final

from content.model import Title
from content.policy import admits
from storage.extended_json import identifiers
from streaming.source import DocumentGone
from tenancy.model import Takedown
from tenancy.resolver import ResolvedTenant

BANNED: Final = "banned"


class TitleBanned(DocumentGone):
    """The title, or what was asked for of it, was taken down. `public_reason` may be empty."""

    def __init__(self, public_reason: str = "") -> None:
        super().__init__(public_reason)
        self.public_reason = public_reason


def refuse_banned(title: Title, tenant: ResolvedTenant, unit: str | None = None) -> None:
    """Raises TitleBanned for a title (or its unit `s1e2`, `c12.5`) that was taken down and would be shown otherwise.

    To be asked of whatever an id or slug led to, before saying that it is not there.
    """
    if title.is_shared and not admits(title, tenant.tenant.policy):
        return
    ban = title.derived.ban
    if ban is not None and (ban.whole or unit in ban.units):
        raise TitleBanned(ban.public_reason)
    for takedown in _of(title, tenant):
        if takedown.is_whole or (takedown.unit is not None and takedown.unit == unit):
            raise TitleBanned(takedown.public_reason)
    if title.derived.status == BANNED:
        raise TitleBanned


def banned_units(title: Title, tenant: ResolvedTenant) -> frozenset[str]:
    """The units (`s1e2`, `c12.5`) of the title that are not shown on this site."""
    own = title.derived.ban.units if title.derived.ban is not None else ()
    return frozenset([*own, *(each.unit for each in _of(title, tenant) if each.unit is not None)])


def banned_files(title: Title, tenant: ResolvedTenant) -> frozenset[str]:
    """Keys (`content.takedowns.files.keys_of`) of the title's files that this site may not play."""
    own = title.derived.ban.files if title.derived.ban is not None else ()
    return frozenset([*own, *(each.file for each in _of(title, tenant) if each.file is not None)])


def _of(title: Title, tenant: ResolvedTenant) -> list[Takedown]:
    if not title.is_shared:
        return []
    return [each for each in tenant.tenant.takedowns if _names(each, title)]


def _names(takedown: Takedown, title: Title) -> bool:
    return title.slug == takedown.title or title.id in identifiers(takedown.title)
