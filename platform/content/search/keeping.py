"""Keeping a node's index true to the library: made anew where it cannot be trusted, then fed with the news."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

import msgspec

from content.search.listings import FIELDS, LISTED
from content.search.shelf import Shelf, ShelfBroken, ShelfWriter
from content.search.state import Place, State
from storage.feed import Feed, FeedLost, News

R = TypeVar("R")
_IDLE_ROUNDS = 240
"""After so many rounds without news (a minute) the token is written down anyway, or the server forgets it."""
_PATIENCE_ROUNDS = 4
_log = logging.getLogger(__name__)


class Keeper:
    """The process that writes. `on_commit` is called after every commit, `executor` is where the index's work runs."""

    def __init__(self, place: Place, feed: Feed, executor: Executor, on_commit: Callable[[], None]) -> None:
        self._place = place
        self._feed = feed
        self._executor = executor
        self._on_commit = on_commit

    async def run(self) -> None:
        """Until cancelled. Raises StorageUnavailable, FeedLost, ShelfBroken and OSError: then it is to be run again."""
        source = await self._feed.identity()
        state = self._place.read()
        shelf = None if state is None or not self._is_good(state, source) else await self._opened(state)
        self._place.sweep(state.generation if shelf and state else None)
        if shelf is None or state is None:
            await self._anew(source)
            return
        await self._follow(shelf, state)

    async def _anew(self, source: str) -> None:
        """Builds an index beside the present one, which answers until the new one is complete."""
        token = await self._feed.now()  # before anything is read: what changes meanwhile comes again as news
        generation = secrets.token_hex(4)
        shelf = await self._do(lambda: Shelf(self._place.index(generation), new=True))
        writer = await self._do(shelf.writer)
        try:
            async for documents in self._feed.documents(FIELDS):
                await self._do(partial(writer.add, documents))
            await self._do(writer.commit)
            await self._do(shelf.reload)
            self._written(State(generation=generation, source=source, token=token, serial=1, titles=shelf.titles))
        finally:
            await self._do(writer.close)
        _log.info("the search index was made anew: %d titles", shelf.titles)
        state = self._place.read()
        self._place.sweep(generation)
        if state is not None:
            await self._follow(shelf, state)

    async def _follow(self, shelf: Shelf, state: State) -> None:
        writer = await self._do(shelf.writer)
        idle, reconciled = 0, False
        try:
            async for news in self._feed.news(state.token):
                self._place.check(state.generation)
                idle = 0 if news.ids else idle + 1
                if news.ids:
                    state = await self._applied(shelf, writer, state, news)
                elif not reconciled and idle > 1:
                    reconciled = await self._reconciled(shelf, idle)
                elif idle % _IDLE_ROUNDS == 0:
                    state = self._written(msgspec.structs.replace(state, token=news.token))
        except (FeedLost, ShelfBroken):
            self._place.condemn(state.generation)
            raise
        finally:
            await self._do(writer.close)

    async def _applied(self, shelf: Shelf, writer: ShelfWriter, state: State, news: News) -> State:
        present = await self._feed.present(news.ids, FIELDS)

        def apply() -> None:
            writer.refresh(news.ids, present)
            writer.commit()
            shelf.reload()

        await self._do(apply)
        serial, titles = state.serial + 1, shelf.titles
        return self._written(msgspec.structs.replace(state, token=news.token, serial=serial, titles=titles))

    async def _reconciled(self, shelf: Shelf, idle: int) -> bool:
        """Whether it holds as many titles as the library; asked while there are no news, and again if it does not."""
        expected = await self._feed.count(LISTED)
        if expected != shelf.titles and idle > _PATIENCE_ROUNDS:
            raise ShelfBroken(f"it lists {shelf.titles} titles and the library {expected}")
        return expected == shelf.titles

    async def _opened(self, state: State) -> Shelf | None:
        try:
            return await self._do(lambda: Shelf(self._place.index(state.generation)))
        except ShelfBroken as error:
            _log.warning("the search index cannot be read and is made anew: %s", error)
            return None

    def _is_good(self, state: State, source: str) -> bool:
        return state.source == source and self._place.condemned() != state.generation

    def _written(self, state: State) -> State:
        self._place.write(state)
        self._on_commit()
        return state

    async def _do(self, work: Callable[[], R]) -> R:
        running: Any = asyncio.get_running_loop().run_in_executor(self._executor, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # The index is never left while a thread still works at it.
            await asyncio.wait([running])
            raise
