"""Atom and OpenSearch documents as OPDS wants them, valid for any text that a title may bring.

RFC 4287; https://specs.opds.io/opds-1.2; https://github.com/dewitt/opensearch
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from msgspec import Struct, field

from storage.moments import moment, rfc3339

Kind = Literal["navigation", "acquisition"]

ATOM: Final = "application/atom+xml;profile=opds-catalog;kind="
OPENSEARCH: Final = "application/opensearchdescription+xml"
_NAMESPACES: Final = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/terms/",
    "xmlns:opds": "http://opds-spec.org/2010/catalog",
    "xmlns:opensearch": "http://a9.com/-/spec/opensearch/1.1/",
    "xmlns:pse": "http://vaemendis.net/opds-pse/ns",
}
# What XML 1.0 has no way to write (section 2.2), escaped or not.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Link(Struct, frozen=True, kw_only=True):
    """`more` are further attributes, such as `pse:count`."""

    rel: str
    href: str
    type: str
    title: str = ""
    more: Mapping[str, str] = {}


class Entry(Struct, frozen=True, kw_only=True):
    """Something in a feed. `path` is its own address, from which its id is made; `updated` is naive UTC."""

    path: str
    title: str
    updated: datetime | None = None
    summary: str = ""
    authors: Sequence[str] = ()
    categories: Sequence[str] = ()
    year: int | None = None
    links: Sequence[Link] = ()


class Feed(Struct, frozen=True, kw_only=True):
    """A feed at `path` of the site `host`, called `site`; `kind` says whether its entries lead on or can be had."""

    host: str
    site: str
    path: str
    title: str
    kind: Kind
    now: float
    links: list[Link] = field(default_factory=list[Link])
    entries: list[Entry] = field(default_factory=list[Entry])
    total: int | None = None


def written(feed: Feed) -> bytes:
    """The feed as a document."""
    root = Element("feed", _NAMESPACES)
    _text(root, "id", _id(feed.host, feed.path))
    _text(root, "title", feed.title or feed.site)
    _text(root, "updated", rfc3339(_latest(feed)))
    author = SubElement(root, "author")
    _text(author, "name", feed.site)
    if feed.total is not None:
        _text(root, "opensearch:totalResults", str(feed.total))
    _link(root, Link(rel="self", href=feed.path, type=ATOM + feed.kind))
    for link in feed.links:
        _link(root, link)
    for entry in feed.entries:
        _entry(root, feed, entry)
    return _document(root)


def search_description(name: str, template: str) -> bytes:
    """How the site is searched; `template` holds `{searchTerms}`."""
    root = Element("OpenSearchDescription", {"xmlns": _NAMESPACES["xmlns:opensearch"]})
    # The specification allows sixteen characters here.
    _text(root, "ShortName", name[:16])
    _text(root, "Description", f"Search {name}")
    _text(root, "InputEncoding", "UTF-8")
    _text(root, "OutputEncoding", "UTF-8")
    SubElement(root, "Url", {"type": ATOM + "navigation", "template": template})
    return _document(root)


def _entry(root: Element, feed: Feed, entry: Entry) -> None:
    element = SubElement(root, "entry")
    _text(element, "title", entry.title or "Untitled")
    _text(element, "id", _id(feed.host, entry.path))
    _text(element, "updated", rfc3339(entry.updated or moment(feed.now)))
    for name in entry.authors:
        _text(SubElement(element, "author"), "name", name)
    for name in entry.categories:
        SubElement(element, "category", {"term": _clean(name), "label": _clean(name)})
    if entry.year is not None:
        _text(element, "dc:issued", f"{entry.year:04}")
    # OPDS navigation entries should say something about themselves; readers show it below the title.
    _text(element, "content", entry.summary).set("type", "text")
    for link in entry.links:
        _link(element, link)


def _link(parent: Element, link: Link) -> None:
    attributes = {"rel": link.rel, "href": link.href, "type": link.type}
    if link.title:
        attributes["title"] = _clean(link.title)
    SubElement(parent, "link", {name: _clean(value) for name, value in {**attributes, **link.more}.items()})


def _text(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _document(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _id(host: str, path: str) -> str:
    """The same for the same thing for good, whatever the port or the scheme."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'https://{host}{path}')}"


def _latest(feed: Feed) -> datetime:
    moments = [entry.updated for entry in feed.entries if entry.updated is not None]
    return max(moments) if moments else moment(feed.now)
