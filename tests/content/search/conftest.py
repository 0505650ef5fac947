"""An index in a folder of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from content.search.listings import owner_key
from content.search.shelf import Shelf
from tests.content.search.samples import stored

Filling = Callable[[list[dict[str, Any]]], Shelf]


@pytest.fixture
def filled(tmp_path: Path) -> Filling:
    """Makes an index of stored titles."""
    made: list[Shelf] = []

    def fill(documents: list[dict[str, Any]]) -> Shelf:
        shelf = Shelf(tmp_path / f"index-{len(made)}", new=True)
        made.append(shelf)
        writer = shelf.writer()
        writer.add(documents)
        writer.commit()
        writer.close()
        shelf.reload()
        return shelf

    return fill


@pytest.fixture
def filled_pair(filled: Filling) -> tuple[Shelf, str, str]:
    """Two owners whose keys share a character in its place, so that the other two are a typo apart."""
    seen: dict[tuple[int, str], str] = {}
    for number in range(100_000):
        owner = f"tenant:t{number}"
        for place, mark in enumerate(owner_key(owner)):
            other = seen.setdefault((place, mark), owner)
            if other != owner:
                titles = [stored(other, "one", "Interstellar"), stored(owner, "other", "Interstellar")]
                return filled(titles), other, owner
    raise AssertionError("no such pair")
