"""What a text finds on one tenant's site. The index proposes; MongoDB decides what is shown."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from content.audience import Audience
from content.browsing import MOST_TITLES, Question
from content.cursors import CursorInvalid, seal, unseal
from content.derive import clean, content_rating, genre_key
from content.facets import Facet
from content.model import MEDIA_TYPES, Title
from content.policy import named_ids
from content.repository import TitleRepository
from content.search.asking import NAMED, SOME, Asked, Owned, Rank, words_of
from content.search.listings import title_key
from content.search.node import Search, SearchNotReady
from content.search.shelf import Candidate
from content.search.words import LONGEST_TEXT
from storage.scope import PLATFORM
from tenancy.resolver import ResolvedTenant

_Rules = Mapping[str, Any]
_Ask = Callable[[TitleRepository, _Rules], Awaitable[list[Title]]]
_SPARE: Final = 4
"""Candidates asked for beyond a page: a few may turn out not to be shown."""
_MOST_AT_ONCE: Final = 400
_ROUNDS: Final = 6
_COUNTED: Final = 100


class Found(Struct, frozen=True):
    """Some titles, the best first, and the cursor of those that follow (None: there are none)."""

    titles: list[Title]
    after: str | None = None


class Kinds(Struct, frozen=True):
    """How many titles of each kind a text finds; `complete`: no more than were counted."""

    kinds: list[Facet]
    complete: bool


class Finder:
    """One tenant's search, for one audience. Every verb raises StorageUnavailable."""

    def __init__(
        self,
        index: Search | None,
        tenant: ResolvedTenant,
        own: TitleRepository,
        shared: TitleRepository,
        rules: _Rules | None,
        audience: Audience,
    ) -> None:
        self._index = index
        self._tenant = tenant
        self._own = own
        self._shared = shared
        self._own_rules: _Rules = audience.as_filter()
        self._shared_rules = None if rules is None else _both(rules, self._own_rules)
        self._adult = audience.adult

    async def page(self, text: str, question: Question, *, after: str | None, limit: int) -> Found:
        """The titles that match best, `limit` at most, after the cursor. Raises CursorInvalid."""
        asked = self._asked(text, question)
        sealed_to = (asked.words, question.media_type, question.genre, question.year)
        position = self._read(after, sealed_to) if after else None
        wanted = max(1, min(limit, MOST_TITLES))
        if not asked.words:
            return Found([])
        try:
            found, rank = await self._verified(asked, question, position, wanted)
        except SearchNotReady:
            return Found([] if after else await self._by_mongodb(text, question, wanted))
        return Found(found, None if rank is None else seal(rank, self._tenant.id, "search", *sealed_to))

    async def kinds(self, text: str, question: Question) -> Kinds:
        """How many titles of each kind there are to a text, whatever kind the question wants."""
        anyway = Question(genre=question.genre, year=question.year)
        asked = self._asked(text, anyway)
        if not asked.words:
            return Kinds([], complete=True)
        try:
            titles, rank = await self._verified(asked, anyway, None, _COUNTED)
        except SearchNotReady:
            titles, rank = await self._by_mongodb(text, anyway, _COUNTED), None
        counts = Counter(title.derived.media_type for title in titles)
        kinds = [Facet(kind, kind, counts[kind]) for kind in MEDIA_TYPES if counts[kind]]
        return Kinds(kinds, complete=rank is None)

    async def _verified(
        self, asked: Asked, question: Question, after: Rank | None, wanted: int
    ) -> tuple[list[Title], Rank | None]:
        """At most `wanted` titles that are shown, and the rank of the last if there may be more."""
        if self._index is None:
            raise SearchNotReady("there is no index")
        found: list[tuple[Title, Rank]] = []
        most = wanted + _SPARE
        for _ in range(_ROUNDS):
            candidates = await self._index.candidates(asked, after=after, limit=most)
            found += await self._shown(candidates, question)
            if len(found) > wanted:
                return [title for title, _ in found[:wanted]], found[wanted - 1][1]
            if len(candidates) < most:
                return [title for title, _ in found], None
            after = candidates[-1].rank
            most = min(most * 4, _MOST_AT_ONCE)
        return [title for title, _ in found], after

    async def _shown(self, candidates: Sequence[Candidate], question: Question) -> list[tuple[Title, Rank]]:
        owner = self._own.scope.owner
        own = {title_key(owner, each.title_id): each for each in candidates if each.owner == owner}
        shared = {title_key(PLATFORM, each.title_id): each for each in candidates if each.owner == PLATFORM}
        titles = await asyncio.gather(
            self._among(self._own, own, question, self._own_rules),
            self._among(self._shared, shared, question, self._shared_rules),
        )
        taken = {title.slug for title in await self._own.taken(titles[1])}
        found = [(title, own[title_key(owner, title.id)].rank) for title in titles[0]]
        found += [(each, shared[title_key(PLATFORM, each.id)].rank) for each in titles[1] if each.slug not in taken]
        return sorted(found, key=lambda pair: pair[1])

    async def _among(
        self, titles: TitleRepository, candidates: Mapping[str, Candidate], question: Question, rules: _Rules | None
    ) -> list[Title]:
        if not candidates or rules is None:
            return []
        return await titles.among([each.title_id for each in candidates.values()], question, rules=rules)

    async def _by_mongodb(self, text: str, question: Question, most: int) -> list[Title]:
        """Whole words by MongoDB's text search, or the beginning of a title: until there is an index."""
        words = clean(text[:LONGEST_TEXT])
        if not words:
            return []
        found = await self._of_both(
            lambda titles, rules: titles.matching(words, question, rules=rules, limit=most)
        ) or await self._of_both(
            lambda titles, rules: titles.starting_with(words, question, rules=rules, limit=most),
        )
        return sorted(found, key=lambda title: (-title.text_score, title.derived.sort.title, title.slug))[:most]

    async def _of_both(self, ask: _Ask) -> list[Title]:
        own = await ask(self._own, self._own_rules)
        if self._shared_rules is None:
            return own
        shared = await ask(self._shared, self._shared_rules)
        taken = {title.slug for title in await self._own.taken(shared)}
        return own + [title for title in shared if title.slug not in taken]

    def _read(self, cursor: str, sealed_to: tuple[Any, ...]) -> Rank:
        rank = unseal(cursor, Rank, self._tenant.id, "search", *sealed_to)
        if not (NAMED <= rank.tier <= SOME and 0 <= rank.place < 1 << 63):
            raise CursorInvalid("the cursor leads nowhere")
        return rank

    def _asked(self, text: str, question: Question) -> Asked:
        return Asked(
            words=words_of(text),
            owned=self._owned(),
            adult=self._adult,
            media_type=question.media_type,
            genre=genre_key(question.genre) if question.genre is not None else None,
            year=question.year,
        )

    def _owned(self) -> tuple[Owned, ...]:
        """Whose titles are asked for: what the policy says of the shared ones narrows the candidates already."""
        own = Owned(owner=self._own.scope.owner)
        policy = self._tenant.policy
        if self._shared_rules is None:
            return (own,)
        allowed = named_ids(policy.titles_allow)
        shared = Owned(
            owner=PLATFORM,
            media_types=tuple(policy.media_types),
            content_ratings=tuple(content_rating(each) for each in policy.content_ratings),
            genres=tuple(genre_key(each) for each in policy.genres_allow),
            genres_block=tuple(genre_key(each) for each in policy.genres_block),
            keys=tuple(title_key(PLATFORM, each) for each in allowed),
            slugs=tuple(each for each in allowed if isinstance(each, str)),
        )
        return own, shared


def _both(one: _Rules, other: _Rules) -> _Rules:
    return {"$and": [one, other]} if one and other else one or other
