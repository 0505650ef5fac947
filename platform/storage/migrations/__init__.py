"""What brings a database to the present form at every start: migrations once each, then the rooms' indexes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec

from storage.indexes import Index, build_indexes
from storage.locks import locked
from storage.moments import Clock, moment
from storage.mongo import Database, collection_of, edge


class Migration(msgspec.Struct, frozen=True):
    """A change of stored data, by a name that never changes.

    A start that dies between `apply` and its record runs it again: `apply` must bear being run twice.
    """

    name: str
    apply: Callable[[Database], Awaitable[None]]


MIGRATIONS: Final[tuple[Migration, ...]] = ()


async def apply(
    database: Database, indexes: Iterable[Index], *, clock: Clock, migrations: Sequence[Migration] = MIGRATIONS
) -> list[str]:
    """Applies what is missing, under a lock that all processes share. Gives the names of the migrations that ran.

    Raises StorageUnavailable, Conflict (documents break a unique index) and LockLost.
    """
    patient = await database.patient()
    try:
        async with locked(patient, "schema", clock=clock):
            ran = [each.name for each in migrations if await _migrate(patient, each, clock)]
            await build_indexes(patient, indexes)
    finally:
        await patient.close()
    return ran


async def _migrate(database: Database, migration: Migration, clock: Clock) -> bool:
    applied = collection_of(database, "migrations")
    with edge:
        if await applied.find_one({"_id": migration.name}) is not None:
            return False
    await migration.apply(database)
    with edge:
        await applied.insert_one({"_id": migration.name, "applied_at": moment(clock())})
    return True
