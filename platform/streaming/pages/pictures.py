"""What a file is by its first bytes, whatever it is called: the pictures that browsers show and that run nothing."""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

HEAD_BYTES: Final = 4096
"""Enough to tell the type; the size of most pictures stands in there too."""

_AVIF_BRANDS: Final = (b"avif", b"avis")
_START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


class Picture(Struct, frozen=True):
    """A picture's type, and its pixels as stored where the head told them; 0 where it did not."""

    mime: str
    width: int = 0
    height: int = 0


def picture_of(head: bytes) -> Picture | None:
    """The picture that begins with `head`. None for all else: SVG and HTML would run as the site's own page."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("image/png", *_unpacked(">II", head, 16))
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Picture("image/gif", *_unpacked("<HH", head, 6))
    if head.startswith(b"\xff\xd8\xff"):
        return Picture("image/jpeg", *_jpeg_size(head))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Picture("image/webp", *_webp_size(head))
    if head[4:8] == b"ftyp" and _is_avif(head):
        return Picture("image/avif", *_avif_size(head))
    return None


def _unpacked(form: str, head: bytes, offset: int) -> tuple[int, int]:
    if len(head) < offset + struct.calcsize(form):
        return 0, 0
    one, other = struct.unpack_from(form, head, offset)
    return int(one), int(other)


def _jpeg_size(head: bytes) -> tuple[int, int]:
    """ITU T.81 B.2: marker segments up to the start of frame."""
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        if marker in _START_OF_FRAME:
            height, width = _unpacked(">HH", head, position + 5)
            return width, height
        position += 2 + int.from_bytes(head[position + 2 : position + 4])
    return 0, 0


def _webp_size(head: bytes) -> tuple[int, int]:
    """RFC 9649: the extended header, or the first frame of either coding."""
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = _unpacked("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _is_avif(head: bytes) -> bool:
    """ISO/IEC 14496-12 4.3: the major brand, or one of those that the file says it keeps to."""
    brands = head[8:12] + head[16 : min(int.from_bytes(head[:4]), 64)]
    return any(brands[place : place + 4] in _AVIF_BRANDS for place in range(0, len(brands), 4))


def _avif_size(head: bytes) -> tuple[int, int]:
    place = head.find(b"ispe")
    return _unpacked(">II", head, place + 8) if place > 0 else (0, 0)
