"""A tenant's export and deletion walk everything that rooms keep of it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from storage.blobs import Blobs
from storage.jobs import JobRepository, Jobs
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import PassingData, TenantDataRegistry
from tenancy.stored_data import BlobsData
from tests.support.clock import FakeClock


class Kept:
    def __init__(self, name: str, *documents: Mapping[str, Any]) -> None:
        self.name = name
        self.documents = list(documents)

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        for document in self.documents:
            yield {**document, "of": scope.tenant_id}

    async def delete(self, scope: TenantScope) -> int:
        count = len(self.documents)
        self.documents.clear()
        return count


async def test_every_kind_is_exported_and_deleted(scope_a: TenantScope) -> None:
    registry = TenantDataRegistry([Kept("users", {"_id": 1}, {"_id": 2}), Kept("comments", {"_id": 3})])
    exported = [(kind, document["_id"], document["of"]) async for kind, document in registry.export(scope_a)]
    assert exported == [("users", 1, "tenant_a"), ("users", 2, "tenant_a"), ("comments", 3, "tenant_a")]
    assert await registry.delete(scope_a) == {"users": 2, "comments": 1}
    assert await registry.delete(scope_a) == {"users": 0, "comments": 0}


def test_two_kinds_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="one name"):
        TenantDataRegistry([Kept("users"), Kept("users")])


async def test_blobs_and_jobs_go_with_their_tenant_and_no_other(
    database: Database, scope_a: TenantScope, scope_b: TenantScope, clock: FakeClock
) -> None:
    blobs, jobs = Blobs(database), Jobs(database, clock)
    for scope in (scope_a, scope_b):
        for name in ("logo.png", "proof.pdf"):
            await blobs.put(scope, name, b"x", "image/png")
        await jobs.enqueue(scope, "describe", {})
    registry = TenantDataRegistry([BlobsData(blobs), PassingData(database, JobRepository)])
    exported = [(kind, document["name"]) async for kind, document in registry.export(scope_a)]
    assert sorted(exported) == [("blobs", "logo.png"), ("blobs", "proof.pdf")]
    assert await registry.delete(scope_a) == {"blobs": 2, "jobs": 1}
    assert await registry.delete(scope_a) == {"blobs": 0, "jobs": 0}
    assert len([meta async for meta in blobs.list(scope_b)]) == 2
