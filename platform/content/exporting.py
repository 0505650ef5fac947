"""`marquee export`: the users' documents as they brought them, a line of Extended JSON each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from msgspec import Struct

from content.dumps import dump_store
from content.importing.target import COLLECTIONS, Target, check_place
from content.progress.histories import exported
from storage.documents import MARQUEE
from storage.extended_json import encode
from storage.mongo import Database
from storage.scope import TenantScope


class ExportReport(Struct, frozen=True):
    """A dump that was written."""

    collection: str
    path: Path
    documents: int


async def export_dump(
    database: Database,
    target: Target,
    collection: str,
    folder: Path,
    *,
    canonical: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ExportReport:
    """Writes `<folder>/<collection>.jsonl` whole or not at all. `progress` gets the number of documents so far.

    Relaxed Extended JSON that reads back with the same types; `canonical` names every type. Raises ImportRefused for a
    collection that is not there, StorageUnavailable and OSError.
    """
    check_place(collection, target)
    path = folder / f"{collection}.jsonl"
    unfinished = folder / f".{collection}.jsonl.{os.getpid()}.part"
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            async for document in documents(database, target, collection):
                file.write(encode(document, canonical=canonical) + "\n")
                count += 1
                if progress is not None:
                    progress(count)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return ExportReport(collection, path, count)


async def export_all(
    database: Database, target: Target, folder: Path, *, canonical: bool = False
) -> list[ExportReport]:
    """Every collection of the target, one dump each, into a folder that is there."""
    return [
        await export_dump(database, target, collection, folder, canonical=canonical)
        for collection in COLLECTIONS[target.place]
    ]


async def documents(database: Database, target: Target, collection: str) -> AsyncIterator[dict[str, object]]:
    """The documents as they were brought, without anything of ours."""
    found = dump_store(database, collection, target.scope).documents()
    if collection == "users" and isinstance(target.scope, TenantScope):
        found = exported(database, target.scope, found)
    async for document in found:
        document.pop(MARQUEE, None)
        yield document
