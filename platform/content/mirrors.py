"""What a title's documents name on other hosts: players to embed, mirrors and backups. Pure.

They are the users' own words: only addresses that a browser can safely follow are given on. What the link checker
knows of an address goes before what the document says of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from content.model import Title, TitleFile

LONGEST_ADDRESS: Final = 2_048
MOST: Final = 200
_STATUSES: Final = ("active", "dead")
_LAST: Final = 2**31


class EmbedOffer(Struct, frozen=True):
    """A player of another host for one quality of the title."""

    quality: str
    label: str
    host: str
    url: str


class MirrorOffer(Struct, frozen=True):
    """A download on another host; `status` is active, dead or unknown, `kind` is mirror or backup."""

    kind: str
    quality: str
    label: str
    host: str
    url: str
    icon: str
    status: str


def embeds(title: Title) -> list[EmbedOffer]:
    """The free tier's sources that are not known to be dead, the lowest `priority` first, each address once."""
    dead = dead_addresses(title)
    named = [
        (_priority(embed.priority), place, EmbedOffer(*_names(file), (embed.host or host)[:200], url))
        for place, file in enumerate(title.files)
        for embed in file.embeds
        if (url := safe_address(embed.url)) is not None and url not in dead and (host := _host(url))
    ]
    found: dict[str, EmbedOffer] = {}
    for _, _, offer in sorted(named, key=lambda each: each[:2]):
        found.setdefault(offer.url, offer)
    return list(found.values())[:MOST]


def mirrors(title: Title) -> list[MirrorOffer]:
    """The archive page: mirrors in the order of the document, the living first, then the backups."""
    checked = {state.url: state.status for state in title.derived.links if state.status in _STATUSES}
    found = [
        MirrorOffer(
            "mirror",
            *_names(file),
            (each.host or _host(url))[:200],
            url,
            (each.icon or "")[:200],
            checked.get(url) or _status(each.status),
        )
        for file in title.files
        for each in file.downloads
        if (url := safe_address(each.url)) is not None
    ]
    found.sort(key=lambda each: each.status == "dead")
    found += [
        MirrorOffer("backup", *_names(file), _host(url), url, "", checked.get(url, "unknown"))
        for file in title.files
        if (url := safe_address(file.backup_url)) is not None
    ]
    return found[:MOST]


def addresses_of(files: Iterable[TitleFile]) -> list[str]:
    """Every address of other hosts that the buckets name and a browser can follow, once."""
    named = [
        each
        for file in files
        for each in (*(one.url for one in file.downloads), *(one.url for one in file.embeds), file.backup_url)
    ]
    return list(dict.fromkeys(url for url in map(safe_address, named) if url is not None))[:MOST]


def dead_addresses(title: Title) -> frozenset[str]:
    """Those that the link checker found dead."""
    return frozenset(state.url for state in title.derived.links if state.status == "dead")


def safe_address(text: str | None) -> str | None:
    """An http or https address with a host and without credentials; None for all else, scripts among it."""
    if text is None or not 0 < len(text) <= LONGEST_ADDRESS or any(ord(mark) <= 32 for mark in text) or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        is_safe = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        return None
    return text if is_safe else None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _names(file: TitleFile) -> tuple[str, str]:
    return file.quality or "", file.label or file.quality or ""


def _priority(priority: int | None) -> int:
    return _LAST if priority is None else priority


def _status(status: str | None) -> str:
    return status if status in _STATUSES else "unknown"
