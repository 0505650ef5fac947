"""Blobs come back byte for byte, to their owner alone."""

from collections.abc import AsyncIterator

import pytest

from storage.blobs import Blobs, BlobTooLarge, NoSuchBlob
from storage.mongo import Database, collection_of
from storage.scope import TenantScope


@pytest.fixture
def blobs(database: Database) -> Blobs:
    return Blobs(database)


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for each in content:
        yield each


async def test_a_blob_comes_back_as_it_went(blobs: Blobs, scope_a: TenantScope) -> None:
    content = bytes(range(256)) * 4_000
    blob_id = await blobs.put(scope_a, "logo.png", content, "image/png")
    blob = await blobs.open(scope_a, blob_id)
    meta = blob.meta
    assert (meta.id, meta.name, meta.content_type, meta.size_bytes) == (blob_id, "logo.png", "image/png", len(content))
    assert await blob.read() == content


async def test_a_blob_may_come_in_pieces_and_may_be_empty(blobs: Blobs, scope_a: TenantScope) -> None:
    blob_id = await blobs.put(scope_a, "a", pieces(b"ab", b"", b"c"), "text/plain")
    assert await (await blobs.open(scope_a, blob_id)).read() == b"abc"
    empty = await blobs.put(scope_a, "b", b"", "text/plain")
    assert await (await blobs.open(scope_a, empty)).read() == b""


async def test_another_owner_neither_sees_nor_deletes_it(
    blobs: Blobs, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    blob_id = await blobs.put(scope_a, "logo.png", b"x", "image/png")
    with pytest.raises(NoSuchBlob):
        await blobs.open(scope_b, blob_id)
    assert not await blobs.delete(scope_b, blob_id)
    assert [each.id async for each in blobs.list(scope_b)] == []
    assert [each.id async for each in blobs.list(scope_a)] == [blob_id]
    assert await blobs.delete(scope_a, blob_id)
    with pytest.raises(NoSuchBlob):
        await blobs.open(scope_a, blob_id)


async def test_nothing_is_kept_of_what_is_too_large(blobs: Blobs, database: Database, scope_a: TenantScope) -> None:
    with pytest.raises(BlobTooLarge):
        await blobs.put(scope_a, "a", pieces(b"x" * 300_000, b"x" * 300_000), "text/plain", limit_bytes=500_000)
    assert [each.id async for each in blobs.list(scope_a)] == []
    assert await collection_of(database, "blobs.chunks").count_documents({}, comment="system") == 0


async def test_a_blob_deleted_while_it_is_read_ends_with_a_clear_error(blobs: Blobs, scope_a: TenantScope) -> None:
    blob_id = await blobs.put(scope_a, "a", b"x" * 1_000_000, "text/plain")
    blob = await blobs.open(scope_a, blob_id)
    await blobs.delete(scope_a, blob_id)
    with pytest.raises(NoSuchBlob):
        await blob.read()
