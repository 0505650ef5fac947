"""Players of other hosts, the free tier's source: opened by a click, named before it, and kept in a frame."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from content.model import TitleFile
from tenancy.themes.policy import WATCH_SECURITY_POLICY

MOST_EMBEDS: Final = 8
_LAST: Final = 1_000_000
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)+", re.ASCII)


class EmbedView(Struct, frozen=True):
    """`name` is what the operator calls it, `host` who gets the viewer's address, `origin` what the frame may load."""

    name: str
    host: str
    origin: str
    url: str
    quality: str


def embeds_of(files: Iterable[TitleFile], dead: Container[str] = ()) -> list[EmbedView]:
    """Those of all buckets that can be framed and are not among the dead, the lowest priority number first, each
    address once."""
    found = [
        (embed.priority if embed.priority is not None else _LAST, place, view)
        for place, (file, embed) in enumerate((file, embed) for file in files for embed in file.embeds)
        if embed.url is not None
        and embed.url not in dead
        and (view := _view(embed.url, embed.host, file.quality)) is not None
    ]
    ordered = [view for _, _, view in sorted(found, key=lambda each: each[:2])]
    return list({view.url: view for view in reversed(ordered)}.values())[::-1][:MOST_EMBEDS]


def framing(embeds: Sequence[EmbedView]) -> str:
    """The watch page's policy, with frames of exactly these hosts."""
    origins = " ".join(dict.fromkeys(embed.origin for embed in embeds))
    return f"{WATCH_SECURITY_POLICY}; frame-src {origins}" if origins else WATCH_SECURITY_POLICY


def _view(url: str | None, name: str | None, quality: str | None) -> EmbedView | None:
    try:
        parts = urlsplit(url or "")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    # A policy names hosts: what could not stand in one is not framed, nor is a page without encryption.
    if parts.scheme != "https" or parts.username is not None or not _HOST.fullmatch(host) or len(url or "") > 2000:
        return None
    origin = f"https://{host}" + (f":{port}" if port else "")
    return EmbedView(" ".join((name or "").split())[:60] or host, host, origin, url or "", quality or "")
