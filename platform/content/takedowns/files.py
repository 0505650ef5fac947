"""What a file is known by, wherever it turns up again: pure, over documents as users bring them.

Keys are `media:<Telegram document id>`, `hash:<file_hash>`, `file:<Telegram file id>` and, for the pages of a chapter,
`pages:<hash of their file ids>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from content.model import Title
from content.units import chapters, episodes, packs
from streaming.telegram.file_ids import decode_file_id

_LONGEST: Final = 512


def file_keys(file: Any, state: Any = None) -> set[str]:
    """The keys of one entry of `files`; `state` is what the platform resolved of it (`_marquee.files[i]`)."""
    if not isinstance(file, dict):
        return set()
    brought = cast("dict[str, Any]", file)
    keys = _keys_of_part(brought) | _telegram(brought.get("telegram_id"))
    parts = [*_list(brought.get("documents")), *_list(_dict(state).get("documents"))]
    for part in parts:
        keys |= _keys_of_part(_dict(part))
    return keys


def unit_keys_of(title: Title) -> dict[str, set[str]]:
    """The keys of every episode (`s1e2`), chapter (`c12.5`) and season pack (`pack/1`) of a title."""
    found = {
        unit.key: set[str]().union(*(_telegram(source.file_id) for source in unit.qualities))
        for unit in episodes(title)
    }
    found |= {unit.key: _pages(unit.pages) for unit in chapters(title)}
    return found | {unit.key: _telegram(unit.file_id) for unit in packs(title)}


def title_keys(document: Mapping[str, Any]) -> set[str]:
    """The keys of everything that a title holds: its files, episodes, chapters and season packs."""
    states = _list(_dict(document.get("_marquee")).get("files"))
    keys: set[str] = set()
    for place, file in enumerate(_list(document.get("files"))):
        keys |= file_keys(file, states[place] if place < len(states) else None)
    for entries in _dict(document.get("seasons")).values():
        for entry in _list(entries):
            keys |= _telegram(_dict(entry).get("file_id"))
    for chapter in _list(document.get("chapters")):
        keys |= _pages(_list(_dict(chapter).get("pages")))
    for pack in _list(document.get("season_packs")):
        keys |= _telegram(_dict(pack).get("zip_file_id"))
    return keys


def _keys_of_part(part: Mapping[str, Any]) -> set[str]:
    keys: set[str] = set()
    media_id = _dict(part.get("tg_raw")).get("media_id")
    if isinstance(media_id, int) and not isinstance(media_id, bool) and media_id:
        keys.add(f"media:{media_id}")
    if (file_hash := _text(part.get("file_hash"))) is not None:
        keys.add(f"hash:{file_hash}")
    return keys


def _telegram(file_id: Any) -> set[str]:
    text = _text(file_id)
    if text is None:
        return set()
    decoded = decode_file_id(text)
    return {f"file:{text}"} | (set() if decoded is None else {f"media:{decoded.media_id}"})


def _pages(pages: Sequence[Any]) -> set[str]:
    named = [page for page in pages if isinstance(page, str) and page]
    if not named:
        return set()
    joined = "\0".join(named).encode("utf-8", "surrogatepass")
    return {f"pages:{hashlib.sha256(joined).hexdigest()}", *_telegram(named[0])}


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() and len(value) <= _LONGEST else None


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
