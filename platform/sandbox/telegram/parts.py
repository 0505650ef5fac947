"""upload.saveFilePart and upload.saveBigFilePart."""

from collections.abc import Mapping
from typing import Any, Final

from . import tl
from .rpc import Caller, Handler


def _save_part(caller: Caller, query: Any) -> bytes:
    caller.world.uploads.save(caller.user_id, query.file_id, query.file_part, -1, query.bytes)
    return tl.TRUE


def _save_big_part(caller: Caller, query: Any) -> bytes:
    caller.world.uploads.save(caller.user_id, query.file_id, query.file_part, query.file_total_parts, query.bytes)
    return tl.TRUE


HANDLERS: Final[Mapping[type[Any], Handler]] = {
    tl.functions.upload.SaveFilePart: _save_part,
    tl.functions.upload.SaveBigFilePart: _save_big_part,
}
