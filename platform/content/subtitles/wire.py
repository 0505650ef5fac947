"""What passes between the server and the process that reads a container.

The reader asks `R offset length` and is answered with a length and that many bytes (no bytes: the end); it ends with
`D` and a document of msgspec JSON. Numbers are big-endian.
"""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

READ: Final = b"R"
DONE: Final = b"D"
REQUEST: Final = struct.Struct(">QI")
LENGTH: Final = struct.Struct(">I")
MOST_ASKED: Final = 1 << 20
MOST_ANSWER: Final = 48 << 20


class Track(Struct, kw_only=True):
    """One subtitle stream of a container: its WebVTT file, or why there is none."""

    index: int
    codec: str
    vtt: str | None = None
    reason: str | None = None


class Taken(Struct, kw_only=True):
    """What was found in a container; `reason` says why it could not be read at all."""

    tracks: list[Track] = []
    reason: str | None = None
