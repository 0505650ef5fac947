"""Holding titles against the files that were taken down: what comes in again under another name stays down.

A tenant's titles are held against what its own site took down and what the platform did; the shared ones against the
platform's alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from content.derive import hidden_because
from content.lenient import read
from content.model import Derived, Title
from content.takedowns.files import file_keys, title_keys, unit_keys_of
from content.takedowns.model import BannedFile
from content.takedowns.repository import BannedFileRepository, BannedTitles
from content.takedowns.standing import Share, TitleBan, joined
from storage.extended_json import identity
from storage.mongo import Database, Stored
from storage.scope import PlatformScope, TenantScope

_MOST_KEYS_AT_ONCE = 2_000


class Screen:
    """Screens what comes into one owner's library; asks once whether there is anything at all to look for."""

    def __init__(self, database: Database, scope: TenantScope | PlatformScope, platform: PlatformScope) -> None:
        own = BannedFileRepository(database, scope)
        shared = BannedFileRepository(database, platform)
        self._books = [shared] if isinstance(scope, PlatformScope) else [own, shared]
        self._asked: list[BannedFileRepository] | None = None

    async def bans(self, documents: Sequence[Mapping[str, Any]]) -> dict[Any, list[Share]]:
        """What stands against each of the documents (with `_id`), by identity; most of the time nothing."""
        if self._asked is None:
            self._asked = [book for book in self._books if await book.has_any()]
        if not self._asked:
            return {}
        keys = {identity(each["_id"]): title_keys(each, every_page=True) for each in documents}
        wanted = sorted({key for found in keys.values() for key in found})
        banned: list[tuple[BannedFile, bool]] = []
        for start in range(0, len(wanted), _MOST_KEYS_AT_ONCE):
            some = wanted[start : start + _MOST_KEYS_AT_ONCE]
            for book in self._asked:
                by_platform = isinstance(book.scope, PlatformScope)
                banned += [(found, by_platform) for found in await book.of_keys(some)]
        if not banned:
            return {}
        found = {identity(each["_id"]): _shares(each, keys[identity(each["_id"])], banned) for each in documents}
        return {known: shares for known, shares in found.items() if shares}


def with_shares(ban: TitleBan | None, shares: Sequence[Share]) -> TitleBan | None:
    """The ban with what screening found."""
    for share in shares:
        ban = joined(ban, share)
    return ban


async def screen_library(database: Database, scope: TenantScope | PlatformScope, platform: PlatformScope) -> list[Any]:
    """Holds every title of the owner against the books; gives the ids of those that it took down."""
    screen = Screen(database, scope, platform)
    titles = BannedTitles(database, scope)
    return [document["_id"] async for document in titles.documents() if await _screened(titles, screen, document)]


async def screen_title(
    database: Database, scope: TenantScope | PlatformScope, platform: PlatformScope, title_id: Any
) -> bool:
    """The same for one title; whether anything was taken down."""
    screen = Screen(database, scope, platform)
    titles = BannedTitles(database, scope)
    document = await titles.stored(title_id)
    return document is not None and await _screened(titles, screen, document)


async def _screened(titles: BannedTitles, screen: Screen, document: Stored) -> bool:
    shares = (await screen.bans([document])).get(identity(document["_id"]))
    if not shares:
        return False
    derived = read(document.get("_marquee") or {}, Derived)
    before = derived.ban
    derived.ban = with_shares(before, shares)
    if derived.ban == before:
        return False
    return await titles.put_ban(document["_id"], derived.ban, hidden_because=hidden_because(derived))


def _shares(document: Mapping[str, Any], keys: set[str], banned: Sequence[tuple[BannedFile, bool]]) -> list[Share]:
    names = {document["_id"], str(document["_id"])} if isinstance(document["_id"], str | int) else set()
    shares: list[Share] = []
    for file, by_platform in banned:
        if file.id not in keys or names.intersection(file.bearers):
            continue
        units, files = ((), ()) if file.whole else _parts(document, file.id)
        shares += [
            Share(case=case, units=units, files=files, public_reason=file.public_reason, by_platform=by_platform)
            for case in file.cases
        ]
    return shares


def _parts(document: Mapping[str, Any], key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which units or files of the title hold the file; the file alone where that is neither."""
    title = read({**document, "id": document["_id"]}, Title)
    units = tuple(unit for unit, keys in unit_keys_of(title, every_page=True).items() if key in keys)
    held = any(key in file_keys(file) for file in document.get("files") or [])
    return units, (key,) if held or not units else ()
