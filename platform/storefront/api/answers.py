"""What the API's lists answer with: titles, and what they can be narrowed by."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from msgspec import Struct

from content.catalogue import Page
from content.facets import Facets
from content.model import Title
from content.playable import held_back


class TitleSummary(Struct, kw_only=True):
    """A title in a list. `url` is its page on this site; `poster` a path on it, if it has one."""

    id: str
    slug: str
    url: str
    media_type: str
    title: str
    year: int | None
    rating: float | None
    content_rating: str
    genres: list[str]
    playable: bool
    poster: str | None


class TitleList(Struct, kw_only=True):
    """Some titles. `next` goes into `after` for those that follow; null where there are none."""

    titles: list[TitleSummary]
    next: str | None


class GenreAnswer(Struct, kw_only=True):
    """A value to narrow a list by: `key` goes into the parameter, `name` is for people."""

    key: str
    name: str
    count: int


class FacetAnswer(Struct, kw_only=True):
    """What the site's titles can be narrowed by."""

    genres: list[GenreAnswer]
    years: list[GenreAnswer]
    media_types: list[GenreAnswer]


def title_list(page: Page) -> TitleList:
    """A page of the catalogue."""
    return TitleList(titles=[TitleSummary(**summary_fields(title)) for title in page.titles], next=page.after)


def facet_answer(facets: Facets) -> FacetAnswer:
    """The facets of a site."""
    groups = {
        name: [GenreAnswer(key=facet.key, name=facet.name, count=facet.count) for facet in getattr(facets, name)]
        for name in ("genres", "years", "media_types")
    }
    return FacetAnswer(**groups)


def summary_fields(title: Title) -> dict[str, Any]:
    """The fields of a TitleSummary."""
    derived = title.derived
    return {
        "id": str(title.id),
        "slug": title.slug,
        "url": f"/title/{quote(title.slug, safe='')}",
        "media_type": derived.media_type,
        "title": title.name,
        "year": derived.year,
        "rating": derived.rating,
        "content_rating": derived.content_rating,
        "genres": derived.genre_names,
        "playable": derived.playable and held_back(title) is None,
        "poster": f"/art/{title.slug}/poster" if derived.visuals.poster or derived.pictures.poster else None,
    }
