"""What a file is known by, wherever it turns up again: pure, over documents as users bring them.

Keys are `media:<Telegram document id>`, `hash:<file_hash>`, `file:<Telegram file id>` and, for the pages of a chapter,
`pages:<hash of their file ids>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from content.lenient import read
from content.model import FileState, RawKeys, Title, TitleFile
from content.units import chapters, episodes, packs
from streaming.telegram.file_ids import decode_file_id

_LONGEST: Final = 512


def file_keys(file: Any, state: Any = None) -> set[str]:
    """The keys of one entry of `files`; `state` is what the platform resolved of it (`_marquee.files[i]`).

    They are read as whoever plays the file reads them: a number that was brought as text is that number.
    """
    if not isinstance(file, dict):
        return set()
    brought = read(cast("dict[str, Any]", file), TitleFile)
    resolved = read(_dict(state), FileState)
    keys = _telegram(brought.telegram_id) | _keys_of(brought.tg_raw, brought.file_hash)
    for part in (*brought.documents, *resolved.documents):
        keys |= _keys_of(part.tg_raw, part.file_hash)
    return keys


def unit_keys_of(title: Title, *, every_page: bool = False) -> dict[str, set[str]]:
    """The keys of every episode (`s1e2`), chapter (`c12.5`) and season pack (`pack/1`) of a title.

    With `every_page` a chapter's are those of all its pages: what it is searched by, where fewer are remembered.
    """
    found = {
        unit.key: set[str]().union(*(_telegram(source.file_id) for source in unit.qualities))
        for unit in episodes(title)
    }
    found |= {unit.key: _pages(unit.pages, every_page=every_page) for unit in chapters(title)}
    return found | {unit.key: _telegram(unit.file_id) for unit in packs(title)}


def title_keys(document: Mapping[str, Any], *, every_page: bool = False) -> set[str]:
    """The keys of everything that a title (with `_id`) holds: its files, episodes, chapters and season packs."""
    states = _list(_dict(document.get("_marquee")).get("files"))
    keys: set[str] = set()
    for place, file in enumerate(_list(document.get("files"))):
        keys |= file_keys(file, states[place] if place < len(states) else None)
    title = read({**document, "id": document["_id"]}, Title)
    return keys.union(*unit_keys_of(title, every_page=every_page).values())


def hash_keys(file_hash: str) -> set[str]:
    """The hash as it came, and as somebody would write it who wants it to look like another."""
    return {f"hash:{file_hash}", f"hash:{file_hash.casefold()}"}


def _keys_of(raw: RawKeys | None, file_hash: str | None) -> set[str]:
    keys = {f"media:{raw.media_id}"} if raw is not None and raw.media_id else set[str]()
    text = _text(file_hash)
    return keys if text is None else keys | hash_keys(text)


def _telegram(file_id: Any) -> set[str]:
    text = _text(file_id)
    if text is None:
        return set()
    decoded = decode_file_id(text)
    return {f"file:{text}"} | (set() if decoded is None else {f"media:{decoded.media_id}"})


def _pages(pages: Sequence[Any], *, every_page: bool) -> set[str]:
    """By all pages in their order and in none, and by the middle one: the first and the last are often somebody's card,
    and stand in chapters that have nothing to do with this one."""
    named = [page for page in pages if isinstance(page, str) and page]
    if not named:
        return set()
    keys = {_hashed(named), _hashed(sorted(set(named))), *_telegram(named[len(named) // 2])}
    return keys.union(f"file:{page.strip()}" for page in named) if every_page else keys


def _hashed(pages: Sequence[str]) -> str:
    return f"pages:{hashlib.sha256(chr(0).join(pages).encode('utf-8', 'surrogatepass')).hexdigest()}"


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() and len(value) <= _LONGEST else None


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
