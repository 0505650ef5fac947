"""GET /titles, /titles/{title_id} and /genres: what this site shows."""

from __future__ import annotations

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath

from content.catalogue import Catalogue
from content.cursors import CursorInvalid
from content.locating import offers
from storage.errors import StorageUnavailable
from storefront.api.answers import FacetAnswer, TitleDetail, TitleList, facet_answer, title_detail, title_list
from storefront.api.examples import GENRES, TITLE, TITLES
from storefront.api.questions import (
    AfterText,
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
from storefront.refusals import BadParameter, TitleNotFound
from tenancy.resolver import ResolvedTenant

_AWAY = StorageUnavailable("MongoDB cannot be reached")
_NO_STORE = CacheControlHeader(no_store=True)


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
    sort: SortText = None,
    limit: LimitText = None,
    after: AfterText = None,
    q: SearchText = None,
) -> TitleList:
    """A page of the catalogue in the given order or, with `q`, of what matches best, whatever the order given."""
    question, wanted = question_of(media_type, genre, year, sort), limit_of(limit)
    if q is None:
        return title_list(await catalogue.browse(question, after=after, limit=wanted))
    return title_list(await catalogue.search(q, question, after=after, limit=wanted))


@get(
    "/titles/{title_id:str}",
    operation_id="getTitle",
    summary="One title with its qualities",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(TITLE),
    responses=problems(BAD_ID, NO_TITLE, _AWAY),
)
async def get_title(
    catalogue: NamedDependency[Catalogue], tenant: NamedDependency[ResolvedTenant], title_id: FromPath[str]
) -> TitleDetail:
    """The title of this id or slug, as this site shows it."""
    title = await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(f"Nothing on this site has the id or slug {title_id!r}.")
    return title_detail(title, offers(title, tenant))


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
