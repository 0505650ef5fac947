"""What a file is by its first bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.pages.pictures import HEAD_BYTES, Picture, picture_of
from tests.streaming.pages.drawing import MIMES, SVG, picture


@pytest.mark.parametrize("kind", MIMES)
def test_pictures_are_told_with_their_size(kind: str) -> None:
    assert picture_of(picture(kind, (300, 420))[:HEAD_BYTES]) == Picture(MIMES[kind], 300, 420)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 60}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_every_form_of_webp_has_its_size(options: dict[str, Any]) -> None:
    assert picture_of(picture("WEBP", (64, 91), **options)) == Picture("image/webp", 64, 91)


def test_a_progressive_jpeg_with_a_long_head_has_its_size() -> None:
    exif = b"Exif\0\0" + bytes(2_000)
    assert picture_of(picture("JPEG", (70, 50), progressive=True, exif=exif)) == Picture("image/jpeg", 70, 50)


def test_a_jpeg_whose_size_lies_beyond_the_head_is_a_jpeg_all_the_same() -> None:
    head = picture("JPEG", exif=b"Exif\0\0" + bytes(60_000))[:HEAD_BYTES]
    assert picture_of(head) == Picture("image/jpeg")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"<!doctype html><script>alert(1)</script>",
        b"GIF88a" + bytes(20),
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"II*\0" + bytes(20),
        b"BM" + bytes(40),
    ],
)
def test_all_else_is_no_picture(body: bytes) -> None:
    assert picture_of(body) is None


SMALL = {kind: picture(kind, (40, 56)) for kind in MIMES}


@given(st.sampled_from(sorted(MIMES)), st.integers(0, 200), st.binary(max_size=200))
def test_a_head_that_is_cut_or_broken_never_fails(kind: str, kept: int, rest: bytes) -> None:
    found = picture_of(SMALL[kind][:kept] + rest)
    assert found is None or found.mime == MIMES[kind]
