"""The index of a node: made by itself, fed with the news, and made anew wherever it cannot be trusted."""

# Titles are changed behind the room's back, and an index broken on purpose.
# pyright: reportPrivateUsage=false
import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from content.indexes import INDEXES
from content.repository import TitleRepository
from content.search import listings, state
from content.search.node import Search, SearchNotReady, searching
from content.search.shelf import Shelf
from content.search.state import Place, State
from storage.feed import Feed, FeedLost, packed, unpacked
from storage.indexes import build_indexes
from storage.mongo import Database, collection_of
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import film
from tests.content.search.samples import asked

PATIENCE_SECONDS = 10.0


async def until(holds: Callable[[], Awaitable[bool]], within_seconds: float = PATIENCE_SECONDS) -> float:
    """Seconds until it held."""
    started = time.monotonic()
    while not await holds():
        assert time.monotonic() - started < within_seconds, "it never came to hold"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def finds(search: Search, text: str, *ids: str, owner: str = "tenant:a") -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        try:
            found = await search.candidates(asked(text, owner, "platform"), limit=50)
        except SearchNotReady:
            return False
        return sorted(str(each.title_id) for each in found) == sorted(ids)

    return ask


@pytest.fixture
async def library(database: Database) -> None:
    await build_indexes(database, INDEXES)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


@asynccontextmanager
async def ready(root: Path, database: Database) -> AsyncGenerator[Search]:
    async with searching(root, database) as search:
        await until(lambda: _is_ready(search))
        yield search


async def _is_ready(search: Search) -> bool:
    return search.titles is not None


def place_of(root: Path) -> Place:
    return Place(root)


def present(root: Path) -> State:
    found = place_of(root).read()
    assert found is not None
    return found


async def test_what_was_there_before_is_found_and_what_comes_is_found_within_two_seconds(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path
) -> None:
    await importing(scope_a, [film(1, title="Interstellar")])
    owner = scope_a.owner
    async with ready(root, database) as search:
        assert await finds(search, "interstelar", "film_001", owner=owner)()
        await importing(scope_a, [film(2, title="Interstate"), film(1, title="Gone with it")])
        seconds = await until(finds(search, "interstate", "film_002", owner=owner))
        assert seconds < 2
        assert await finds(search, "interstellar", owner=owner)()


async def test_deleted_and_hidden_titles_are_gone(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path
) -> None:
    await importing(scope_a, [film(number, title=f"Dune {number}") for number in (1, 2, 3)])
    async with ready(root, database) as search:
        await until(finds(search, "dune", "film_001", "film_002", "film_003", owner=scope_a.owner))
        titles = TitleRepository(database, scope_a)
        await titles._delete("film_001")
        await titles._update("film_002", {"$set": {"_marquee.visible": False}})
        await until(finds(search, "dune", "film_003", owner=scope_a.owner))


async def test_a_restart_goes_on_from_its_token_without_reading_all(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path
) -> None:
    await importing(scope_a, [film(1, title="Dune")])
    async with ready(root, database):
        generation = present(root).generation
    await importing(scope_a, [film(2, title="Dune Two")])
    async with ready(root, database) as search:
        await until(finds(search, "dune", "film_001", "film_002", owner=scope_a.owner))
        assert present(root).generation == generation


async def _torn(root: Path) -> None:
    folder = place_of(root).index(present(root).generation)
    for part in folder.iterdir():
        if part.suffix in {".term", ".idx", ".store", ".fast"}:
            part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])


async def _scribbled(root: Path) -> None:
    (place_of(root).index(present(root).generation) / "meta.json").write_text("{")


async def _emptied(root: Path) -> None:
    shutil.rmtree(place_of(root).index(present(root).generation))


async def _of_another_collection(root: Path) -> None:
    place_of(root).write(msgspec.structs.replace(present(root), source="elsewhere/1"))


async def _with_a_token_nobody_knows(root: Path) -> None:
    place_of(root).write(msgspec.structs.replace(present(root), token=packed({"owner": "x", "id": 1})))


async def _without_a_state(root: Path) -> None:
    place_of(root).write(present(root))
    (next(root.iterdir()) / "state.json").write_bytes(b"\x00\x01")


async def _of_fewer_titles(root: Path) -> None:
    """As if news had been lost: the index has nothing and believes to be up to date."""
    found = present(root)
    folder = place_of(root).index(found.generation)
    shutil.rmtree(folder)
    writer = Shelf(folder, new=True).writer()
    writer.commit()
    writer.close()


SPOILERS = [
    *(_torn, _scribbled, _emptied, _of_another_collection),
    *(_with_a_token_nobody_knows, _without_a_state, _of_fewer_titles),
]


