"""How much two titles have to do with each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from content.model import Title

_FRANCHISE: Final = 8.0
_AUTHOR: Final = 4.0
_GENRES: Final = 3.0
_YEAR: Final = 1.0
_YEARS: Final = 20
_KIND: Final = 0.5
_RATING: Final = 0.05


def likeness(title: Title, other: Title) -> float:
    """From 0: one franchise weighs most, then the author, the share of common genres, and how near the years are.

    Kind and rating settle what is alike otherwise.
    """
    one, two = title.derived, other.derived
    score = _GENRES * _share(one.genres, two.genres)
    if one.franchise is not None and one.franchise == two.franchise:
        score += _FRANCHISE
    if one.author_key is not None and one.author_key == two.author_key:
        score += _AUTHOR
    if score and one.year is not None and two.year is not None:
        score += _YEAR * max(0.0, 1 - abs(one.year - two.year) / _YEARS)
    if score:
        score += _KIND * (one.media_type == two.media_type) + _RATING * max(two.rating or 0.0, 0.0)
    return score


def most_alike(title: Title, others: Iterable[Title], *, limit: int) -> list[Title]:
    """The titles most like this one, itself and those that have nothing in common with it left out."""
    scored = {other.slug: (likeness(title, other), other) for other in others if other.slug != title.slug}
    ordered = sorted(scored.values(), key=lambda each: (-each[0], each[1].slug))
    return [other for score, other in ordered if score > 0][:limit]


def _share(one: list[str], two: list[str]) -> float:
    both = set(one) | set(two)
    return len(set(one) & set(two)) / len(both) if both else 0.0
