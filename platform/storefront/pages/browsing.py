"""Finding something to watch or to read: home and browse."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from litestar import Response
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.handlers import route
from litestar.params import QueryParameter

from accounts.model import Viewer
from content.browsing import SORTS, Question, Sort
from content.catalogue import Row
from content.derive import genre_key
from content.facets import Facet
from content.model import Title
from content.progress.continuing import Continuing
from storefront.api.progress import CONTINUING
from storefront.following.views import going_cards
from storefront.pages.kinds import Kind, kind_of, kinds_shown
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import View, browse_url, card, film, row
from storefront.refusals import BadParameter

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
PAGE_SIZE: Final = 36
MOST_GENRES: Final = 16
SORT_NAMES: Final[dict[Sort, str]] = {
    "recent": "Newest here",
    "rating": "Best rated",
    "year": "Release year",
    "title": "Title",
}
_YEAR: Final = re.compile(r"[0-9]{4}", re.ASCII)

Text = Annotated[str, QueryParameter(max_length=2048)]


@route("/", http_method=READ, dependencies=CONTINUING)
async def home(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    continuing: NamedDependency[Continuing],
) -> Response[str]:
    """One title large, the others in rows."""
    rows = [(each, each.titles) for each in await catalogue.rows()]
    chosen = _featured(rows)
    whole = await catalogue.by_slug(chosen.slug) if chosen else None
    context = {
        "section": "home",
        "continuing": going_cards(await continuing.row(viewer.id)) if viewer else [],
        "featured": film(whole) if whole else None,
        "rows": [row(each.name, titles, _row_url(each)) for each, titles in rows],
    }
    return page(themes, tenant, "home.html", context)


@route("/browse", http_method=READ)
async def browse(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    kind: Text = "",
    genre: Text = "",
    year: Text = "",
    sort: Text = "recent",
    after: Text = "",
) -> Response[str]:
    """All titles, narrowed by what the URL says; `after` continues where the page before ended."""
    chosen = _kind(kind)
    media_type = chosen.media_type if chosen else None
    question = Question(media_type=media_type, genre=genre[:60] or None, year=_year(year), sort=_sort(sort))
    found = await catalogue.browse(question, after=after or None, limit=PAGE_SIZE)
    facets = await catalogue.facets()
    chips, heading = _chips(facets.genres, question)
    kinds = kinds_shown(facets.media_types)
    years = [int(facet.key) for facet in facets.years]
    context = {
        "section": "browse",
        "heading": heading or (chosen or _only(kinds)).heading,
        "kinds": _kind_chips(kinds, question) if len(kinds) > 1 else [],
        "kind": question.media_type or "",
        "genres": chips,
        "genre": question.genre or "",
        "years": years if question.year is None or question.year in years else [question.year, *years],
        "year": question.year,
        "sorts": [{"value": value, "name": name} for value, name in SORT_NAMES.items()],
        "sort": question.sort,
        "filtered": bool(question.media_type or question.genre or question.year),
        "titles": [card(title) for title in found.titles],
        "next_href": _url(question, after=found.after) if found.after else None,
    }
    return page(themes, tenant, "browse.html", context)


def _featured(rows: Sequence[tuple[Row, Sequence[Title]]]) -> Title | None:
    """The best rated title that plays and has something to say for itself, else the first there is."""
    titles = [
        title for _, row_titles in sorted(rows, key=lambda pair: pair[0].kind != "rating") for title in row_titles
    ]
    playing = [title for title in titles if title.derived.playable]
    told = [title for title in playing if title.overview]
    return next(iter(told or playing or titles), None)


def _row_url(each: Row) -> str:
    if each.kind == "genre":
        return browse_url(genre=each.name)
    return browse_url(sort="rating") if each.kind == "rating" else browse_url()


def _chips(genres: Sequence[Facet], question: Question) -> tuple[list[View], str]:
    """Links to the genres, the chosen one among them, and its name."""
    key = genre_key(question.genre) if question.genre else None
    shown = [genre for place, genre in enumerate(genres) if place < MOST_GENRES or genre.key == key]
    chosen = next((genre.name for genre in shown if genre.key == key), question.genre)
    chips = [_chip("All", _url(question, genre=None), active=key is None)]
    chips += [_chip(each.name, _url(question, genre=each.name), active=each.key == key) for each in shown]
    return chips, chosen or ""


def _kind_chips(kinds: Sequence[Kind], question: Question) -> list[View]:
    """Links to the kinds; a genre of one kind may have nothing of another, so that it is let go."""
    asked = question.media_type
    chips = [_chip("Everything", _url(question, kind=None, genre=None), active=asked is None)]
    for each in kinds:
        href = _url(question, kind=each.media_type, genre=None)
        chips.append(_chip(each.many, href, active=each.media_type == asked))
    return chips


def _only(kinds: Sequence[Kind]) -> Kind:
    return kinds[0] if len(kinds) == 1 else Kind("", "Title", "titles")


def _chip(name: str, href: str, *, active: bool) -> View:
    return {"name": name, "href": href, "active": active}


def _url(question: Question, **changed: str | None) -> str:
    filters: dict[str, object] = {
        "kind": question.media_type,
        "genre": question.genre,
        "year": question.year,
        "sort": question.sort,
    }
    if question.sort == "recent":
        del filters["sort"]
    return browse_url(**(filters | changed))


def _kind(text: str) -> Kind | None:
    found = kind_of(text)
    if text and found is None:
        raise BadParameter("kind: movie, series or manga")
    return found


def _year(text: str) -> int | None:
    if not text:
        return None
    if not _YEAR.fullmatch(text):
        raise BadParameter("A year has four digits.")
    return int(text)


def _sort(text: str) -> Sort:
    for sort in SORTS:
        if sort == (text or "recent"):
            return sort
    raise BadParameter("Titles can be sorted by recent, rating, year or title.")
