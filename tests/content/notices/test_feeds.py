"""Feeds stay well-formed whatever a title is called."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from content.notices.feeds import FeedEntry, atom
from storage.moments import moment

ATOM = "{http://www.w3.org/2005/Atom}"
NOW = moment(1_800_000_000)


def feed(title: str) -> ET.Element:
    entry = FeedEntry(id="x", title=title, url="https://a.example/title/x?a=1&b=2", at=NOW, summary=title)
    body = atom(title=title, url="https://a.example/", self_url="https://a.example/feed", entries=[entry], empty_at=NOW)
    return ET.fromstring(body)


@pytest.mark.parametrize(
    "title", ["<b>&amp;</b>", "]]>", "a\x00b\x0b\x1f", "\ud800", "\ufffe", "𝄞", "", "'\"", "א\u202e"]
)
def test_any_title_makes_a_well_formed_feed(title: str) -> None:
    entry = feed(title).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}updated") == "2027-01-15T08:00:00Z"


def test_a_feed_without_entries_says_when_it_was_made() -> None:
    body = atom(title="A", url="https://a.example/", self_url="https://a.example/feed", entries=[], empty_at=NOW)
    assert ET.fromstring(body).findtext(f"{ATOM}updated") == "2027-01-15T08:00:00Z"
