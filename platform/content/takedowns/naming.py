"""From the addresses that a notice names to what they lead to on this site."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from content.model import Title
from content.policy import admits
from content.repository import TitleRepository
from content.takedowns.model import Material
from storage.mongo import Database
from tenancy.errors import BadDomain
from tenancy.host import canonical_domain
from tenancy.resolver import ResolvedTenant

LONGEST_URL: Final = 2_048
_SECTIONS: Final = frozenset({"title", "watch", "read", "art", "archive", "subtitles"})
_API: Final = ("api", "v1", "titles")
_UNIT: Final = re.compile(r"s\d{1,6}e\d{1,6}|c\d{1,7}(?:\.\d{1,6})?", re.ASCII)
_CHAPTER: Final = re.compile(r"\d{1,7}(?:\.\d{1,6})?", re.ASCII)


class NotThisSite(ValueError):
    """The address is not one of this site."""


class Address(Struct, frozen=True):
    """What an address says: an id or slug, and a unit, if it names any."""

    title: str | None = None
    unit: str | None = None


def address_of(url: str, tenant: ResolvedTenant) -> Address:
    """What a URL of the site names; a path alone is one too. Raises NotThisSite."""
    text = url.strip()
    if len(text) > LONGEST_URL:
        raise NotThisSite("the address is too long")
    try:
        parts = urlsplit(text if "://" in text or text.startswith("/") else f"https://{text}")
        _ = parts.port
        host = "" if parts.hostname is None else canonical_domain(parts.hostname)
    except (ValueError, BadDomain) as error:
        raise NotThisSite("the address cannot be read") from error
    if parts.scheme not in {"", "http", "https"} or (host or tenant.host) not in {*tenant.tenant.domains, tenant.host}:
        raise NotThisSite("the address is not one of this site")
    return _named([unquote(part) for part in parts.path.split("/") if part])


async def material_of(url: str, database: Database, tenant: ResolvedTenant) -> Material:
    """What the URL leads to on this site, whether or not it is shown at the moment. Raises NotThisSite."""
    address = address_of(url, tenant)
    title = None if address.title is None else await title_named(address.title, database, tenant)
    if title is None:
        return Material(url=url.strip())
    return Material(
        url=url.strip(), title_id=name_of(title), name=title.name, unit=address.unit, is_shared=title.is_shared
    )


async def title_named(text: str, database: Database, tenant: ResolvedTenant) -> Title | None:
    """The site's own title of this id or slug, else the shared one that its policy lets it show."""
    own = await TitleRepository(database, tenant.scope).named(text)
    if own is not None:
        return own
    if not tenant.tenant.policy.shared:
        return None
    shared = await TitleRepository(database, tenant.shared).named(text)
    return shared if shared is not None and admits(shared, tenant.tenant.policy) else None


def name_of(title: Title) -> str:
    """What a title is called in cases and bans: its id where that can be written as text, else its slug."""
    return title.id if isinstance(title.id, str) else str(title.id) if isinstance(title.id, int) else title.slug


def _named(path: list[str]) -> Address:
    if tuple(path[:3]) == _API and len(path) > 3:
        return Address(path[3], _unit(path[4:]))
    if len(path) > 1 and path[0] in _SECTIONS:
        unit = _unit(path[2:])
        if unit is None and path[0] == "read" and len(path) > 2 and _CHAPTER.fullmatch(path[2]):
            unit = f"c{path[2]}"
        return Address(path[1], unit)
    return Address()


def _unit(parts: list[str]) -> str | None:
    return next((part for part in parts if _UNIT.fullmatch(part)), None)
