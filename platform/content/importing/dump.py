"""One import: a file's documents into one place, and a report of what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from content.dumps import DumpStore, Item, dump_store
from content.importing.arranging import arranged
from content.importing.reading import Batch, Entry, batches
from content.importing.report import ImportReport, Progress, ProgressCallback
from content.importing.target import ImportRefused, Target, check_place
from content.importing.tenants import TenantsIntake
from content.importing.titles import TitleDeriver
from content.importing.works import TITLES, asks_worker, change_of, works_of
from content.model import Rights, RightsBasis
from content.repository import TitleRepository
from storage.audit import Actor, Audit
from storage.documents import Refusal
from storage.errors import Unstorable
from storage.extended_json import identity
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from tenancy.desk import TenantDesk
from tenancy.usage import UsageLedger

_SLUG_ATTEMPTS: Final = 8
_JOBS_AT_ONCE: Final = 16


class ImportServices(Struct, frozen=True):
    """What an import works with."""

    database: Database
    jobs: Jobs
    audit: Audit
    clock: Clock
    desk: TenantDesk
    usage: UsageLedger


_Title = tuple[Any, Mapping[str, Any]]
"""An id, and what the platform holds of the title."""


class _Pending(Struct):
    """A document that has to be written."""

    entry: Entry
    held: Mapping[str, Any]
    is_new: bool
    ours: dict[str, Any]
    attempt: int = 0

    def item(self) -> Item:
        fields = {key: value for key, value in self.entry.document.items() if key != "_id"}
        return self.entry.document["_id"], fields, self.ours


async def import_dump(
    services: ImportServices,
    target: Target,
    collection: str,
    path: Path,
    *,
    rights: RightsBasis | None,
    actor: Actor,
    progress: ProgressCallback | None = None,
) -> ImportReport:
    """Imports the file and tells what became of each line; the same file again changes nothing.

    A document is written when it differs from the one that was imported last: what the platform and its viewers made
    of it since then stays. `rights` is the ground on which titles are shown, declared by `actor`; without one, titles
    keep the ground declared before, and those that have none are not shown.

    Raises ImportRefused (the collection does not go there, the file cannot be read) and StorageUnavailable; what was
    written by then stays, and the same import again goes on from there.
    """
    check_place(collection, target)
    run = _Run(services, target, collection, path, rights, actor)
    try:
        reader = batches(path)
        while (batch := await asyncio.to_thread(next, reader, None)) is not None:
            await run.take(batch)
            if progress is not None:
                progress(run.progress(batch))
    except OSError as error:
        raise ImportRefused(f"{path}: {error.strerror or error}") from error
    await run.finish(actor, rights)
    return run.report


class _Run:
    def __init__(
        self,
        services: ImportServices,
        target: Target,
        collection: str,
        path: Path,
        rights: RightsBasis | None,
        actor: Actor,
    ) -> None:
        now = moment(services.clock())
        self.report = ImportReport(collection=collection, place=target.place, file=path.name)
        self._services = services
        self._scope = target.scope
        self._path = path
        self._now: datetime = now
        self._store = _store(services, target, collection, actor)
        declared = None if rights is None else Rights(basis=rights, by=f"{actor.kind}:{actor.id}", declared_at=now)
        is_library = collection == "library"
        self._titles = TitleDeriver(services.database, target.scope, declared, now) if is_library else None
        self._library = TitleRepository(services.database, target.scope)
        self._seen: set[Hashable] = set()

    async def take(self, batch: Batch) -> None:
        entries = self._readable(batch.entries)
        states = await self._store.states([entry.document["_id"] for entry in entries])
        held = {identity(state.id): state.ours for state in states}
        changed: list[Entry] = []
        unchanged: list[_Title] = []
        for entry in entries:
            known = held.get(identity(entry.document["_id"]))
            if known is not None and known.get("source") == entry.source and self._is_current(known):
                unchanged.append((entry.document["_id"], known))
            else:
                changed.append(entry)
        pending = await self._pending(changed, held)
        self.report.unchanged += len(unchanged)
        await self._write(pending)
        # An import that broke off may have written titles and not their jobs.
        await self._enqueue(unchanged)

    async def _pending(self, changed: Sequence[Entry], held: Mapping[Hashable, Mapping[str, Any]]) -> list[_Pending]:
        if self._titles is not None:
            await self._titles.look_up([entry.document for entry in changed])
        found = [(entry, held.get(identity(entry.document["_id"]))) for entry in changed]
        return [_Pending(entry, known or {}, known is None, self._ours(entry, known or {})) for entry, known in found]

    def progress(self, batch: Batch) -> Progress:
        """How far the run is after the batch."""
        size = self._path.stat().st_size
        return Progress(self.report.collection, batch.offset_bytes, size, self.report.read)

    async def finish(self, actor: Actor, rights: RightsBasis | None) -> None:
        self.report.bad_lines.sort(key=lambda bad: bad.line)
        detail = {
            "file": self.report.file,
            "rights": rights,
            **{name: getattr(self.report, name) for name in ("inserted", "changed", "unchanged", "refused")},
        }
        await self._services.audit.record(self._scope, actor, "content.import", self.report.collection, detail)

    def _readable(self, entries: Sequence[Entry]) -> list[Entry]:
        readable: list[Entry] = []
        for entry in entries:
            if entry.reason is not None:
                self.report.refuse(entry.line, entry.reason)
                continue
            known = identity(entry.document["_id"])
            if known in self._seen:
                self.report.refuse(entry.line, "its _id stands further up in the file already")
                continue
            self._seen.add(known)
            readable.append(entry)
        return readable

    def _is_current(self, held: Mapping[str, Any]) -> bool:
        return self._titles is None or self._titles.is_current(held)

    def _ours(self, entry: Entry, held: Mapping[str, Any], attempt: int = 0) -> dict[str, Any]:
        imported = {"source": entry.source, "imported_at": self._now}
        imported |= arranged(self.report.collection, entry.document, self._now)
        if self._titles is None:
            return imported
        return {**imported, **self._titles.derive(entry.document, held, attempt)}

    async def _write(self, pending: list[_Pending]) -> None:
        while pending:
            refusals = await self._refusals([each.item() for each in pending])
            written = [each for place, each in enumerate(pending) if place not in refusals]
            self._count(written)
            await self._enqueue([(each.entry.document["_id"], each.ours) for each in written])
            await self._tell([each.entry.document["_id"] for each in written])
            pending = [again for place, why in refusals.items() if (again := self._retry(pending[place], why))]

    async def _refusals(self, items: list[Item]) -> dict[int, Refusal]:
        try:
            return await self._store.write(items)
        except Unstorable as error:
            if len(items) == 1:
                return {0: Refusal((), str(error))}
        # One of them cannot be sent at all; the others are not to suffer for it.
        refusals: dict[int, Refusal] = {}
        for place, item in enumerate(items):
            if why := (await self._refusals([item])).get(0):
                refusals[place] = why
        return refusals

    def _retry(self, refused: _Pending, why: Refusal) -> _Pending | None:
        """The document under another slug, where only its slug was taken."""
        if "_marquee.slug" in why.duplicate_of and refused.attempt < _SLUG_ATTEMPTS:
            attempt = refused.attempt + 1
            ours = self._ours(refused.entry, refused.held, attempt)
            return _Pending(refused.entry, refused.held, refused.is_new, ours, attempt)
        self.report.refuse(refused.entry.line, _reason(why))
        return None

    def _count(self, written: Sequence[_Pending]) -> None:
        for each in written:
            if each.is_new:
                self.report.inserted += 1
            else:
                self.report.changed += 1
            if self._titles is not None:
                if each.ours["hidden_because"] is not None:
                    self.report.hidden[each.ours["hidden_because"]] += 1
                self.report.not_playable.update(
                    state["reason"]
                    for state in (*each.ours["files"], *each.ours["units"])
                    if state["reason"] is not None
                )

    async def _enqueue(self, titles: Sequence[_Title]) -> None:
        if self._titles is None:
            return
        slots = asyncio.Semaphore(_JOBS_AT_ONCE)

        async def enqueue(title_id: Any, ours: Mapping[str, Any]) -> None:
            async with slots:
                for work in works_of(title_id, ours):
                    await self._services.jobs.enqueue(self._scope, work.kind, work.payload, unique_key=work.unique_key)
                if ours.get("new_units"):
                    await self._library.announced(title_id, ours["new_units"])

        await asyncio.gather(*(enqueue(*each) for each in titles))
        self.report.jobs += sum(asks_worker(ours) for _, ours in titles)

    async def _tell(self, title_ids: Sequence[Any]) -> None:
        if self._titles is not None and title_ids:
            await self._services.desk.events.publish(TITLES, change_of(self._scope.owner, title_ids))


def _store(services: ImportServices, target: Target, collection: str, actor: Actor) -> DumpStore:
    if collection == "tenants":
        return TenantsIntake(services.database, services.desk, services.usage, actor)
    return dump_store(services.database, collection, target.scope)


def _reason(why: Refusal) -> str:
    fields = [field for field in why.duplicate_of if field != "_id.owner"]
    if fields:
        return f"another document has its {' and '.join(fields)} already"
    return f"refused: {why.reason[:200]}"
