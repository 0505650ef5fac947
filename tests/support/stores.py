"""The stores of a test: a database and a cache of its own run, two tenants' scopes, and the watch over commands."""

from collections.abc import AsyncIterator, Iterator

import pytest
import redis
from pymongo import MongoClient, WriteConcern, monitoring
from pymongo.database import Database as SyncDatabase

from storage.mongo import Database
from storage.scope import PlatformScope, TenantId, TenantScope, mint_platform_scope, mint_tenant_scope
from storage.valkey import Cache
from tests.support.commands import UnscopedCommands
from tests.support.schema import Indexed

# Every client that the test process makes from here on is watched, also those of an app under test.
WATCH = UnscopedCommands()
INDEXED = Indexed()
monitoring.register(WATCH)
monitoring.register(INDEXED)
_UNDURABLE = WriteConcern(w=1, j=False)


@pytest.fixture(autouse=True)
def unscoped_commands() -> Iterator[UnscopedCommands]:
    """Fails the test that sent a command on an owner's collection without an owner."""
    WATCH.violations.clear()
    yield WATCH
    violations = list(WATCH.violations)
    WATCH.violations.clear()
    assert not violations, "\n".join(violations)


@pytest.fixture(scope="session")
def cleaner(mongodb_uri: str) -> Iterator[MongoClient[dict[str, object]]]:
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        yield client


@pytest.fixture(autouse=True)
def clean_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Deletes what the test wrote; collections and indexes stay, for making them is slow."""
    if "database_name" not in request.fixturenames:
        yield
        return
    client: MongoClient[dict[str, object]] = request.getfixturevalue("cleaner")
    name: str = request.getfixturevalue("database_name")
    yield
    empty(client[name])


def empty(database: SyncDatabase[dict[str, object]]) -> None:
    """Deletes every document. One question finds the few collections that have any."""
    names = database.list_collection_names()
    if not names:
        return
    alike = [{"$unionWith": {"coll": name, "pipeline": _told_once(name)}} for name in names[1:]]
    for filled in database[names[0]].aggregate([*_told_once(names[0]), *alike], comment="system"):
        collection = database.get_collection(str(filled["_id"]), write_concern=_UNDURABLE)
        collection.delete_many({}, comment="system")


def _told_once(collection: str) -> list[dict[str, object]]:
    return [{"$limit": 1}, {"$project": {"_id": {"$literal": collection}}}]


@pytest.fixture(autouse=True)
def clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forgets every key of the test."""
    yield
    if "redis_url" in request.fixturenames:
        with redis.Redis.from_url(request.getfixturevalue("redis_url")) as client:
            client.flushdb()


@pytest.fixture
async def database(mongodb_uri: str, database_name: str) -> AsyncIterator[Database]:
    """The database of this worker."""
    database = await Database.connect(mongodb_uri, database_name)
    yield database
    await database.close()


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    """The Redis of this run."""
    cache = await Cache.connect(redis_url)
    yield cache
    await cache.close()


@pytest.fixture
def scope_a() -> TenantScope:
    """One tenant."""
    return mint_tenant_scope(TenantId("tenant_a"))


@pytest.fixture
def scope_b() -> TenantScope:
    """Another tenant."""
    return mint_tenant_scope(TenantId("tenant_b"))


@pytest.fixture
def platform() -> PlatformScope:
    """The platform's own scope."""
    return mint_platform_scope()
