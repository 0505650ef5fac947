"""A question to the index: which owners' titles, narrowed how, and in which tiers they answer.

A title's rank is (tier, place): how well the words match, then a place that the title has by itself. Neither depends on
what else is in the index, so nothing of one owner's titles shows in the order of another's. The tiers are questions of
their own, asked one after the other; each leaves out what an earlier one gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from tantivy import FieldType, Occur, Query, Schema

from content.search.listings import owner_key
from content.search.words import LONGEST_WORD, asked_pieces, asked_words, is_unspaced, typos_forgiven, whole

NAMED, BEGINS, WORDS, PREFIX, TYPOS, SOME = range(6)
"""The tiers: it is the title; the title begins so; the title has all the words; title and author together have them,
the last one as a beginning; with typos; and, where nothing has them all, half of the words."""
_SPELLED: Final = (NAMED, BEGINS, WORDS, PREFIX, TYPOS)
_WORSE: Final[dict[int, tuple[int, ...]]] = {
    NAMED: (),
    BEGINS: (NAMED,),
    WORDS: (BEGINS,),
    PREFIX: (BEGINS, WORDS),
    TYPOS: (BEGINS, PREFIX),
    SOME: (),
}
_WHOLE_TYPO: Final = 5
_SHORTEST_WHOLE: Final = 2


class Rank(Struct, frozen=True, array_like=True, order=True):
    """Where a title stands in an answer, the best first."""

    tier: int
    place: int


class Owned(Struct, frozen=True, kw_only=True):
    """One owner's titles, of these kinds, ratings and genres alone where there are any given."""

    owner: str
    media_types: tuple[str, ...] = ()
    content_ratings: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    genres_block: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()


class Asked(Struct, frozen=True, kw_only=True):
    """The words that a text asks for, among whose titles, narrowed to a kind, a genre, a year."""

    words: tuple[str, ...]
    owned: tuple[Owned, ...]
    adult: bool
    media_type: str | None = None
    genre: str | None = None
    year: int | None = None


def words_of(text: str) -> tuple[str, ...]:
    """What a text asks for: at most eight words; none where there is no letter or digit."""
    return tuple(word[:LONGEST_WORD] for word in asked_words(text))


class Asking:
    """An `Asked` as the index's queries."""

    def __init__(self, schema: Schema, asked: Asked, adults_only: str) -> None:
        self._schema = schema
        self._words = asked.words
        self._keys = [owner_key(owned.owner) for owned in asked.owned]
        self._whole = whole(" ".join(asked.words))
        self._within = self._narrowed(asked, adults_only)
        self._tiers: dict[int, Query] = {}

    def tiers(self, start: int) -> Sequence[int]:
        """Those to ask from here on."""
        return [tier for tier in (*_SPELLED, SOME) if tier >= start]

    def query(self, tier: int, after: int | None) -> Query:
        """The titles of a tier that no earlier tier has, beyond a place in it."""
        clauses = [(Occur.Must, self._within), (Occur.Must, self._tier(tier))]
        clauses += [(Occur.MustNot, self._tier(earlier)) for earlier in _WORSE[tier]]
        if after is not None:
            beyond = Query.range_query(self._schema, "place", FieldType.Integer, after, include_lower=False)
            clauses.append((Occur.Must, beyond))
        return Query.boolean_query(clauses)

    def _tier(self, tier: int) -> Query:
        if tier not in self._tiers:
            self._tiers[tier] = self._made(tier)
        return self._tiers[tier]

    def _made(self, tier: int) -> Query:
        if tier == NAMED:
            return self._of_each_owner("whole", self._whole)
        if tier == BEGINS:
            return self._of_each_owner("whole", self._whole, begins=len(self._whole) >= _SHORTEST_WHOLE)
        if tier == TYPOS:
            return _any([_all(self._each_word(TYPOS)), self._whole_with_typo()])
        if tier == SOME:
            each = [(Occur.Should, query) for query in self._each_word(TYPOS)]
            return Query.boolean_query(each, minimum_number_should_match=max(1, len(each) // 2))
        return _all(self._each_word(tier))

    def _each_word(self, tier: int) -> list[Query]:
        last = len(self._words) - 1
        return [self._word(word, tier, is_last=place == last) for place, word in enumerate(self._words)]

    def _word(self, word: str, tier: int, *, is_last: bool) -> Query:
        typos = typos_forgiven(word) if tier == TYPOS else 0
        begins = is_last and tier != WORDS and not is_unspaced(word)
        field = "title" if tier == WORDS else "words"
        return _all([self._of_each_owner(field, piece, typos, begins=begins) for piece in asked_pieces(word)])

    def _whole_with_typo(self) -> Query:
        if len(self._whole) < _WHOLE_TYPO or is_unspaced(self._whole) or len(self._whole) > LONGEST_WORD:
            return Query.empty_query()
        return self._of_each_owner("whole", self._whole, 1)

    def _of_each_owner(self, field: str, term: str, typos: int = 0, *, begins: bool = False) -> Query:
        return _any([self._term(field, key + term, typos, begins=begins) for key in self._keys])

    def _term(self, field: str, term: str, typos: int, *, begins: bool) -> Query:
        if not typos and not begins:
            return Query.term_query(self._schema, field, term, "basic")
        return Query.fuzzy_term_query(self._schema, field, term, distance=typos, prefix=begins)

    def _narrowed(self, asked: Asked, adults_only: str) -> Query:
        clauses = [(Occur.Must, _any([self._owned(owned) for owned in asked.owned]))]
        if not asked.adult:
            clauses.append((Occur.MustNot, self._is("content_rating", (adults_only,))))
        wanted = {"media_type": asked.media_type, "genre": asked.genre, "year": asked.year}
        clauses += [
            (Occur.Must, self._is(field, (str(value),))) for field, value in wanted.items() if value is not None
        ]
        return Query.boolean_query(clauses)

    def _owned(self, owned: Owned) -> Query:
        clauses = [(Occur.Must, self._is("owner", (owned.owner,)))]
        fields = {"media_type": owned.media_types, "content_rating": owned.content_ratings, "genre": owned.genres}
        clauses += [(Occur.Must, self._is(field, values)) for field, values in fields.items() if values]
        if owned.keys or owned.slugs:
            clauses.append((Occur.Must, _any([self._is("key", owned.keys), self._is("slug", owned.slugs)])))
        if owned.genres_block:
            clauses.append((Occur.MustNot, self._is("genre", owned.genres_block)))
        return Query.boolean_query(clauses)

    def _is(self, field: str, values: Sequence[str]) -> Query:
        return _any([Query.term_query(self._schema, field, value, "basic") for value in values])


def _all(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def _any(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])
