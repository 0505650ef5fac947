"""Imports and catalogues over the run's own database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from content.importing.dump import ImportServices, import_dump
from content.importing.report import ImportReport
from content.importing.target import Target
from content.indexes import INDEXES
from content.model import RightsBasis
from storage import jobs
from storage.audit import Actor, Audit
from storage.events import Events
from storage.indexes import build_indexes
from storage.jobs import Jobs
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storage.valkey import Cache
from tenancy import tenants
from tenancy.desk import TenantDesk
from tenancy.tenants import TenantStore
from tenancy.usage import UsageLedger
from tests.support.clock import FakeClock

STAFF = Actor("staff", "ann")


@pytest.fixture
async def services(database: Database, cache: Cache, clock: FakeClock, platform: PlatformScope) -> ImportServices:
    await build_indexes(database, [*INDEXES, *jobs.INDEXES, *tenants.INDEXES])
    audit = Audit(database, clock)
    return ImportServices(
        database=database,
        jobs=Jobs(database, clock),
        audit=audit,
        clock=clock,
        # Nobody listens here: events are published and that is all.
        desk=TenantDesk(TenantStore(database), audit, Events(database, cache), clock, platform),
        usage=UsageLedger(database),
    )


class Importing:
    """Writes lines into a file and imports it."""

    def __init__(self, services: ImportServices, folder: Path) -> None:
        self.services = services
        self.folder = folder

    async def __call__(
        self,
        scope: TenantScope | PlatformScope,
        documents: list[dict[str, Any]] | str | bytes,
        *,
        collection: str = "library",
        rights: RightsBasis | None = "own",
        name: str | None = None,
        place: Callable[[Any], Target] | None = None,
    ) -> ImportReport:
        ordinary = Target.tenant(scope) if isinstance(scope, TenantScope) else Target.shared(scope)
        target = ordinary if place is None else place(scope)
        path = self.folder / (name or f"{collection}.jsonl")
        if isinstance(documents, list):
            documents = "\n".join(json.dumps(document) for document in documents)
        path.write_bytes(documents.encode("utf-8", "surrogatepass") if isinstance(documents, str) else documents)
        return await import_dump(self.services, target, collection, path, rights=rights, actor=STAFF)


@pytest.fixture
def importing(services: ImportServices, tmp_path: Path) -> Importing:
    return Importing(services, tmp_path)
