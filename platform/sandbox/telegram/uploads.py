"""Uploads: parts as they come, in any order, then the file that they make. https://core.telegram.org/api/files"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from . import tl
from .faults import Refusal
from .model import MAX_UPLOAD_BYTES, Clock, Document
from .store import Store

_PART_STEP = 1024
_MAX_PART = 512 * 1024
MAX_PARTS = MAX_UPLOAD_BYTES // _MAX_PART


class _Upload(msgspec.Struct, kw_only=True):
    """A file in the making. `total` is -1 until a big part tells it; the tail waits until the part size is known."""

    path: Path
    total: int = -1
    part_bytes: int = 0
    parts: set[int] = msgspec.field(default_factory=lambda: set[int]())
    waiting: dict[int, bytes] = msgspec.field(default_factory=lambda: dict[int, bytes]())


class Uploads:
    """The unfinished uploads of all accounts, on disk under the store's folder; a restart forgets them."""

    def __init__(self, store: Store, clock: Clock, home_dc_id: int) -> None:
        self._store = store
        self._clock = clock
        self._home_dc_id = home_dc_id
        self._open: dict[tuple[int, int], _Upload] = {}
        self._folder = store.folder / "uploads"
        self._folder.mkdir(exist_ok=True)
        for left_over in self._folder.iterdir():
            left_over.unlink()

    def save(self, user_id: int, file_id: int, part: int, total: int, data: bytes) -> None:
        """Keep one part (total -1: a small file, whose end its message tells). Raises Refusal."""
        if not 0 <= part < MAX_PARTS or not (total == -1 or part < total <= MAX_PARTS):
            raise Refusal(400, "FILE_PARTS_INVALID" if total > MAX_PARTS else "FILE_PART_INVALID")
        if not data:
            raise Refusal(400, "FILE_PART_EMPTY")
        if len(data) > _MAX_PART:
            raise Refusal(400, "FILE_PART_TOO_BIG")
        upload = self._open.get((user_id, file_id))
        if upload is None:
            path = self._folder / f"{user_id}-{file_id & ((1 << 64) - 1):x}"
            upload = self._open[user_id, file_id] = _Upload(path=path, total=total)
        self._place(upload, part, data, is_last=part == upload.total - 1)

    def finish(self, user_id: int, media: Any) -> Document:
        """Make a document of a complete upload, which a message is being sent with. Raises Refusal."""
        given = media.file
        upload = self._open.get((user_id, given.id))
        if upload is None:
            raise Refusal(400, "FILE_PART_0_MISSING")
        missing = next((number for number in range(given.parts) if number not in upload.parts), None)
        if missing is not None:
            raise Refusal(400, f"FILE_PART_{missing}_MISSING")
        if len(upload.parts) != given.parts:
            raise Refusal(400, "FILE_PARTS_INVALID")
        self._flush(upload)
        digest = getattr(given, "md5_checksum", "")
        if digest and hashlib.md5(upload.path.read_bytes()).hexdigest() != digest:
            raise Refusal(400, "MD5_CHECKSUM_INVALID")
        made = self._keep(upload.path, given.name, media)
        del self._open[user_id, given.id]
        return made

    def _place(self, upload: _Upload, part: int, data: bytes, *, is_last: bool) -> None:
        tells_size = part == 0 if upload.total == -1 else not is_last
        if tells_size and len(data) % _PART_STEP and upload.total != -1:
            raise Refusal(400, "FILE_PART_SIZE_INVALID")
        if tells_size and upload.part_bytes not in (0, len(data)):
            raise Refusal(400, "FILE_PART_SIZE_CHANGED")
        if tells_size:
            upload.part_bytes = len(data)
        upload.parts.add(part)
        upload.waiting[part] = data
        if upload.part_bytes:
            self._flush(upload)

    def _flush(self, upload: _Upload) -> None:
        descriptor = os.open(upload.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            for part, data in upload.waiting.items():
                os.pwrite(descriptor, data, part * upload.part_bytes)
        finally:
            os.close(descriptor)
        upload.waiting.clear()

    def _keep(self, path: Path, name: str, media: Any) -> Document:
        is_photo = isinstance(media, tl.types.InputMediaUploadedPhoto)
        width, height = _photo_size(path) if is_photo else (0, 0)
        media_id = secrets.randbits(62)
        kept = path.replace(self._store.files / str(media_id))
        row = Document(
            media_id=media_id,
            kind="photo" if is_photo else "document",
            size_bytes=kept.stat().st_size,
            dc_id=self._home_dc_id,
            advertised_dc_id=self._home_dc_id,
            mime="image/jpeg" if is_photo else media.mime_type,
            file_name=name,
            attributes=b"" if is_photo else tl.vector(media.attributes),
            path=str(kept.relative_to(self._store.folder)),
            date=int(self._clock()),
            width=width,
            height=height,
        )
        self._store.put_document(row)
        return row


def _photo_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        raise Refusal(400, "PHOTO_INVALID_DIMENSIONS") from error
