"""One index in one directory: written by one process, read by any. All of it blocks; call it from a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import tantivy
from msgspec import Struct

from content.audience import ADULTS_ONLY
from content.search.asking import SOME, Asked, Asking, Rank
from content.search.listings import is_listed, listing, schema, title_key
from storage.feed import unpacked

_HEAP_BYTES: Final = 64 << 20


class ShelfBroken(Exception):
    """The index cannot be read or written: it has to be made anew."""


class Candidate(Struct, frozen=True):
    """A title that may answer; MongoDB has the last word on whether it is shown."""

    owner: str
    title_id: Any
    rank: Rank


class Shelf:
    """The index of a directory. Every verb raises ShelfBroken."""

    def __init__(self, directory: Path, *, new: bool = False) -> None:
        self._schema = schema()
        with _unbroken():
            if new:
                directory.mkdir(parents=True)
                self._index = tantivy.Index(self._schema, path=str(directory))
            else:
                self._index = tantivy.Index.open(str(directory))
            self._index.config_reader("manual")
            self._searcher = self._index.searcher()

    def reload(self) -> None:
        """Sees what was committed since."""
        with _unbroken():
            self._index.reload()
            self._searcher = self._index.searcher()

    @property
    def titles(self) -> int:
        """How many titles there are, of all owners."""
        return self._searcher.num_docs

    def candidates(self, asked: Asked, after: Rank | None, limit: int) -> list[Candidate]:
        """The next titles that match, at most `limit`, the best first."""
        if not asked.words or not asked.owned:
            return []
        searcher = self._searcher
        asking = Asking(self._schema, asked, ADULTS_ONLY)
        found: list[Candidate] = []
        with _unbroken():
            for tier in asking.tiers(after.tier if after else 0):
                # What has only some of the words answers where nothing has them all.
                if tier == SOME and (len(asked.words) == 1 or found or (after is not None and after.tier != SOME)):
                    break
                place = after.place if after is not None and after.tier == tier else None
                hits = searcher.search(
                    asking.query(tier, place),
                    limit=limit - len(found),
                    count=False,
                    order_by_field="place",
                    order=tantivy.Order.Asc,
                ).hits
                found += [_candidate(searcher.doc(address), Rank(tier, place)) for place, address in hits]
                if len(found) >= limit:
                    break
        return found

    def writer(self) -> ShelfWriter:
        """The pen. There is one at a time."""
        return ShelfWriter(self._index)


class ShelfWriter:
    """Changes an index. What is not committed is nowhere."""

    def __init__(self, index: tantivy.Index) -> None:
        with _unbroken():
            self._writer = index.writer(_HEAP_BYTES, 1)

    def add(self, documents: Iterable[Mapping[str, Any]]) -> int:
        """Lists titles that are not in the index yet, those that may be shown; gives how many."""
        listed = [listing(document) for document in documents if is_listed(document)]
        with _unbroken():
            for each in listed:
                self._writer.add_document(each)
        return len(listed)

    def refresh(self, ids: Iterable[Mapping[str, Any]], present: Iterable[Mapping[str, Any]]) -> None:
        """Lists these ids as they are now: those that are not present or may not be shown are gone."""
        with _unbroken():
            for document_id in ids:
                self._writer.delete_documents_by_term("key", title_key(document_id["owner"], document_id["id"]))
        self.add(present)

    def commit(self) -> None:
        """Makes it durable, for readers that reload."""
        with _unbroken():
            self._writer.commit()

    def close(self) -> None:
        """Lets go of the index after the merges that run."""
        with _unbroken():
            self._writer.wait_merging_threads()


def _candidate(document: tantivy.Document, rank: Rank) -> Candidate:
    owner, title_id = unpacked(bytes(document["id"][0]))
    return Candidate(owner, title_id, rank)


class _unbroken:  # noqa: N801 - reads as a statement: with _unbroken()
    """Whatever the engine says, a panic of it too (which is no Exception), is a broken index."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, ShelfBroken):
            return
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise ShelfBroken(str(error)) from error