@pytest.mark.parametrize("spoil", SPOILERS)
async def test_an_index_that_cannot_be_trusted_is_made_anew(
    importing: Importing,
    database: Database,
    scope_a: TenantScope,
    root: Path,
    spoil: Callable[[Path], Awaitable[None]],
) -> None:
    await importing(scope_a, [film(1, title="Dune")])
    async with ready(root, database):
        generation = present(root).generation
    await spoil(root)
    async with searching(root, database) as search:
        await until(finds(search, "dune", "film_001", owner=scope_a.owner))
        await until(lambda: _changed(root, generation))


async def _changed(root: Path, generation: str) -> bool:
    found = place_of(root).read()
    return found is not None and found.generation != generation


async def test_another_format_is_another_index_and_the_old_one_goes(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await importing(scope_a, [film(1, title="Dune")])
    async with ready(root, database):
        before = next(root.iterdir())
    monkeypatch.setattr(state, "FORMAT", listings.FORMAT + 1)
    async with ready(root, database) as search:
        await until(finds(search, "dune", "film_001", owner=scope_a.owner))
        assert not before.exists()


async def test_of_two_processes_one_writes_both_find_and_the_second_takes_over(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path
) -> None:
    owner = scope_a.owner
    async with ready(root, database) as first, searching(root, database) as second:
        await importing(scope_a, [film(1, title="Dune")])
        await until(finds(first, "dune", "film_001", owner=owner))
        await until(finds(second, "dune", "film_001", owner=owner))
    async with searching(root, database) as survivor:
        async with searching(root, database) as other:
            await until(finds(other, "dune", "film_001", owner=owner))
        await importing(scope_a, [film(2, title="Dune Two")])
        await until(finds(survivor, "dune", "film_001", "film_002", owner=owner))


async def test_an_index_that_breaks_while_it_is_read_is_told_and_replaced(
    importing: Importing, database: Database, scope_a: TenantScope, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await importing(scope_a, [film(1, title="Dune")])
    async with ready(root, database) as search:
        await until(finds(search, "dune", "film_001", owner=scope_a.owner))
        generation = present(root).generation

        class Broken:
            num_docs = 1

            def search(self, *_: Any, **__: Any) -> Any:
                raise ValueError("An error occurred: data corrupted")

        assert search._shelf is not None
        monkeypatch.setattr(search._shelf, "_searcher", Broken())
        with pytest.raises(SearchNotReady):
            await search.candidates(asked("dune", scope_a.owner), limit=5)
        await until(finds(search, "dune", "film_001", owner=scope_a.owner))
        assert present(root).generation != generation


async def test_a_writer_that_is_killed_leaves_what_was_committed_and_its_lock_to_the_next(root: Path) -> None:
    root.mkdir()
    killed = subprocess.Popen([sys.executable, "-c", _WRITES_FOR_EVER, str(root)], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    try:
        for _ in range(3):
            assert await asyncio.to_thread(killed.stdout.readline) == b"committed\n"
        assert not place_of(root).take()
    finally:
        killed.kill()
        killed.communicate()
    place = place_of(root)
    assert place.take()
    shelf = Shelf(place.index("g"))
    assert shelf.titles % 50 == 0
    assert shelf.titles >= 150
    shelf.writer().close()
    place.give_back()


_WRITES_FOR_EVER = """
import sys
from pathlib import Path
from content.search.shelf import Shelf
from content.search.state import Place
from tests.content.search.samples import stored
place = Place(Path(sys.argv[1]))
place.prepare()
assert place.take()
writer, number = Shelf(place.index("g"), new=True).writer(), 0
while True:
    writer.add(stored("platform", number + each, "Dune") for each in range(50))
    writer.commit()
    number += 50
    print("committed", flush=True)
"""


async def test_many_changes_at_once_are_all_heard(
    importing: Importing, database: Database, platform: PlatformScope, root: Path
) -> None:
    async with ready(root, database) as search:
        await importing(platform, [film(number, title="Dune") for number in range(1_200)])

        async def all_there() -> bool:
            return search.titles == 1_200

        await until(all_there)


async def test_news_of_a_collection_that_was_dropped_are_lost(database: Database, library: None) -> None:
    feed = Feed(database, "fed")
    collection = collection_of(database, "fed")
    await collection.insert_one({"_id": {"owner": "platform", "id": 1}})
    before = await feed.identity()
    token = await feed.now()
    await collection.drop()
    with pytest.raises(FeedLost):
        async for _ in feed.news(token):
            pass
    await collection.insert_one({"_id": {"owner": "platform", "id": 1}})
    assert await feed.identity() != before
    await collection.drop()


async def test_an_id_comes_back_with_its_type() -> None:
    for value in ("x", 5, 2**63 - 1, 1.5, {"a": 1}):
        assert unpacked(packed({"owner": "tenant:a", "id": value})) == ("tenant:a", value)
    with pytest.raises(ValueError):
        unpacked(b"no")
