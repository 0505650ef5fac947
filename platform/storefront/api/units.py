"""GET /titles/{title_id}/episodes and /chapters: what a series and a book consist of."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Any, Final, TypeVar

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.cursors import CursorInvalid, seal, unseal
from content.takedowns.bans import TitleBanned
from content.unit_offers import chapters_on, episodes_on
from content.units import ChapterUnit, EpisodeUnit
from storage.errors import StorageUnavailable
from storefront.api.playing import opened
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import BAD_ID, NO_TITLE, problems, shown
from storefront.api.unit_answers import (
    CHAPTERS,
    EPISODES,
    ChapterList,
    EpisodeList,
    chapter_answer,
    episode_answer,
)
from storefront.refusals import BadParameter
from tenancy.resolver import ResolvedTenant

MOST_UNITS: Final = 500
USUAL_UNITS: Final = 100
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_NO_STORE: Final = CacheControlHeader(no_store=True)
LimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_UNITS}; {USUAL_UNITS} by default")]
SeasonText = Annotated[str | None, QueryParameter(max_length=6, description="One season; 0 are the specials")]
_PROBLEMS: Final = (
    BAD_ID,
    BadParameter(f"limit: a number from 1 to {MOST_UNITS}"),
    CursorInvalid("the cursor belongs to another question"),
    AgeGateClosed(),
    NO_TITLE,
    TitleBanned("Taken down at the request of its owner."),
    _AWAY,
)


class UnitPosition(Struct, frozen=True, array_like=True):
    """Where a page ended: a season and an episode, or a chapter's number and nothing."""

    first: float
    second: float = 0


@get(
    "/titles/{title_id:str}/episodes",
    operation_id="listEpisodes",
    summary="The episodes of a series",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(EPISODES),
    responses=problems(*_PROBLEMS),
)
async def list_episodes(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    title_id: FromPath[str],
    season: SeasonText = None,
    limit: LimitText = None,
    after: AfterText = None,
) -> EpisodeList:
    """A page of the episodes, all seasons or one; none for what is no series."""
    wanted, only = number_of("limit", limit, 1, MOST_UNITS) or USUAL_UNITS, _season(season)
    title = await opened(catalogue, title_id)
    units = [unit for unit in episodes_on(title, tenant) if only is None or unit.season == only]
    places = [UnitPosition(unit.season, unit.episode) for unit in units]
    page, following = _page(units, places, wanted, after, tenant, ("episodes", title.slug, only))
    return EpisodeList(episodes=[episode_answer(title, unit) for unit in page], next=following)


@get(
    "/titles/{title_id:str}/chapters",
    operation_id="listChapters",
    summary="The chapters of a book",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(CHAPTERS),
    responses=problems(*_PROBLEMS),
)
async def list_chapters(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    title_id: FromPath[str],
    limit: LimitText = None,
    after: AfterText = None,
) -> ChapterList:
    """A page of the chapters; none for what is no book."""
    wanted = number_of("limit", limit, 1, MOST_UNITS) or USUAL_UNITS
    title = await opened(catalogue, title_id)
    units = chapters_on(title, tenant)
    places = [UnitPosition(unit.chap) for unit in units]
    page, following = _page(units, places, wanted, after, tenant, ("chapters", title.slug))
    return ChapterList(chapters=[chapter_answer(title, unit) for unit in page], next=following)


U = TypeVar("U", EpisodeUnit, ChapterUnit)


def _page(
    units: list[U], places: list[UnitPosition], wanted: int, after: str | None, tenant: ResolvedTenant, asked: Any
) -> tuple[list[U], str | None]:
    """The units after the cursor, and the cursor of those that follow. Raises CursorInvalid."""
    keys = [(place.first, place.second) for place in places]
    start = 0
    if after is not None:
        last = unseal(after, UnitPosition, tenant.id, *asked)
        start = bisect_right(keys, (last.first, last.second))
    page = units[start : start + wanted]
    more = start + wanted < len(units)
    return page, seal(places[start + wanted - 1], tenant.id, *asked) if more else None


def _season(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadParameter("season: a number from 0 to 999999")
    return int(text)
