"""GET /titles, /titles/{title_id} and /genres: what this site shows."""

from __future__ import annotations

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath

from content.audience import AgeGateClosed
from content.catalogue import Catalogue, Page
from content.cursors import CursorInvalid
from content.locating import offers
from content.takedowns.bans import TitleBanned
from storage.errors import StorageUnavailable
from storefront.api.answers import FacetAnswer, TitleList, facet_answer, title_list
from storefront.api.examples import GENRES, TITLE, TITLES
from storefront.api.playing import opened
from storefront.api.questions import (
    AfterText,
    AuthorText,
    FranchiseText,
    GenreText,
    LimitText,
    MediaTypeText,
    SearchText,
    SortText,
    YearText,
    limit_of,
    question_of,
)
from storefront.api.responses import BAD_ID, NO_TITLE, problems, shown
from storefront.api.title_answers import TitleDetail, title_detail
from storefront.refusals import BadParameter
from tenancy.resolver import ResolvedTenant

_AWAY = StorageUnavailable("MongoDB cannot be reached")
_NO_STORE = CacheControlHeader(no_store=True)
TITLE_PROBLEMS = (
    BAD_ID,
    AgeGateClosed(),
    NO_TITLE,
    TitleBanned("Taken down at the request of its owner."),
    _AWAY,
)


@get(
    "/titles",
    operation_id="listTitles",
    summary="Browse or search the titles of this site",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(TITLES),
    responses=problems(
        BadParameter("year: a number from 1 to 9999"), CursorInvalid("the cursor belongs to another question"), _AWAY
    ),
)
async def list_titles(
    catalogue: NamedDependency[Catalogue],
    media_type: MediaTypeText = None,
    genre: GenreText = None,
    year: YearText = None,
    author: AuthorText = None,
    franchise: FranchiseText = None,
    sort: SortText = None,
    limit: LimitText = None,
    after: AfterText = None,
    q: SearchText = None,
) -> TitleList:
    """A page of the catalogue in the given order or, with `q`, of what matches best, whatever the order given."""
    question, wanted = question_of(media_type, genre, year, sort, author, franchise), limit_of(limit)
    if q is None:
        return title_list(await catalogue.browse(question, after=after, limit=wanted))
    return title_list(await catalogue.search(q, question, after=after, limit=wanted))


@get(
    "/titles/{title_id:str}",
    operation_id="getTitle",
    summary="One title with its qualities, and what it consists of",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(TITLE),
    responses=problems(*TITLE_PROBLEMS),
)
async def get_title(
    catalogue: NamedDependency[Catalogue], tenant: NamedDependency[ResolvedTenant], title_id: FromPath[str]
) -> TitleDetail:
    """The title of this id or slug, as this site shows it."""
    title = await opened(catalogue, title_id)
    return title_detail(title, offers(title, tenant), tenant)


@get(
    "/titles/{title_id:str}/related",
    operation_id="listRelated",
    summary="More like this",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(TITLES),
    responses=problems(*TITLE_PROBLEMS, BadParameter("limit: a number from 1 to 100")),
)
async def list_related(
    catalogue: NamedDependency[Catalogue], title_id: FromPath[str], limit: LimitText = None
) -> TitleList:
    """Titles of the same franchise, author, genres and years, the most alike first; one answer without a cursor."""
    wanted = limit_of(limit)
    return title_list(Page(await catalogue.related(await opened(catalogue, title_id), limit=wanted)))


@get(
    "/genres",
    operation_id="listGenres",
    summary="What the titles of this site can be narrowed by",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(GENRES),
    responses=problems(_AWAY),
)
async def list_genres(catalogue: NamedDependency[Catalogue]) -> FacetAnswer:
    """Genres, years and media types, counted over what this site shows."""
    return facet_answer(await catalogue.facets())
