"""Which chapter an address names, and what lies beside it."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from content.catalogue import Catalogue
from content.model import Title
from content.takedowns.bans import refuse_banned
from content.targets import chapter_number
from content.unit_offers import chapters_on
from content.units import ChapterUnit
from storefront.refusals import TitleNotFound
from streaming.pages.errors import PageUnreadable
from tenancy.resolver import ResolvedTenant

_CHAPTER: Final = re.compile(r"c?([0-9]{1,6}(?:\.[0-9]{1,6})?)", re.ASCII)


class ChapterNotFound(Exception):
    """The title has no such chapter."""


class Place(Struct, frozen=True):
    """A chapter among the others of its title."""

    title: Title
    unit: ChapterUnit
    previous: ChapterUnit | None
    next: ChapterUnit | None
    others: list[ChapterUnit]


async def place_of(catalogue: Catalogue, tenant: ResolvedTenant, title_id: str, chapter_id: str) -> Place:
    """The chapter `12.5` (or `c12.5`) of the title.

    Raises TitleNotFound, ChapterNotFound, and TitleBanned for one that was taken down.
    """
    title = await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(f"Nothing on this site has the id or slug {title_id!r}.")
    number = number_of(chapter_id)
    refuse_banned(title, tenant, f"c{number}")
    units = chapters_on(title, tenant)
    found = next((place for place, unit in enumerate(units) if unit.number == number), None)
    if found is None:
        raise ChapterNotFound(f"{title.name} has no such chapter.")
    before = next((unit for unit in reversed(units[:found]) if unit.readable), None)
    after = next((unit for unit in units[found + 1 :] if unit.readable), None)
    return Place(title, units[found], before, after, units)


def number_of(chapter_id: str) -> str | None:
    """The chapter's number as it stands in addresses: `12.5` for `c12.50` too."""
    found = _CHAPTER.fullmatch(chapter_id)
    return chapter_number(float(found[1])) if found else None


def require_readable(unit: ChapterUnit) -> None:
    """Raises PageUnreadable with the reason for people."""
    if unit.reason is not None:
        raise PageUnreadable(f"{unit.reason[:1].upper()}{unit.reason[1:]}.")
