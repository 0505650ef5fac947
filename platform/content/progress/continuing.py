"""What goes on: films, episodes and chapters in one row, and the history that they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from content.catalogue import Catalogue
from content.cursors import seal, unseal
from content.model import Title
from content.progress.model import TitleProgress, UnitProgress, unit_field
from content.progress.repository import Place, ProgressRepository
from content.progress.watching import Progress
from content.shown import shown, shown_with_units
from content.unit_offers import chapters_on, episodes_on
from content.units import ChapterUnit, EpisodeUnit
from storage.moments import epoch_of
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

MOST_IN_ROW: Final = 20
MOST_LISTED: Final = 50
_LOOKED_AT: Final = 60

Unit = EpisodeUnit | ChapterUnit


class Going(Struct, frozen=True, kw_only=True):
    """A title to go on with: at which unit (None: it has none), and how far that is seen (None: it comes next)."""

    title: Title
    unit: Unit | None
    progress: UnitProgress | None
    seen_at: float

    @property
    def target_id(self) -> str:
        """What is gone on with."""
        return f"{self.title.id}#{self.unit.key}" if self.unit else str(self.title.id)

    @property
    def share(self) -> float:
        """How much of it is seen, from 0 to 1."""
        return self.progress.share if self.progress else 0.0


class Seen(Struct, frozen=True, kw_only=True):
    """A title of the history and the unit that was seen last."""

    title: Title
    progress: TitleProgress


class SeenPage(Struct, frozen=True):
    """Some of the history, and the cursor of what follows."""

    seen: list[Seen]
    after: str | None = None


class Continuing:
    """One site's rows. What the site does not show, to whoever asks, is not in them. Raises StorageUnavailable."""

    def __init__(self, database: Database, tenant: ResolvedTenant, catalogue: Catalogue) -> None:
        self._tenant = tenant
        self._catalogue = catalogue
        self._titles = ProgressRepository(database, tenant.scope)
        self._progress = Progress(database, tenant.scope)

    async def row(self, viewer_id: object, *, limit: int = MOST_IN_ROW) -> list[Going]:
        """What to go on with, the last seen first."""
        await self._progress.take_over(viewer_id)
        listed = await self._titles.latest(viewer_id, after=None, limit=_LOOKED_AT, only_open=True)
        row: list[Going] = []
        step = max(4, limit)
        for start in range(0, len(listed), step):
            some = listed[start : start + step]
            titles = await shown(self._catalogue, [each.title for each in some])
            for each in some:
                card = titles.get(each.title)
                title = await shown_with_units(self._catalogue, card) if card else None
                going = await self._going(viewer_id, each, title) if title else None
                row += [going] if going else []
            if len(row) >= limit:
                break
        return row[:limit]

    async def history(self, viewer_id: object, *, after: str | None, limit: int) -> SeenPage:
        """A page of the titles that were seen, the last first. Raises CursorInvalid."""
        place = unseal(after, Place, self._tenant.id, "history", str(viewer_id)) if after else None
        await self._progress.take_over(viewer_id)
        wanted = max(1, min(limit, MOST_LISTED))
        listed = await self._titles.latest(viewer_id, after=place, limit=wanted + 1)
        kept = listed[:wanted]
        titles = await shown(self._catalogue, [each.title for each in kept])
        seen = [Seen(title=title, progress=each) for each in kept if (title := titles.get(each.title))]
        if len(listed) <= wanted:
            return SeenPage(seen)
        end = Place(round(epoch_of(kept[-1].at) * 1_000), kept[-1].title)
        return SeenPage(seen, seal(end, self._tenant.id, "history", str(viewer_id)))

    async def _going(self, viewer_id: object, listed: TitleProgress, title: Title) -> Going | None:
        seen_at = epoch_of(listed.at)
        units: Sequence[Unit] = episodes_on(title, self._tenant) or chapters_on(title, self._tenant)
        if not units:
            finished = listed.last.finished or listed.unit
            return None if finished else Going(title=title, unit=None, progress=listed.last, seen_at=seen_at)
        place = next((place for place, unit in enumerate(units) if unit.key == listed.unit), None)
        if place is None:
            # A series that was brought without an episode, or whose chapter is gone: from the first one on.
            return Going(title=title, unit=units[0], progress=None, seen_at=seen_at) if not listed.unit else None
        if not listed.last.finished and not _ended(units[place], listed.last):
            return Going(title=title, unit=units[place], progress=listed.last, seen_at=seen_at)
        whole = await self._titles.get(viewer_id, listed.title)
        known = whole.units if whole else {}
        for unit in units[place + 1 :]:
            progress = known.get(unit_field(unit.key))
            if progress is None or not progress.finished:
                return Going(title=title, unit=unit, progress=progress, seen_at=seen_at)
        return None


def _ended(unit: Unit, progress: UnitProgress) -> bool:
    """A brought place knows no number of pages; the chapter does."""
    if not isinstance(unit, ChapterUnit) or progress.page is None:
        return False
    return 0 < unit.page_count <= progress.page
