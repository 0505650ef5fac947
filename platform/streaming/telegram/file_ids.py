"""What a Bot API file id says of the file that it names. https://core.telegram.org/bots/api#sending-files

It names the file for the account that it was given to: the access hash and the reference in it open nothing for
another. What counts is the file's own id, by which it is found in its owner's channels.
"""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

LONGEST: Final = 512


class FileKeys(Struct, frozen=True):
    """The id of a document or photo, and the datacenter that held it when the file id was made."""

    media_id: int
    dc_id: int


def decode_file_id(text: str) -> FileKeys | None:
    """What the file id names; None for text that is none, or for a thumbnail or a web file: channels hold no such.

    The first call loads kurigram, which takes half a second.
    """
    from streaming.telegram.schema import file_id

    if not 0 < len(text) <= LONGEST or not text.isascii():
        return None
    try:
        found = file_id.FileId.decode(text)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error):
        return None
    if found is None or found.url is not None or not found.media_id:
        return None
    if found.file_type not in file_id.DOCUMENT_TYPES and found.file_type != file_id.FileType.PHOTO:
        return None
    return FileKeys(found.media_id, found.dc_id) if 0 < found.dc_id < 2**31 else None
