"""Photos in a channel: found by their id, read whole, in the largest size that there is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from streaming.model import Document
from streaming.telegram.references import location_in
from streaming.telegram.schema import raw
from tests.streaming.core.conftest import CHANNEL, Studio, source_of
from tests.streaming.core.doubles import bucket, tenant
from tests.streaming.core.doubles import read as read_bucket

pytestmark = pytest.mark.anyio


async def test_a_photo_is_described_and_read_like_a_document(studio: Studio) -> None:
    core = await studio.core()
    info = studio.sandbox.add_document(CHANNEL, 300_000, kind="photo", dc_id=4)
    described = await source_of(core).inspect(CHANNEL, info.message_id)
    assert (described.mime, described.document.size_bytes) == ("image/jpeg", 300_000)
    got = await read_bucket(core, bucket(described.document), tenant("a"), 0, 300_000)
    assert got == studio.sandbox.content(info.media_id, 0, 300_000)


async def test_a_photo_whose_message_is_not_known_is_found_in_its_owners_channel(studio: Studio) -> None:
    core = await studio.core()
    info = studio.sandbox.add_document(CHANNEL, 5_000, kind="photo")
    found = await source_of(core).complete(Document("platform", media_id=info.media_id))
    assert (found.chat_id, found.message_id, found.size_bytes) == (CHANNEL, info.message_id, 5_000)


def photo(*sizes: Any) -> Any:
    held = raw.types.Photo(id=1, access_hash=2, file_reference=b"r", date=0, sizes=list(sizes), dc_id=4)
    return SimpleNamespace(media=raw.types.MessageMediaPhoto(photo=held))


def test_of_several_sizes_the_largest_is_taken() -> None:
    found = location_in(
        photo(
            raw.types.PhotoStrippedSize(type="i", bytes=b"tiny"),
            raw.types.PhotoSizeProgressive(type="w", w=2560, h=1440, sizes=[1000, 9000]),
            raw.types.PhotoSize(type="x", w=800, h=600, size=4000),
        )
    )
    assert found is not None
    assert (found.photo_size, found.size_bytes) == ("w", 9000)
    assert found.query(0, 4096).location.thumb_size == "w"


def test_a_photo_without_a_size_and_an_expired_one_are_nothing() -> None:
    assert location_in(photo(raw.types.PhotoStrippedSize(type="i", bytes=b"tiny"))) is None
    assert location_in(SimpleNamespace(media=raw.types.MessageMediaPhoto())) is None
