"""A library to search in: titles of made-up words, by owners, written as an import leaves them."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from content.derive import clean, derived_slug
from storage.mongo import Database, collection_of

GENRES = ["Drama", "Comedy", "Action", "Animation", "Horror", "Romance", "Science fiction", "Documentary"]
KINDS = ["movie", "series", "manga"]
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_ADDED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SYLLABLES = (1, 2, 2, 3, 3, 4)
_BATCH = 2_000


class Vocabulary:
    """Words as unevenly used as those of a language (Zipf), the same for every run."""

    def __init__(self, words: int = 40_000, seed: int = 7) -> None:
        self.random = random.Random(seed)
        made = {self._word() for _ in range(words)}
        self._words = sorted(made)
        self.random.shuffle(self._words)
        self._weights = list(itertools.accumulate(1 / (place + 3) for place in range(len(self._words))))

    def words(self, count: int) -> list[str]:
        """Some words, common ones more often."""
        return self.random.choices(self._words, cum_weights=self._weights, k=count)

    def _word(self) -> str:
        return "".join(
            self.random.choice(_CONSONANTS)
            + self.random.choice(_VOWELS)
            + (self.random.choice(_CONSONANTS) if self.random.random() < 0.4 else "")
            for _ in range(self.random.choice(_SYLLABLES))
        )


def titles(vocabulary: Vocabulary, owner: str, count: int, sample: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Stored titles of one owner; every hundredth goes into the sample as (owner, title)."""
    dice = vocabulary.random
    for number in range(count):
        name = " ".join(vocabulary.words(dice.choice((1, 2, 2, 3, 3, 4)))).title()
        if number % 100 == 0:
            sample.append((owner, name))
        yield _title(owner, number, name, " ".join(vocabulary.words(2)).title(), dice)


async def write(database: Database, documents: Iterator[dict[str, Any]]) -> int:
    """Inserts all of them; gives how many."""
    library, written = collection_of(database, "library"), 0
    while batch := list(itertools.islice(documents, _BATCH)):
        await library.insert_many(batch, ordered=False)
        written += len(batch)
    return written


def _title(owner: str, number: int, name: str, author: str, dice: random.Random) -> dict[str, Any]:
    kind, genre, year = dice.choice(KINDS), dice.choice(GENRES), dice.randint(1950, 2025)
    rating = round(dice.uniform(1, 10), 1)
    title_id = f"{'shared' if owner == 'platform' else 'own'}_{number}"
    cleaned = clean(name)
    ours = {
        "slug": derived_slug(title_id),
        "name": name,
        "clean_title": cleaned,
        "media_type": kind,
        "content_rating": "18+" if dice.random() < 0.02 else "safe",
        "year": year,
        "rating": rating,
        "genres": [clean(genre)],
        "genre_names": [genre],
        "status": "available",
        "visible": True,
        "hidden_because": None,
        "playable": True,
        "files": [],
        "sort": {"recent": 1_700_000_000_000 + number, "title": cleaned, "year": year, "rating": rating},
        "rights": {"basis": "own", "by": "staff:bench", "declared_at": _ADDED},
        "added_at": _ADDED,
    }
    return {
        "_id": {"owner": owner, "id": title_id},
        "media_type": kind,
        "title": name,
        "author": author,
        "year": year,
        "genres": [genre],
        "rating": rating,
        "_marquee": ours,
    }
