"""Bot API file ids: what a real one names, and that no other text passes for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.telegram.file_ids import FileKeys, decode_file_id
from streaming.telegram.schema import file_id

Kind: Any = file_id.FileType


def encoded(kind: Any, media_id: int = 77, dc_id: int = 4, **fields: Any) -> str:
    text: str = file_id.FileId(
        file_type=kind, dc_id=dc_id, file_reference=b"ref", media_id=media_id, access_hash=-5, **fields
    ).encode()
    return text


@pytest.mark.parametrize("kind", [Kind.DOCUMENT, Kind.VIDEO, Kind.AUDIO, Kind.ANIMATION])
@pytest.mark.parametrize("media_id", [1, -1, 2**63 - 1, -(2**63)])
def test_a_file_id_of_a_document_names_it(kind: Any, media_id: int) -> None:
    assert decode_file_id(encoded(kind, media_id)) == FileKeys(media_id, 4)


def test_a_file_id_of_a_photo_names_it() -> None:
    text = encoded(
        Kind.PHOTO,
        thumbnail_source=file_id.ThumbnailSource.THUMBNAIL,
        thumbnail_file_type=Kind.PHOTO,
        thumbnail_size="y",
        volume_id=0,
        local_id=0,
    )
    assert decode_file_id(text) == FileKeys(77, 4)


@pytest.mark.parametrize(
    "text", ["", "BAACAg", "AgADxxxx", "file_id_p1", "-100123", "ü" * 40, "A" * 600, "AAAA", "====", "\x00"]
)
def test_placeholders_are_no_file_ids(text: str) -> None:
    assert decode_file_id(text) is None


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_text_raises(text: str) -> None:
    decode_file_id(text)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_text_of_its_alphabet_raises(text: str) -> None:
    decode_file_id(text)


def test_a_datacenter_that_cannot_be_is_none() -> None:
    assert decode_file_id(encoded(Kind.VIDEO, dc_id=0)) is None
    assert decode_file_id(encoded(Kind.VIDEO, media_id=0)) is None
