"""The connection to MongoDB, and the edge where the driver's errors become this room's.

Every datetime that leaves storage is naive and means UTC, with millisecond precision; one outside of Python's years
comes as `bson.DatetimeMS`. Writes are acknowledged by a majority and journaled.
"""

import asyncio
import warnings
from collections.abc import Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, Protocol, final

from bson.errors import BSONError, InvalidDocument
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteError,
)

from storage.errors import Conflict, StorageError, StorageUnavailable, Unstorable
from storage.waiting import wait_in_the_same_task

Stored = dict[str, Any]

_UNREACHABLE: Final = (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)
_UNSTORABLE: Final = (BSONError, DocumentTooLarge, InvalidDocument, OverflowError)
# Shutting down, stepping down, no primary yet: what a server says while a replica set changes hands.
_UNREACHABLE_CODES: Final = frozenset({11600, 11602, 91, 189, 10107, 13435, 13436, 262, 50})
_TOO_LARGE_CODES: Final = frozenset({10334, 17419, 17420})
DUPLICATE_KEY: Final = 11000

# What fails fast: a request that cannot reach MongoDB is answered within about two seconds.
_OPTIONS: Final[dict[str, Any]] = {
    "serverSelectionTimeoutMS": 1_000,
    "connectTimeoutMS": 1_000,
    "socketTimeoutMS": 5_000,
    "waitQueueTimeoutMS": 2_000,
    "heartbeatFrequencyMS": 5_000,
    "maxPoolSize": 50,
    "w": "majority",
    "journal": True,
    "retryWrites": True,
    "retryReads": True,
    "tz_aware": False,
    "datetime_conversion": "DATETIME_AUTO",
    "appname": "marquee",
}


class Listener(Protocol):
    """Marks a pymongo event listener; tests hang the watch over unscoped commands here."""


class BulkRefused(StorageError):
    """Some writes of a bulk were refused; `refused` are the server's reports, each with its `index` and `code`."""

    def __init__(self, refused: list[Stored]) -> None:
        super().__init__(f"{len(refused)} writes were refused")
        self.refused = refused


class Edge:
    """`with edge:` around the driver's calls: its errors come out as StorageUnavailable, Conflict or Unstorable.

    On Python 3.11 `asyncio.wait_for`, which the driver sends through, loses a cancellation that meets the end of its
    write; one that came during the block is raised at its end.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        _cancellings.set(0 if task is None else task.cancelling())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            _translate(error)
            return
        task = asyncio.current_task()
        if task is not None and task.cancelling() > _cancellings.get():
            raise asyncio.CancelledError


_cancellings: Final[ContextVar[int]] = ContextVar("cancellings", default=0)
edge: Final = Edge()


def _translate(error: BaseException) -> None:
    if isinstance(error, _UNREACHABLE):
        raise StorageUnavailable("MongoDB cannot be reached") from error
    if isinstance(error, DuplicateKeyError):
        fields = tuple((error.details or {}).get("keyPattern") or ())
        raise Conflict(f"taken: {', '.join(fields) or 'a unique key'}", fields) from error
    if isinstance(error, UnicodeEncodeError):
        raise Unstorable("text that is not Unicode (a lone surrogate)") from error
    if isinstance(error, _UNSTORABLE):
        raise Unstorable(str(error)) from error
    if isinstance(error, BulkWriteError):
        _translate_bulk(error)
    if isinstance(error, OperationFailure):
        _translate_code(error)


def _translate_code(error: OperationFailure) -> None:
    if error.code in _UNREACHABLE_CODES:
        raise StorageUnavailable("MongoDB cannot answer now") from error
    if isinstance(error, WriteError) or error.code in _TOO_LARGE_CODES:
        raise Unstorable(str(error)) from error


def _translate_bulk(error: BulkWriteError) -> None:
    refused: list[Stored] = (error.details or {}).get("writeErrors", [])
    if not refused or any(each.get("code") in _UNREACHABLE_CODES for each in refused):
        raise StorageUnavailable("MongoDB cannot answer now") from error
    raise BulkRefused(refused) from error


@final
class Database:
    """One MongoDB database. Its collections are reached through repositories alone."""

    def __init__(self, client: AsyncMongoClient[Stored], name: str, uri: str) -> None:
        self.__client = client
        self.__uri = uri
        self.name = name

    @classmethod
    async def connect(
        cls,
        uri: str,
        name: str = "marquee",
        *,
        listeners: Sequence[Listener] = (),
        socket_timeout_seconds: float | None = 5.0,
    ) -> "Database":
        """Makes the client and asks the server once. Raises StorageUnavailable, or ValueError for a bad URI.

        An option that the URI names wins over the defaults. `socket_timeout_seconds=None` waits as long as the
        server works (index builds).
        """
        wait_in_the_same_task()
        given = uri.lower()
        options = {key: value for key, value in _OPTIONS.items() if f"{key.lower()}=" not in given}
        if socket_timeout_seconds != _OPTIONS["socketTimeoutMS"] / 1_000:
            options["socketTimeoutMS"] = None if socket_timeout_seconds is None else int(socket_timeout_seconds * 1_000)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # an option that is unknown or odd is no mere warning
                client: AsyncMongoClient[Stored] = AsyncMongoClient(uri, event_listeners=list(listeners), **options)
        except (ConfigurationError, ValueError, UserWarning) as error:
            raise ValueError(f"not a MongoDB URI: {error}") from error
        database = cls(client, name, uri)
        try:
            await database.ping()
        except BaseException:
            await client.close()
            raise
        return database

    async def patient(self) -> "Database":
        """A second connection to the same database that waits for long commands; the caller closes it."""
        return await Database.connect(self.__uri, self.name, socket_timeout_seconds=None)

    async def ping(self) -> None:
        """Asks the server for a sign of life. Raises StorageUnavailable."""
        with edge:
            await self.__client.admin.command("ping")

    async def close(self) -> None:
        """Closes every connection; the Database is of no use afterwards."""
        await self.__client.close()

    def _driver(self) -> AsyncDatabase[Stored]:
        return self.__client[self.name]


def driver_of(database: Database) -> AsyncDatabase[Stored]:
    """The driver's own database. For this room alone: ruff refuses it elsewhere."""
    return database._driver()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the one door


def collection_of(database: Database, name: str) -> AsyncCollection[Stored]:
    """The driver's own collection. For this room alone: ruff refuses it elsewhere."""
    return driver_of(database)[name]
