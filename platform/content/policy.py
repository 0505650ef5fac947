"""What of the shared catalogue a tenant shows: the same rules as a MongoDB filter and as a decision on one title.

Every list that is not empty narrows, and block lists always win. The rules are about the shared catalogue alone: a
tenant's own titles are its own business.
"""

from __future__ import annotations

from typing import Any

from content.derive import content_rating, genre_key
from content.model import Title
from storage.extended_json import identifiers
from tenancy.model import CataloguePolicy


def admits(title: Title, policy: CataloguePolicy) -> bool:
    """Whether the policy lets this shared title be shown; `as_filter` says the same to MongoDB."""
    derived = title.derived
    genres = set(derived.genres)
    return (
        policy.shared
        and (not policy.media_types or derived.media_type in policy.media_types)
        and (not policy.content_ratings or derived.content_rating in _ratings(policy))
        and (not policy.genres_allow or not genres.isdisjoint(_genres(policy.genres_allow)))
        and genres.isdisjoint(_genres(policy.genres_block))
        and (not policy.titles_allow or _is_named(title, policy.titles_allow))
        and not _is_named(title, policy.titles_block)
    )


def as_filter(policy: CataloguePolicy) -> dict[str, Any] | None:
    """What a shared title must match; None when nothing of the shared catalogue is shown."""
    if not policy.shared:
        return None
    rules: list[dict[str, Any]] = []
    if policy.media_types:
        rules.append({"_marquee.media_type": {"$in": list(policy.media_types)}})
    if policy.content_ratings:
        rules.append({"_marquee.content_rating": {"$in": _ratings(policy)}})
    if policy.genres_allow:
        rules.append({"_marquee.genres": {"$in": _genres(policy.genres_allow)}})
    if policy.genres_block:
        rules.append({"_marquee.genres": {"$nin": _genres(policy.genres_block)}})
    if policy.titles_allow:
        allowed = named_ids(policy.titles_allow)
        rules.append({"$or": [{"_id.id": {"$in": allowed}}, {"_marquee.slug": {"$in": allowed}}]})
    if policy.titles_block:
        blocked = named_ids(policy.titles_block)
        rules += [{"_id.id": {"$nin": blocked}}, {"_marquee.slug": {"$nin": blocked}}]
    return {"$and": rules} if rules else {}


def _ratings(policy: CataloguePolicy) -> list[str]:
    return [content_rating(rating) for rating in policy.content_ratings]


def _genres(genres: tuple[str, ...]) -> list[str]:
    return [genre_key(genre) for genre in genres]


def _is_named(title: Title, titles: tuple[Any, ...]) -> bool:
    named = named_ids(titles)
    return title.id in named or title.slug in named


def named_ids(titles: tuple[Any, ...]) -> list[Any]:
    """Ids as MongoDB may hold them. Objects are passed over: inside a filter they could be operators."""
    plain = [title for title in titles if not isinstance(title, dict | list)]
    return [identifier for title in plain for identifier in (identifiers(title) if isinstance(title, str) else [title])]
