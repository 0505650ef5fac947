"""upload.getFile by Telegram's rules.

Offset and limit: https://core.telegram.org/api/files#downloading-files
"""

from collections.abc import Mapping
from typing import Any, Final

from . import tl
from .content import content, file_bytes
from .faults import Refusal
from .model import Document
from .rpc import Caller, FilePart, Handler
from .world import World

_MIB = 1 << 20
_STEP = 4096
_PRECISE_STEP = 1024


def check_range(offset: int, limit: int, *, precise: bool) -> None:
    """Raise OFFSET_INVALID or LIMIT_INVALID where Telegram does."""
    step = _PRECISE_STEP if precise else _STEP
    if offset < 0 or offset % step:
        raise Refusal(400, "OFFSET_INVALID")
    if not 0 < limit <= _MIB or limit % step or (not precise and _MIB % limit):
        raise Refusal(400, "LIMIT_INVALID")
    if offset // _MIB != (offset + limit - 1) // _MIB:
        raise Refusal(400, "LIMIT_INVALID")


def locate(caller: Caller, location: Any) -> Document:
    """Find the document an input location names, and check the caller's right to it. Raises Refusal."""
    photos = isinstance(location, tl.types.InputPhotoFileLocation)
    if not photos and not isinstance(location, tl.types.InputDocumentFileLocation):
        raise Refusal(400, "LOCATION_INVALID")
    world = caller.world
    row = world.store.documents.get(location.id)
    if row is None or photos != (row.kind == "photo") or (location.thumb_size and not photos):
        raise Refusal(400, "LOCATION_INVALID")
    if location.access_hash != world.access_hash(row.media_id, caller.user_id):
        raise Refusal(400, "LOCATION_INVALID")
    if row.dc_id != caller.dc_id:
        raise Refusal(303, f"FILE_MIGRATE_{row.dc_id}")
    world.check_reference(row, location.file_reference, caller.user_id)
    return row


def stored_bytes(world: World, row: Document, start: int, end: int) -> bytes:
    """Bytes [start, end) of a document, cut at its end."""
    end = min(end, row.size_bytes)
    if start >= end:
        return b""
    if row.path is not None:
        return file_bytes(world.store.folder / row.path, start, end)
    return content(row.media_id, start, end)


def _get_file(caller: Caller, query: Any) -> FilePart:
    check_range(query.offset, query.limit, precise=bool(query.precise))
    row = locate(caller, query.location)
    if caller.world.judge.concerns("upload.getFile", caller.dc_id) and caller.world.judge.expires_reference():
        caller.world.expire_references(row)
        raise Refusal(400, "FILE_REFERENCE_EXPIRED")
    payload = stored_bytes(caller.world, row, query.offset, query.offset + query.limit)
    return FilePart(row.media_id, query.offset, row.date, payload)


HANDLERS: Final[Mapping[type[Any], Handler]] = {tl.functions.upload.GetFile: _get_file}
