"""The demo's collections: works that are told as one."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.demo.comics import COMICS
from runtime.demo.film import Work
from runtime.demo.films import SHARED
from runtime.demo.shows import SERIES


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Works in the order in which they are told."""

    id: str
    name: str
    overview: str
    works: tuple[Work, ...]


COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        id="demo_old_quay",
        name="One evening in Old Quay",
        overview="A film, a series and a comic that begin on the same evening, at the same harbour, with one lantern.",
        works=tuple(work for work in (*SHARED, *SERIES, *COMICS) if work.franchise == "Old Quay"),
    ),
)
