"""GET /suggestions and /search/kinds: what a text finds while it is typed, and of which kinds."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Request, get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from content.catalogue import Catalogue
from content.model import Title
from content.search.words import LONGEST_TEXT
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storefront.allowances import allow
from storefront.api.answers import GenreAnswer
from storefront.api.questions import number_of
from storefront.api.responses import TOO_OFTEN, problems, shown
from storefront.members import address_of
from storefront.pages.views import picture_sources
from storefront.refusals import BadParameter
from tenancy.resolver import ResolvedTenant

MOST_SUGGESTIONS: Final = 10
TYPED_PER_MINUTE: Final = 600
"""From one address, behind which a whole school may be typing."""
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_NO_STORE: Final = CacheControlHeader(no_store=True)

TypedText = Annotated[
    str, QueryParameter(max_length=LONGEST_TEXT, description="What was typed so far; its last word may be unfinished")
]
SuggestionLimit = Annotated[
    str | None, QueryParameter(description=f"From 1 to {MOST_SUGGESTIONS}; 8 by default", max_length=4)
]


class Suggestion(Struct, kw_only=True):
    """A title that the text may mean. `url` is its page on this site."""

    title: str
    url: str
    media_type: str
    year: int | None
    author: str | None
    poster: Annotated[str | None, Meta(description="A path on this host")]


class Suggestions(Struct, kw_only=True):
    """Titles, the best first."""

    suggestions: list[Suggestion]


class KindsAnswer(Struct, kw_only=True):
    """How many titles of each kind there are; at least so many where `complete` is false."""

    kinds: list[GenreAnswer]
    complete: bool


SUGGESTIONS: Final[dict[str, Any]] = {
    "suggestions": [
        {
            "title": "Big Buck Bunny",
            "url": "/title/v7K1wP2",
            "media_type": "movie",
            "year": 2008,
            "author": None,
            "poster": "/art/v7K1wP2/poster",
        }
    ]
}
KINDS: Final[dict[str, Any]] = {"kinds": [{"key": "movie", "name": "movie", "count": 3}], "complete": True}


@get(
    "/suggestions",
    operation_id="suggestTitles",
    summary="Titles that a text may mean, as it is typed",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(SUGGESTIONS),
    responses=problems(BadParameter(f"limit: a number from 1 to {MOST_SUGGESTIONS}"), TOO_OFTEN, _AWAY),
)
async def suggest_titles(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    limits: NamedDependency[Limits],
    catalogue: NamedDependency[Catalogue],
    q: TypedText = "",
    limit: SuggestionLimit = None,
) -> Suggestions:
    """A few titles, the best first; none for a text without a letter or digit. Typos are forgiven."""
    wanted = number_of("limit", limit, 1, MOST_SUGGESTIONS) or 8
    await _allow(limits, tenant, request)
    return Suggestions(suggestions=[_suggestion(title) for title in await catalogue.suggest(q, limit=wanted)])


@get(
    "/search/kinds",
    operation_id="countKindsFound",
    summary="How many titles of each kind a text finds",
    tags=["titles"],
    cache_control=_NO_STORE,
    operation_class=shown(KINDS),
    responses=problems(BadParameter("q: Expected `str` of length <= 200"), TOO_OFTEN, _AWAY),
)
async def count_kinds(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    limits: NamedDependency[Limits],
    catalogue: NamedDependency[Catalogue],
    q: TypedText = "",
) -> KindsAnswer:
    """The kinds that a search can be narrowed to, counted over what this site shows."""
    await _allow(limits, tenant, request)
    found = await catalogue.kinds(q)
    kinds = [GenreAnswer(key=each.key, name=each.name, count=each.count) for each in found.kinds]
    return KindsAnswer(kinds=kinds, complete=found.complete)


async def _allow(limits: Limits, tenant: ResolvedTenant, request: Request[Any, Any, Any]) -> None:
    # Whoever looks for a film is not to wait for Redis: while it is away nobody is counted.
    with suppress(StorageUnavailable):
        await allow(limits, tenant.scope, "typing", address_of(request), limit=TYPED_PER_MINUTE, seconds=60)


def _suggestion(title: Title) -> Suggestion:
    return Suggestion(
        title=title.name,
        url=f"/title/{quote(title.slug, safe='')}",
        media_type=title.derived.media_type,
        year=title.derived.year,
        author=title.author,
        poster=f"/art/{title.slug}/poster" if any(picture_sources(title, "poster")) else None,
    )
