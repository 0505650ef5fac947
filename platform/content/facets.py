"""What a list can be narrowed by, counted over exactly the titles that a tenant shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import Struct

from content.derive import genre_key
from content.model import MEDIA_TYPES, Title

K = TypeVar("K", str, int)


class Counts(Struct, kw_only=True):
    """How many titles there are of a genre (as written), a year, a media type."""

    genres: dict[str, int]
    years: dict[int, int]
    media_types: dict[str, int]


class Facet(Struct, frozen=True):
    """A value that a list can be narrowed by; `key` goes into the question, `name` is for people."""

    key: str
    name: str
    count: int


class Facets(Struct, frozen=True):
    """What there is to narrow by: genres by count, years from the latest, media types in their order."""

    genres: list[Facet]
    years: list[Facet]
    media_types: list[Facet]


def counts_of(titles: Iterable[Title]) -> Counts:
    """The counts of titles at hand."""
    genres: Counter[str] = Counter()
    years: Counter[int] = Counter()
    media_types: Counter[str] = Counter()
    for title in titles:
        genres.update(title.derived.genre_names)
        media_types[title.derived.media_type] += 1
        if title.derived.year is not None:
            years[title.derived.year] += 1
    return Counts(genres=dict(genres), years=dict(years), media_types=dict(media_types))


def facets_of(own: Counts, shared: Counts, hidden: Counts) -> Facets:
    """The tenant's own counts and the shared ones, less those of shared titles that own titles hide."""
    years = _less(Counter(own.years) + Counter(shared.years), hidden.years)
    media_types = _less(Counter(own.media_types) + Counter(shared.media_types), hidden.media_types)
    return Facets(
        genres=_genres(_less(Counter(own.genres) + Counter(shared.genres), hidden.genres)),
        years=[Facet(str(year), str(year), years[year]) for year in sorted(years, reverse=True)],
        media_types=[Facet(kind, kind, media_types[kind]) for kind in MEDIA_TYPES if kind in media_types],
    )


def _less(counts: Counter[K], hidden: Mapping[K, int]) -> Counter[K]:
    return +Counter({key: count - hidden.get(key, 0) for key, count in counts.items()})


def _genres(counts: Mapping[str, int]) -> list[Facet]:
    totals: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        totals[genre_key(name)] += count
        names.setdefault(genre_key(name), name)
    ordered = sorted(totals.items(), key=lambda each: (-each[1], each[0]))
    return [Facet(key, names[key], count) for key, count in ordered]
