"""One line of usage and its place in a segment file: length, CRC-32, MessagePack."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

LARGEST_RECORD = 4096

_FRAME = struct.Struct(">II")


class Usage(Struct, frozen=True, array_like=True):
    """What one stream used within a quarter of an hour: `owner` as in scopes, `quarter` in UTC as YYYY-MM-DDTHH:MM.

    Bills are cut at quarter hours: every zone's midnight is one. A record from before that has the day alone.

    `size_bytes` were acknowledged since the last record; `streams` is 1 in the first record of a stream on a day.
    """

    owner: str
    stream: str
    quarter: str
    size_bytes: int
    streams: int = 0

    @property
    def day(self) -> str:
        """The UTC day, YYYY-MM-DD."""
        return self.quarter[:10]

    @property
    def time(self) -> str:
        """When the quarter begins, HHMM."""
        return self.quarter[11:13] + self.quarter[14:16] or "0000"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Usage)


def encode(records: Iterable[Usage]) -> bytes:
    """The records' frames, one after the other. Raises ValueError for a record over LARGEST_RECORD."""
    frames = bytearray()
    for record in records:
        payload = _encoder.encode(record)
        if len(payload) > LARGEST_RECORD:
            raise ValueError(f"a usage record of {len(payload)} bytes")
        frames += _FRAME.pack(len(payload), zlib.crc32(payload)) + payload
    return bytes(frames)


def decode(frames: bytes) -> Iterator[Usage]:
    """The records up to the first frame that is torn, does not bear its checksum out or holds no record."""
    position = 0
    while position + _FRAME.size <= len(frames):
        length, checksum = _FRAME.unpack_from(frames, position)
        position += _FRAME.size
        payload = frames[position : position + length]
        if not 0 < length <= LARGEST_RECORD or len(payload) != length or zlib.crc32(payload) != checksum:
            return
        position += length
        try:
            yield _decoder.decode(payload)
        except msgspec.DecodeError:
            return
