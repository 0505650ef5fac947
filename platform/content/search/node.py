"""Search on this node: the index as this process sees it, and the process's part in keeping it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from content.search.asking import Asked, Rank
from content.search.keeping import Keeper
from content.search.shelf import Candidate, Shelf, ShelfBroken
from content.search.state import Place, State
from storage.errors import StorageUnavailable
from storage.feed import Feed, FeedLost
from storage.mongo import Database

_POLL_SECONDS: Final = 0.25
_AGAIN_SECONDS: Final = 1.0
_READERS: Final = 2
_log = logging.getLogger(__name__)


class SearchNotReady(Exception):
    """There is no index yet, or none that can be read; MongoDB's own text search has to do."""


class Search:
    """Candidates out of the node's index, as soon and as long as there is one."""

    def __init__(self, place: Place, executor: Executor) -> None:
        self._place = place
        self._executor = executor
        self._shelf: Shelf | None = None
        self._state: State | None = None
        self._stamp = 0

    @property
    def titles(self) -> int | None:
        """How many titles of all owners are listed; None while there is no index."""
        return None if self._shelf is None else self._shelf.titles

    async def candidates(self, asked: Asked, *, after: Rank | None = None, limit: int) -> list[Candidate]:
        """The next titles that match, at most `limit`, the best first. Raises SearchNotReady."""
        shelf, state = self._shelf, self._state
        if shelf is None or state is None:
            raise SearchNotReady("the index is being made")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, shelf.candidates, asked, after, limit)
        except ShelfBroken as error:
            if self._state is state:
                _log.exception("the search index cannot be read")
                self._shelf = None
                self._place.condemn(state.generation)
            raise SearchNotReady("the index has to be made anew") from error

    def look(self) -> None:
        """Sees what was committed since, by whichever process."""
        stamp = self._place.stamp()
        state = None if stamp == self._stamp else self._place.read()
        if state is None:
            return
        self._stamp = stamp
        try:
            if self._shelf is None or self._state is None or self._state.generation != state.generation:
                self._shelf = Shelf(self._place.index(state.generation))
            elif self._state.serial != state.serial:
                self._shelf.reload()
            self._state = state
        except ShelfBroken:
            self._shelf = None
            self._place.condemn(state.generation)


@asynccontextmanager
async def searching(root: Path, database: Database) -> AsyncGenerator[Search]:
    """Search over the library, with its index below `root`, which all processes of the node share.

    One of them writes, the others read what it commits; when it ends, however it does, another takes over.
    Raises OSError where the directory cannot be made.
    """
    place = Place(root)
    place.prepare()
    readers = ThreadPoolExecutor(_READERS, thread_name_prefix="search")
    pen = ThreadPoolExecutor(1, thread_name_prefix="search-index")
    search = Search(place, readers)
    tasks = [asyncio.create_task(_watch(search)), asyncio.create_task(_keep(place, database, search, pen))]
    try:
        yield search
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        place.give_back()
        readers.shutdown()
        pen.shutdown()


async def _watch(search: Search) -> None:
    while True:
        search.look()
        await asyncio.sleep(_POLL_SECONDS)


async def _keep(place: Place, database: Database, search: Search, pen: Executor) -> None:
    feed, said = Feed(database, "library"), ""
    while True:
        try:
            if place.take():
                await Keeper(place, feed, pen, on_commit=search.look).run()
        except (StorageUnavailable, FeedLost, ShelfBroken, OSError) as error:
            if said != (said := str(error)):
                _log.warning("the search index is not being kept at the moment: %s", error)
        place.give_back()
        await asyncio.sleep(_AGAIN_SECONDS)
