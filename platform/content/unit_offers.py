"""The episodes, chapters and season packs of a title as one tenant's site offers them, and the buckets behind them."""

from __future__ import annotations

from mimetypes import guess_extension

import msgspec

from content.media.judging import judge_media
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from content.media.resolving import is_file_id
from content.model import Title
from content.playable import NotPlayable, Playable, Quality, held_back
from content.takedowns.bans import banned_files, banned_units
from content.takedowns.files import hash_keys
from content.units import ChapterUnit, EpisodeUnit, PackUnit, chapters, episodes, packs
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

TAKEN_DOWN = "it was taken down"


def unless_taken_down(
    verdict: Playable | NotPlayable, gone: frozenset[str], file_id: str | None = None
) -> Playable | NotPlayable:
    """The verdict, but for a bucket of which a file was taken down; `gone` are the keys of such files."""
    if isinstance(verdict, NotPlayable) or not gone:
        return verdict
    keys = {f"file:{file_id}"}
    for document in verdict.bucket.documents:
        keys |= {f"media:{document.media_id}", *hash_keys(document.file_hash)}
    return verdict if gone.isdisjoint(keys) else NotPlayable(TAKEN_DOWN)


def episodes_on(title: Title, tenant: ResolvedTenant) -> list[EpisodeUnit]:
    """The episodes that the site lists: all but those that were taken down."""
    gone = banned_units(title, tenant)
    return [unit for unit in episodes(title) if unit.key not in gone]


def chapters_on(title: Title, tenant: ResolvedTenant) -> list[ChapterUnit]:
    """The chapters that the site lists: all but those that were taken down."""
    gone = banned_units(title, tenant)
    return [unit for unit in chapters(title) if unit.key not in gone]


def packs_on(title: Title, tenant: ResolvedTenant) -> list[PackUnit]:
    """The season packs that the site offers: none of a season of which an episode was taken down."""
    gone = banned_units(title, tenant)
    seasons = {unit.season for unit in episodes(title) if unit.key in gone}
    return [unit for unit in packs(title) if unit.season not in seasons]


class UnitFiles:
    """The files behind a title's units, within one tenant. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, tenant: ResolvedTenant) -> None:
        self._tenant = tenant
        self._own = MediaRepository(database, tenant.scope)
        self._shared = MediaRepository(database, tenant.shared)

    async def episode(self, title: Title, unit: EpisodeUnit) -> list[Quality]:
        """The qualities of an episode, in their order."""
        known = await self._media(title).many(source.file_id for source in unit.qualities if source.file_id)
        name = f"{title.name} S{unit.season:02}E{unit.episode:02}"
        return [
            Quality(
                place=source.place,
                quality=source.quality,
                label=source.quality,
                verdict=_named(self._judged(title, source.file_id, known, source.reason), f"{name} {source.quality}"),
            )
            for source in unit.qualities
        ]

    async def pack(self, title: Title, unit: PackUnit) -> Playable | NotPlayable:
        """The archive of a season."""
        known = await self._media(title).many([unit.file_id] if unit.file_id else [])
        verdict = self._judged(title, unit.file_id, known, unit.reason, is_video=False)
        uploaded = known[unit.file_id].file_name if unit.file_id in known else None
        ending = f".{uploaded.rpartition('.')[2]}" if uploaded and "." in uploaded else ""
        return _named(verdict, f"{title.name} S{unit.season:02}", ending or None)

    async def page(self, title: Title, file_id: str | None) -> Playable | NotPlayable:
        """The picture of a page of any type; whoever shows it tells the type by its bytes."""
        known = await self._media(title).many([file_id] if file_id else [])
        return self._judged(title, file_id, known, held_back(title), is_video=False)

    async def picture(self, title: Title, file_id: str) -> Playable | NotPlayable:
        """One of the title's visuals, whatever its status; of any type, as pages are."""
        known = await self._media(title).many([file_id])
        return self._judged(title, file_id, known, None, is_video=False)

    def _media(self, title: Title) -> MediaRepository:
        return self._shared if title.is_shared else self._own

    def _judged(
        self,
        title: Title,
        file_id: str | None,
        known: dict[str, MediaFile],
        reason: str | None,
        *,
        is_video: bool = True,
    ) -> Playable | NotPlayable:
        """What the file makes, unless there is a `reason` already why it cannot be had."""
        if reason is not None:
            return NotPlayable(reason)
        if not file_id:
            return NotPlayable("it has no file")
        owner = self._media(title).scope.owner
        verdict = judge_media(file_id, known, owner, is_file_id, is_video=is_video)
        return unless_taken_down(verdict, banned_files(title, self._tenant), file_id)


def _named(verdict: Playable | NotPlayable, name: str, ending: str | None = None) -> Playable | NotPlayable:
    if isinstance(verdict, NotPlayable):
        return verdict
    file_name = name.strip() + (ending or guess_extension(verdict.bucket.mime) or "")
    return Playable(msgspec.structs.replace(verdict.bucket, file_name=file_name))
