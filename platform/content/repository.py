"""Every query of the library, each named by the question it answers, over one owner's titles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from msgspec import to_builtins

from content.browsing import Position, Question, ascends, beyond, wanted
from content.facets import Counts
from content.known import LinkState, Pictures
from content.lenient import read
from content.model import FileState, Title, UnitState
from storage.across import Across
from storage.extended_json import identifiers
from storage.mongo import Database
from storage.repository import TenantRepository
from storage.scope import PlatformScope

_DERIVED: Final = (
    *("slug", "name", "media_type", "content_rating", "year", "rating", "genres", "genre_names"),
    *("author_key", "franchise", "franchise_name"),
    *("status", "visible", "playable", "sort", "rights", "ban", "added_at", "visuals"),
)
_CARD: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("title", "author", "overview", "visuals"), 1),
    **{f"_marquee.{name}": 1 for name in _DERIVED},
    **dict.fromkeys(("_marquee.pictures.poster", "_marquee.pictures.backdrop"), 1),
}
"""What a list shows of a title: no buckets, no chapters."""
_AKIN_NAMED: Final = 40
_AKIN_LATEST: Final = 120
_AKIN_GENRES: Final = 8
_ALIKE: Final[Mapping[str, Any]] = {
    f"_marquee.{name}": 1
    for name in ("slug", "media_type", "year", "rating", "genres", "author_key", "franchise", "visible")
}
"""What likeness is judged by."""
_NAMES: Final[Mapping[str, Any]] = {"_marquee.slug": 1}
_COUNTED: Final[Mapping[str, Any]] = {
    f"_marquee.{name}": 1 for name in ("genre_names", "year", "media_type", "slug", "visible")
}


class TitleRepository(TenantRepository[Title]):
    """The titles of one owner, read leniently."""

    collection = "library"
    document = Title

    @classmethod
    def _decode(cls, document: dict[str, Any]) -> Title:
        return read(document, Title)

    def _ids(self, ids: Iterable[Any]) -> list[dict[str, Any]]:
        return [{"owner": self.scope.owner, "id": each} for each in ids]

    async def named(self, text: str) -> Title | None:
        """The title of this id or, if there is none, of this slug; whether or not it may be shown."""
        either = [{"_id": {"$in": self._ids(identifiers(text))}}, {"_marquee.slug": text}]
        found = await self._list({"$or": either}, limit=4)
        by_id = [title for title in found if title.slug != text]
        return self._marked(by_id or found)[0] if found else None

    async def by_id(self, title_id: Any) -> Title | None:
        """The title of exactly this id, whether or not it may be shown."""
        found = await self._get(title_id)
        return None if found is None else self._marked([found])[0]

    async def by_slug(self, slug: str) -> Title | None:
        """The title of this slug, whether or not it may be shown."""
        found = await self._find_one({"_marquee.slug": slug})
        return None if found is None else self._marked([found])[0]

    async def with_chapter(self, slug: str, key: str) -> Title | None:
        """The title of this slug with no file but those of the chapter of this key, whether or not it may be shown."""
        place = {
            "$arrayElemAt": ["$_marquee.units.place", {"$indexOfArray": ["$_marquee.units.key", key]}],
        }
        has_chapter = {"$and": [{"$isArray": "$chapters"}, {"$in": [key, {"$ifNull": ["$_marquee.units.key", []]}]}]}
        stages: list[dict[str, Any]] = [
            {"$match": {"_marquee.slug": slug}},
            {"$limit": 1},
            {"$set": {"chapters": {"$cond": [has_chapter, {"$slice": ["$chapters", place, 1]}, []]}}},
            {"$project": {**_CARD, "chapters": 1}},
        ]
        async for found in self._aggregate(stages):
            found["id"] = found.pop("_id")["id"]
            return self._marked([self._decode(found)])[0]
        return None

    async def taken(self, titles: Sequence[Title]) -> list[Title]:
        """Those of another owner's titles whose id or slug this owner has a title of, whatever its status."""
        if not titles:
            return []
        ids = [title.id for title in titles]
        slugs = [title.slug for title in titles]
        either = [{"_id": {"$in": self._ids(ids)}}, {"_marquee.slug": {"$in": slugs}}]
        own = await self._list({"$or": either}, projection=_NAMES, limit=2 * len(titles))
        own_ids, own_slugs = [each.id for each in own], {each.slug for each in own}
        return [title for title in titles if title.slug in own_slugs or title.id in own_ids]

    async def page(
        self, question: Question, *, rules: Mapping[str, Any], after: Position | None, limit: int
    ) -> list[Title]:
        """Titles that may be shown, in the question's order, after the position."""
        conditions: list[Mapping[str, Any]] = [wanted(question)]
        conditions += [rules] if rules else []
        conditions += [beyond(after, question.sort)] if after else []
        order = 1 if ascends(question.sort) else -1
        found = await self._list(
            {"$and": conditions},
            projection=_CARD,
            sort=[(f"_marquee.sort.{question.sort}", order), ("_marquee.slug", 1)],
            limit=limit,
        )
        return self._marked(found)

    async def matching(self, text: str, question: Question, *, rules: Mapping[str, Any], limit: int) -> list[Title]:
        """Titles whose title or author has one of the words, the best first."""
        conditions: list[Mapping[str, Any]] = [{"$text": {"$search": text}}, wanted(question)]
        score = {"$meta": "textScore"}
        found = await self._list(
            {"$and": [*conditions, rules] if rules else conditions},
            projection={**_CARD, "_marquee_score": score},
            sort=[("_marquee_score", score)],
            limit=limit,
        )
        return self._marked(found)

    async def starting_with(
        self, cleaned: str, question: Question, *, rules: Mapping[str, Any], limit: int
    ) -> list[Title]:
        """Titles whose sort title starts with the text."""
        start: dict[str, Any] = {"_marquee.sort.title": {"$gte": cleaned, "$lt": f"{cleaned}\U0010ffff"}}
        conditions: list[Mapping[str, Any]] = [start, wanted(question)]
        found = await self._list(
            {"$and": [*conditions, rules] if rules else conditions},
            projection=_CARD,
            sort=[("_marquee.sort.title", 1), ("_marquee.slug", 1)],
            limit=limit,
        )
        return self._marked(found)

    async def among(self, ids: Sequence[Any], question: Question, *, rules: Mapping[str, Any]) -> list[Title]:
        """Those of the ids that may be shown and are asked for, in no order."""
        conditions: list[Mapping[str, Any]] = [{"_id": {"$in": self._ids(ids)}}, wanted(question)]
        conditions += [rules] if rules else []
        return self._marked(await self._list({"$and": conditions}, projection=_CARD, limit=len(ids)))

    async def akin(self, title: Title, *, rules: Mapping[str, Any]) -> list[Title]:
        """Titles that may be shown of the same franchise, of the same author, and the latest of its genres; of each no
        more than likeness is judged by."""
        derived = title.derived
        asked: list[tuple[dict[str, Any], int]] = []
        if derived.franchise is not None:
            asked.append(({"_marquee.franchise": derived.franchise}, _AKIN_NAMED))
        if derived.author_key is not None:
            asked.append(({"_marquee.author_key": derived.author_key}, _AKIN_NAMED))
        if derived.genres:
            asked.append(({"_marquee.genres": {"$in": derived.genres[:_AKIN_GENRES]}}, _AKIN_LATEST))
        order = [("_marquee.sort.recent", -1), ("_marquee.slug", 1)]
        found = await asyncio.gather(
            *(
                self._list(
                    {"$and": [{"_marquee.visible": True}, also, *([rules] if rules else [])]},
                    projection=_ALIKE,
                    sort=order,
                    limit=limit,
                )
                for also, limit in asked
            )
        )
        return self._marked(list({each.slug: each for some in found for each in some}.values()))

    async def counts(self, *, rules: Mapping[str, Any]) -> Counts:
        """How the titles that may be shown spread over genres, years and media types."""
        shown: dict[str, Any] = {"_marquee.visible": True}
        stages: list[dict[str, Any]] = [
            {"$match": {"$and": [shown, rules]} if rules else shown},
            {
                "$facet": {
                    "genres": [
                        {"$unwind": "$_marquee.genre_names"},
                        {"$group": {"_id": "$_marquee.genre_names", "count": {"$sum": 1}}},
                    ],
                    "years": [{"$group": {"_id": "$_marquee.year", "count": {"$sum": 1}}}],
                    "media_types": [{"$group": {"_id": "$_marquee.media_type", "count": {"$sum": 1}}}],
                }
            },
        ]
        async for found in self._aggregate(stages):
            return Counts(
                genres=_counted(found["genres"]),
                years=_counted(found["years"]),
                media_types=_counted(found["media_types"]),
            )
        return Counts(genres={}, years={}, media_types={})

    async def names(self) -> AsyncIterator[Title]:
        """Id and slug of every title of the owner."""
        async for title in self._find(projection=_NAMES):
            yield title

    async def shown_of(self, ids: Sequence[Any], slugs: Sequence[str], *, rules: Mapping[str, Any]) -> list[Title]:
        """Those of the ids and slugs that may be shown, with what facets count."""
        either = [{"_id": {"$in": self._ids(ids)}}, {"_marquee.slug": {"$in": list(slugs)}}]
        conditions: list[Mapping[str, Any]] = [{"$or": either}, {"_marquee.visible": True}]
        filters = {"$and": [*conditions, rules] if rules else conditions}
        return await self._list(filters, projection=_COUNTED, limit=len(ids) + len(slugs))

    async def set_visuals(
        self, title_id: Any, *, poster: str | None, backdrop: str | None, screenshots: Sequence[str] = ()
    ) -> bool:
        """Names the blobs that the title is shown with; False if there is no such title."""
        named = {"poster": poster, "backdrop": backdrop, "screenshots": list(screenshots)}
        fields = {"_marquee.visuals": named}
        return await self._update(title_id, {"$set": fields}) > 0

    async def settle_files(self, title: Title, files: Sequence[FileState], *, playable: bool) -> bool:
        """Writes what a worker found out about the buckets, if no import came in between."""
        changes = {"_marquee.files": to_builtins(list(files)), "_marquee.playable": playable}
        unchanged = {"_marquee.files.file": {"$all": [each.file for each in files]}} if files else None
        return await self._update(title.id, {"$set": changes}, where=unchanged) > 0

    async def settle_units(
        self, title: Title, states: Sequence[UnitState], pictures: Pictures, *, playable: bool
    ) -> bool:
        """Writes what is known of the episodes, chapters and pictures now, if no import came in between."""
        changes = {
            "_marquee.units": to_builtins(list(states)),
            "_marquee.pictures": to_builtins(pictures),
            "_marquee.playable": playable,
        }
        unchanged = {"_marquee.units_files": title.derived.units_files}
        return await self._update(title.id, {"$set": changes}, where=unchanged) > 0

    async def links_due(self, now: float, *, limit: int) -> list[Any]:
        """Ids of titles that have a link to ask now (epoch seconds), the longest due first."""
        found = await self._list(
            {"_marquee.links_due": {"$gt": 0, "$lte": now}},
            projection=_NAMES,
            sort=[("_marquee.links_due", 1)],
            limit=limit,
        )
        return [title.id for title in found]

    async def settle_links(self, title: Title, states: Sequence[LinkState], *, due: int) -> bool:
        """Writes what is known of the title's links now, if no import came in between."""
        changes = {"_marquee.links": to_builtins(list(states), builtin_types=(datetime,)), "_marquee.links_due": due}
        return (
            await self._update(title.id, {"$set": changes}, where={"_marquee.links_due": title.derived.links_due}) > 0
        )

    async def announced(self, title_id: Any, units: Sequence[str]) -> None:
        """The new units of a title are told of; those that came meanwhile are not."""
        told = {"_marquee.new_units": list(units)}
        await self._update(title_id, {"$set": {"_marquee.new_units": []}}, where=told)

    def _marked(self, titles: list[Title]) -> list[Title]:
        is_shared = isinstance(self.scope, PlatformScope)
        for title in titles:
            title.is_shared = is_shared
        return titles


async def owners_with_links_due(database: Database, now: float) -> list[str]:
    """Of all owners those of titles that have a link to ask now (epoch seconds)."""
    stages: list[dict[str, Any]] = [
        {"$match": {"_marquee.links_due": {"$gt": 0, "$lte": now}}},
        {"$group": {"_id": "$_id.owner"}},
        {"$sort": {"_id": 1}},
    ]
    return [each["_id"] for each in await Across(database, TitleRepository.collection).aggregate(stages)]


def _counted(groups: list[dict[str, Any]]) -> dict[Any, int]:
    return {group["_id"]: cast("int", group["count"]) for group in groups if group["_id"] is not None}
