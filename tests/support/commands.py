"""Watches every command of a Database: one on an owner's collection that names no owner fails the test."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from pymongo.monitoring import CommandStartedEvent

from tests.support.listening import StartsOnly

# Collections of the platform alone, with plain ids. Everything else belongs to owners.
PLATFORM_COLLECTIONS: Final = frozenset(
    {"tenants", "workers", "plans", "events", "locks", "migrations", "gateway_events", "payment_orphans", "reconciled"}
)
_SERVER_DATABASES: Final = frozenset({"admin", "config", "local"})
_ON_COLLECTIONS: Final = frozenset(
    {"find", "aggregate", "update", "delete", "insert", "findAndModify", "count", "distinct", "mapReduce"}
)
_FOREIGN_STAGES: Final = frozenset({"$lookup", "$graphLookup", "$unionWith", "$out", "$merge"})


class UnscopedCommands(StartsOnly):
    """Records what it sees; an exception raised here would be swallowed by the driver."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.seen = 0

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in _ON_COLLECTIONS:
            return
        command = cast("Mapping[str, Any]", event.command)
        collection = str(command[event.command_name])
        if event.database_name in _SERVER_DATABASES or collection in PLATFORM_COLLECTIONS:
            return
        if command.get("comment") == "system" or _asks_whether_there_is_any(collection, command):
            return
        self.seen += 1
        if not is_scoped(event.command_name, command):
            self.violations.append(f"{event.command_name} on {collection}: {_shown(command)}")


def _asks_whether_there_is_any(collection: str, command: Mapping[str, Any]) -> bool:
    # GridFS does so before the first write of every upload, to make its indexes; it reads one _id and no more.
    looked = (command.get("filter"), command.get("projection"), command.get("limit"))
    return collection in {"blobs.files", "blobs.chunks"} and looked == ({}, {"_id": 1}, 1)


def is_scoped(name: str, command: Mapping[str, Any]) -> bool:
    """Whether every document that the command may touch is held to an owner."""
    if name == "aggregate":
        return _pipeline_is_scoped(command["pipeline"])
    return all(map(_names_owner, _filters(name, command)))


def _filters(name: str, command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if name == "insert":
        yield from command["documents"]
    elif name in {"update", "delete"}:
        yield from (each["q"] for each in command[f"{name}s"])
    else:
        yield command.get("query" if name in {"findAndModify", "count", "distinct", "mapReduce"} else "filter", {})


def _pipeline_is_scoped(pipeline: list[Mapping[str, Any]]) -> bool:
    first = pipeline[0] if pipeline else {}
    return _names_owner(first.get("$match", {})) and not _leaves(pipeline)


def _leaves(value: object) -> bool:
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value)
        return bool(_FOREIGN_STAGES.intersection(inner)) or any(map(_leaves, inner.values()))
    return isinstance(value, list) and any(map(_leaves, cast("list[object]", value)))


def _names_owner(wanted: Mapping[str, Any]) -> bool:
    if isinstance(wanted.get("_id.owner"), str):
        return True
    # files_id is the owner-carrying id of a blob in its chunks.
    if _is_owned(wanted.get("_id")) or _is_owned(wanted.get("files_id")):
        return True
    if any(map(_names_owner, wanted.get("$and", ()))):
        return True
    either = wanted.get("$or", ())
    return bool(either) and all(map(_names_owner, either))


def _is_owned(key: object) -> bool:
    if not isinstance(key, Mapping):
        return False
    named = cast("Mapping[str, object]", key)
    if "$eq" in named:
        return _is_owned(named["$eq"])
    if "$in" in named:
        return all(map(_is_owned, cast("list[object]", named["$in"])))
    return isinstance(named.get("owner"), str)


def _shown(command: Mapping[str, Any]) -> str:
    skipped = {"lsid", "$db", "$clusterTime", "txnNumber"}
    return str({key: value for key, value in command.items() if key not in skipped})[:600]
