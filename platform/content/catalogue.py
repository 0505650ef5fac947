"""What one tenant's site shows: its own titles, and what its policy admits of the shared catalogue.

A tenant's own title wins over a shared one of the same id or slug, also while it may not be shown itself: whoever
takes a title off their site does not get it back from the shared catalogue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from content.audience import EVERYBODY, Audience
from content.browsing import (
    MOST_TITLES,
    Position,
    Question,
    order_key,
    position_of,
    read_cursor,
    write_cursor,
)
from content.facets import Facets, counts_of, facets_of
from content.likeness import most_alike
from content.model import Title
from content.opening import Opener
from content.policy import as_filter
from content.remembering import Remembered
from content.repository import TitleRepository
from content.search.finding import Finder, Kinds
from content.search.node import Search
from storage.extended_json import identifiers
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

_ROW_TITLES: Final = 14
_GENRE_ROWS: Final = 4
_BATCH: Final = 500
_MOST_CARDS: Final = 1_000
RELATED: Final = 12
"""So many related titles stand on a title's page."""
_SPARE: Final = 12
"""Related titles looked at beyond those wanted: the site may have titles of its own in the place of some."""


class Page(Struct, frozen=True):
    """Some titles, and the cursor of those that follow (None: there are none)."""

    titles: list[Title]
    after: str | None = None


class Row(Struct, frozen=True):
    """A row of the home page. `kind` is recent, rating, media_type or genre; `key` the value of the latter two."""

    kind: str
    key: str
    name: str
    titles: list[Title]


class Memory:
    """What a process remembers of the sites that it serves. What holds whole cards is kept for fewer of them."""

    def __init__(self) -> None:
        self.facets: Remembered[Facets] = Remembered(1_024)
        self.rows: Remembered[list[Row]] = Remembered(128)
        self.related: Remembered[list[Title]] = Remembered(512)

    async def on_event(self, payload: Mapping[str, Any]) -> None:
        """Handles topic `titles`."""
        owner = payload.get("owner")
        changed = owner if isinstance(owner, str) else None
        self.facets.forget(changed)
        self.rows.forget(changed)
        self.related.forget(changed)


