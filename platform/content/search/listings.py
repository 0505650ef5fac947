"""What the index holds of a title: terms under their owner's key, a place in its order, and the packed id.

Every word is indexed behind its owner's key, so that the terms of an owner are a range of their own: what a question
meets there (and what that costs) depends on that owner's titles alone.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from tantivy import Document, Schema, SchemaBuilder

from content.search.words import fold, indexed_terms, whole
from storage.documents import MARQUEE
from storage.extended_json import identity
from storage.feed import packed

FORMAT: Final = 1
"""Changes with whatever makes an index of before unreadable or wrong."""
_OURS: Final = (
    *("slug", "name", "clean_title", "sort.title", "visible"),
    *("media_type", "content_rating", "year", "rating", "genres"),
)
FIELDS: Final = ("author", *(f"{MARQUEE}.{name}" for name in _OURS))
"""What is read of a stored document."""
LISTED: Final[Mapping[str, Any]] = {f"{MARQUEE}.visible": True}
"""The documents of which `is_listed` is true, for MongoDB."""
_TERMS: Final = ("key", "owner", "slug", "title", "words", "whole", "media_type", "content_rating", "genre", "year")
_KEY_ALPHABET: Final = (0x4E00, 20_000)
_LONGEST_AUTHOR: Final = 300
_HASH_BITS: Final = 52
_WORST: Final = 1_000


def schema() -> Schema:
    """The fields; terms come ready-made, without frequencies: nothing is scored by how common a word is."""
    builder = SchemaBuilder()
    for name in _TERMS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("id", stored=True)
    builder.add_integer_field("place", fast=True)
    return builder.build()


@lru_cache(maxsize=4_096)
def owner_key(owner: str) -> str:
    """Three characters that stand before an owner's terms. Two owners' keys differ in all three, as good as always:
    a word's typos do not reach from one owner's range into another's, where nothing could be found anyway."""
    number = int.from_bytes(hashlib.blake2b(owner.encode(), digest_size=8).digest())
    first, count = _KEY_ALPHABET
    marks: list[str] = []
    for _ in range(3):
        number, place = divmod(number, count)
        marks.append(chr(first + place))
    return "".join(marks)


def title_key(owner: str, title_id: Any) -> str:
    """The term that one title has alone; numbers of the same value are the same id, as in MongoDB."""
    return hashlib.blake2b(repr((owner, identity(title_id))).encode(), digest_size=16).hexdigest()


def is_listed(stored: Mapping[str, Any]) -> bool:
    """Whether the stored document is a title that may be shown at all."""
    return _ours(stored).get("visible") is True


def listing(stored: Mapping[str, Any]) -> Document:
    """The index's document of a stored one that is listed."""
    ours = _ours(stored)
    owner, title_id = stored["_id"]["owner"], stored["_id"]["id"]
    key = owner_key(owner)
    author = _texts((stored.get("author"),))
    brought = _texts((ours.get("name"), ours.get("clean_title"), _ours(ours, "sort").get("title")))
    names = list(dict.fromkeys(map(fold, brought)))
    in_title = set[str]().union(*map(indexed_terms, names))
    anywhere = in_title.union(*(indexed_terms(each[:_LONGEST_AUTHOR]) for each in author))
    document = Document()
    for name, values in {
        "key": [title_key(owner, title_id)],
        "owner": [owner],
        "slug": _texts((ours.get("slug"),)),
        "title": [key + term for term in in_title],
        "words": [key + term for term in anywhere],
        "whole": {key + joined for each in names if (joined := whole(each))},
        "media_type": _texts((ours.get("media_type"),)),
        "content_rating": _texts((ours.get("content_rating"),)),
        "genre": _texts(ours.get("genres") or ()),
        "year": [str(ours["year"])] if isinstance(ours.get("year"), int) else [],
    }.items():
        for value in values:
            document.add_text(name, value)
    document.add_bytes("id", packed(stored["_id"]))
    document.add_integer("place", place_of(owner, title_id, ours.get("rating")))
    return document


def place_of(owner: str, title_id: Any, rating: Any) -> int:
    """Where a title stands among those that match equally well: by its rating, then in an order of its own.

    It is made from the title alone; two titles have the same place as good as never.
    """
    good = float(rating) if isinstance(rating, int | float) and math.isfinite(rating) else 0.0
    behind = _WORST - round(min(max(good, 0.0), 10.0) * 100)
    own = int(title_key(owner, title_id), 16) % (1 << _HASH_BITS)
    return behind << _HASH_BITS | own


def _texts(values: Sequence[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _ours(stored: Mapping[str, Any], name: str = MARQUEE) -> Mapping[str, Any]:
    found = stored.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}
