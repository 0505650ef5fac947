"""Feeds as Atom (RFC 4287). Whatever a title is called, the feed stays well-formed XML 1.0."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from storage.moments import rfc3339

MIME: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
# XML 1.0 §2.2 knows no other characters, escaped or not.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One entry. `id` names it for good within the feed; `at` is naive UTC."""

    id: str
    title: str
    url: str
    at: datetime
    summary: str = ""


def atom(*, title: str, url: str, self_url: str, entries: Sequence[FeedEntry], empty_at: datetime) -> bytes:
    """The feed. `empty_at` is when it was last changed as far as no entry says it."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _text(feed, "id", str(uuid.uuid5(uuid.NAMESPACE_URL, self_url).urn))
    _text(feed, "title", title)
    _text(feed, "updated", rfc3339(max((entry.at for entry in entries), default=empty_at)))
    _link(feed, "self", self_url)
    _link(feed, "alternate", url)
    author = ET.SubElement(feed, f"{{{_ATOM}}}author")
    _text(author, "name", title)
    for entry in entries:
        element = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _text(element, "id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self_url}#{entry.id}").urn))
        _text(element, "title", entry.title)
        _text(element, "updated", rfc3339(entry.at))
        _link(element, "alternate", entry.url)
        if entry.summary:
            _text(element, "summary", entry.summary)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = _NO_XML.sub("", text) or "…"


def _link(parent: ET.Element, rel: str, url: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": _NO_XML.sub("", url)})