class Catalogue:
    """A tenant's view of the library. Every verb raises StorageUnavailable.

    With a `memory`, facets, rows and related titles may be as old as it keeps them.
    """

    def __init__(
        self,
        database: Database,
        tenant: ResolvedTenant,
        audience: Audience = EVERYBODY,
        index: Search | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._memory = memory
        self._tenant = tenant
        self._audience = audience
        self._own = TitleRepository(database, tenant.scope)
        self._shared = TitleRepository(database, tenant.shared)
        self._audience_rules = audience.as_filter()
        self._rules = _both(as_filter(tenant.policy), self._audience_rules)
        self._opener = Opener(tenant, audience, self._own, self._shared)
        self._finder = Finder(index, tenant, self._own, self._shared, self._rules, audience)

    async def get(self, title_id: str) -> Title | None:
        """The title of this id or slug, with all its buckets.

        Raises TitleBanned for one that was taken down, AgeGateClosed for one behind a gate that would open.
        """
        return await self._opener.named(title_id)

    async def by_slug(self, slug: str) -> Title | None:
        """The title of this slug. Raises as `get`."""
        return await self._opener.by_slug(slug)

    async def with_chapter(self, slug: str, key: str) -> Title | None:
        """The title of this slug with nothing of its files but the one chapter, and that only if it has it.

        Cheap for books of thousands of pages. Raises as `get`.
        """
        return await self._opener.with_chapter(slug, key)

    async def cards(self, ids: Sequence[Any]) -> list[Title]:
        """Those of the ids, as they are or as text, that are shown, as lists show them and in the order of the ids.

        At most 1,000 are looked up.
        """
        named = [identifiers(each) if isinstance(each, str) else [each] for each in ids]
        wanted = list(dict.fromkeys(each for some in named for each in some))[:_MOST_CARDS]
        if not wanted:
            return []
        own = await self._own.among(wanted, Question(), rules=self._audience_rules)
        shared = [] if self._rules is None else await self._shared.among(wanted, Question(), rules=self._rules)
        found = {title.id: title for title in [*await self._not_taken(shared), *own]}
        return [found[title_id] for title_id in wanted if title_id in found]

    async def related(self, title: Title, *, limit: int = RELATED) -> list[Title]:
        """What is most like the title: of its franchise, its author, its genres, its years; the best first."""
        if self._memory is None or limit > RELATED:
            return await self._most_alike(title, limit)
        found = await self._memory.related.get(
            self._tenant, self._audience, lambda: self._most_alike(title, RELATED), about=title.slug
        )
        return found[:limit]

    async def _most_alike(self, title: Title, limit: int) -> list[Title]:
        found = await asyncio.gather(
            self._own.akin(title, rules=self._audience_rules),
            _nothing() if self._rules is None else self._shared.akin(title, rules=self._rules),
        )
        best = most_alike(title, [*found[1], *found[0]], limit=limit + _SPARE)
        own, shared = ([each for each in best if each.is_shared is one] for one in (False, True))
        cards = await asyncio.gather(
            self._cards(self._own, own, self._audience_rules), self._cards(self._shared, shared, self._rules)
        )
        shown = {each.slug: each for each in [*await self._not_taken(cards[1]), *cards[0]]}
        return [shown[each.slug] for each in best if each.slug in shown][:limit]

    async def browse(self, question: Question, *, after: str | None = None, limit: int = 24) -> Page:
        """One page. Raises CursorInvalid."""
        position = read_cursor(after, question, self._tenant.id) if after else None
        wanted = max(1, min(limit, MOST_TITLES))
        titles = await self._merged(question, position, wanted + 1)
        if len(titles) <= wanted:
            return Page(titles)
        kept = titles[:wanted]
        return Page(kept, write_cursor(position_of(kept[-1], question.sort), question, self._tenant.id))

    async def search(
        self, text: str, question: Question | None = None, *, after: str | None = None, limit: int = 24
    ) -> Page:
        """The titles that a text finds, the best first, whatever the question's order. Raises CursorInvalid."""
        found = await self._finder.page(text, question or Question(), after=after, limit=limit)
        return Page(found.titles, found.after)

    async def suggest(self, text: str, *, limit: int = 8) -> list[Title]:
        """The first titles that a text finds which may still be growing."""
        return (await self._finder.page(text, Question(), after=None, limit=limit)).titles

    async def kinds(self, text: str, question: Question | None = None) -> Kinds:
        """How many titles of each kind a text finds."""
        return await self._finder.kinds(text, question or Question())

    async def facets(self) -> Facets:
        """What the titles that this tenant shows can be narrowed by."""
        if self._memory is None:
            return await self._counted()
        return await self._memory.facets.get(self._tenant, self._audience, self._counted)

    async def rows(self) -> list[Row]:
        """The rows of a home page that have something to show."""
        if self._memory is None:
            return await self._gathered()
        return await self._memory.rows.get(self._tenant, self._audience, self._gathered)

    async def _counted(self) -> Facets:
        nothing = counts_of([])
        if self._rules is None:
            return facets_of(await self._own.counts(rules=self._audience_rules), nothing, nothing)
        own, shared = await asyncio.gather(
            self._own.counts(rules=self._audience_rules), self._shared.counts(rules=self._rules)
        )
        return facets_of(own, shared, counts_of(await self._hidden_by_own(self._rules)))

    async def _gathered(self) -> list[Row]:
        facets = await self.facets()
        plans = [Row("recent", "", "Recently added", []), Row("rating", "", "Top rated", [])]
        plans += [Row("genre", genre.key, genre.name, []) for genre in facets.genres[:_GENRE_ROWS]]
        pages = await asyncio.gather(*(self.browse(_question(plan), limit=_ROW_TITLES) for plan in plans))
        return [
            Row(plan.kind, plan.key, plan.name, page.titles)
            for plan, page in zip(plans, pages, strict=True)
            if page.titles
        ]

    async def _merged(self, question: Question, after: Position | None, wanted: int) -> list[Title]:
        """The first `wanted` titles of both owners in one order."""

        def place(title: Title) -> tuple[int | float | str, str]:
            return order_key(position_of(title, question.sort), question.sort)

        found: list[Title] = []
        while len(found) < wanted:
            own, shared = await asyncio.gather(
                self._own.page(question, rules=self._audience_rules, after=after, limit=wanted),
                self._shared_page(question, after, wanted),
            )
            merged = sorted([*own, *await self._not_taken(shared)], key=place)
            # Beyond the end of a full page of one owner, titles of the other may not be the next ones.
            ends = [titles[-1] for titles in (own, shared) if len(titles) == wanted]
            if not ends:
                return (found + merged)[:wanted]
            end = min(ends, key=place)
            found += [title for title in merged if place(title) <= place(end)]
            after = position_of(end, question.sort)
        return found[:wanted]

    async def _shared_page(self, question: Question, after: Position | None, wanted: int) -> list[Title]:
        if self._rules is None:
            return []
        return await self._shared.page(question, rules=self._rules, after=after, limit=wanted)

    async def _cards(
        self, titles: TitleRepository, wanted: Sequence[Title], rules: Mapping[str, Any] | None
    ) -> list[Title]:
        if not wanted or rules is None:
            return []
        return await titles.among([each.id for each in wanted], Question(), rules=rules)

    async def _not_taken(self, shared: list[Title]) -> list[Title]:
        taken = {title.slug for title in await self._own.taken(shared)}
        return [title for title in shared if title.slug not in taken]

    async def _hidden_by_own(self, rules: Mapping[str, Any]) -> list[Title]:
        """The shared titles that would be shown if the tenant had no title of the same id or slug."""
        hidden: dict[str, Title] = {}
        batch: list[Title] = []
        async for title in self._own.names():
            batch.append(title)
            if len(batch) == _BATCH:
                hidden |= await self._shown_twins(batch, rules)
                batch = []
        return list((hidden | await self._shown_twins(batch, rules)).values())

    async def _shown_twins(self, batch: Sequence[Title], rules: Mapping[str, Any]) -> dict[str, Title]:
        if not batch:
            return {}
        found = await self._shared.shown_of([each.id for each in batch], [each.slug for each in batch], rules=rules)
        return {title.slug: title for title in found}


async def _nothing() -> list[Title]:
    return []


def _both(policy: dict[str, Any] | None, audience: dict[str, Any]) -> dict[str, Any] | None:
    """What of the shared catalogue is shown to whoever looks; None for nothing of it."""
    if policy is None or not audience:
        return policy
    return {"$and": [policy, audience]} if policy else audience


def _question(row: Row) -> Question:
    if row.kind == "genre":
        return Question(genre=row.key)
    return Question(sort="rating") if row.kind == "rating" else Question()
