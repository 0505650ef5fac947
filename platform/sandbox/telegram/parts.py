"""upload.saveFilePart and upload.saveBigFilePart."""

from collections.abc import Mapping
from typing import Any, Final

from pyrogram import raw
from pyrogram.raw.core import BoolTrue

from .rpc import Caller, Handler

_TRUE = BoolTrue.ID.to_bytes(4, "little")


def _save_part(caller: Caller, query: raw.functions.upload.SaveFilePart) -> bytes:
    caller.world.uploads.save(caller.user_id, query.file_id, query.file_part, -1, query.bytes)
    return _TRUE


def _save_big_part(caller: Caller, query: raw.functions.upload.SaveBigFilePart) -> bytes:
    caller.world.uploads.save(caller.user_id, query.file_id, query.file_part, query.file_total_parts, query.bytes)
    return _TRUE


HANDLERS: Final[Mapping[type[Any], Handler]] = {
    raw.functions.upload.SaveFilePart: _save_part,
    raw.functions.upload.SaveBigFilePart: _save_big_part,
}
