"""Whether a bucket can be played, decided from what is stored of it; never a question to Telegram.

An imported document is hostile: its owner is whoever it is stored for, whatever it says; its type must be a film's or
a sound's; and it needs an origin message, because workers read only from channels registered to that owner. For season
packs and pages the same holds, but for the type: an archive is given as bytes to keep, a page is told by its bytes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from msgspec import Struct

from content.model import FileState, Origin, Part, RawKeys, Title, TitleFile
from streaming.model import Bucket, Document

MAX_DOCUMENTS: Final = 256
_MIME: Final = re.compile(r"(video|audio)/[a-z0-9][a-z0-9.+-]{0,63}", re.ASCII)
_HEX: Final = re.compile(r"([0-9a-fA-F]{2})+", re.ASCII)
_HELD_BACK: Final = {"repairing": "it is being repaired", "processing": "it is being processed"}
_INT64: Final = range(-(2**63), 2**63)
_SIZES: Final = range(1, 2**40)
_DATACENTERS: Final = range(1, 2**31)


class Playable(Struct, frozen=True):
    """The bucket as streaming takes it."""

    bucket: Bucket


class NotPlayable(Struct, frozen=True):
    """Why not, for people. `resolvable`: a worker may find out what is missing."""

    reason: str
    resolvable: bool = False


class Quality(Struct, frozen=True):
    """One bucket of a title on offer: `place` in `files[]`, its names, and whether it plays."""

    place: int
    quality: str
    label: str
    verdict: Playable | NotPlayable


def qualities(title: Title, owner: str) -> list[Quality]:
    """Every bucket of the title in the order of the document; `owner` is the owner of the scope it was found in."""
    states = title.derived.files
    return [
        Quality(
            place=place,
            quality=file.quality or "",
            label=file.label or file.quality or "",
            verdict=judge(file, states[place] if place < len(states) else None, owner),
        )
        for place, file in enumerate(title.files)
    ]


def held_back(title: Title) -> str | None:
    """Why nothing of the title plays at the moment, whatever its files are; None when they decide."""
    return _HELD_BACK.get(title.derived.status)


def judge(file: TitleFile, state: FileState | None, owner: str) -> Playable | NotPlayable:
    """The bucket that `file` and what was resolved of it make."""
    resolved = state.documents if state else []
    parts = resolved or file.documents or [_whole(file)]
    mime = (state.mime if state else None) or file.mime
    verdict = judge_parts(parts, mime, owner)
    reason = _size_reason(parts, file, is_resolved=bool(resolved))
    if isinstance(verdict, Playable) and reason is None:
        return verdict
    reason = verdict.reason if isinstance(verdict, NotPlayable) else reason
    return NotPlayable(reason or "", resolvable=_is_resolvable(file, parts))


def judge_parts(parts: list[Part], mime: str | None, owner: str, *, is_video: bool = True) -> Playable | NotPlayable:
    """The bucket that the documents make in their order; what is no video may have any type."""
    reason = _parts_reason(parts) or (_mime_reason(mime) if is_video else None)
    if reason is not None:
        return NotPlayable(reason)
    documents = tuple(_document(part, owner) for part in parts)
    return Playable(
        Bucket(
            etag=_etag(documents),
            mime=mime or "application/octet-stream",
            documents=documents,
            size_bytes=sum(document.size_bytes for document in documents),
        )
    )


def _whole(file: TitleFile) -> Part:
    return Part(
        tg_raw=file.tg_raw,
        file_hash=file.file_hash,
        size_bytes=file.size_bytes,
        dc_id=file.dc_id,
        origin=file.origin,
    )


def _parts_reason(parts: list[Part]) -> str | None:
    if not 0 < len(parts) <= MAX_DOCUMENTS:
        return f"more than {MAX_DOCUMENTS} documents" if parts else "it has no documents"
    for part in parts:
        reason = _keys_reason(part.tg_raw) or _place_reason(part)
        if reason is not None:
            return reason
    return None


def _mime_reason(mime: str | None) -> str | None:
    if mime is None:
        return "its media type is not known"
    return None if _MIME.fullmatch(mime) else "its media type is neither video nor audio"


def _keys_reason(raw: RawKeys | None) -> str | None:
    if raw is None:
        return "no tg_raw keys"
    if raw.media_id is None or raw.media_id not in _INT64:
        return "tg_raw has no media_id"
    if raw.access_hash is None or raw.access_hash not in _INT64:
        return "tg_raw has no access_hash"
    if raw.file_reference is None or not _HEX.fullmatch(raw.file_reference):
        return "file_reference is not hex"
    return None


def _place_reason(part: Part) -> str | None:
    if not _is_whole(part.origin):
        return "its origin message is not known"
    if part.size_bytes is None or part.size_bytes not in _SIZES:
        return "its size is not known"
    if part.dc_id is None or part.dc_id not in _DATACENTERS:
        return "its data centre is not known"
    return None


def _size_reason(parts: list[Part], file: TitleFile, *, is_resolved: bool) -> str | None:
    if is_resolved or not file.documents or file.size_bytes is None:
        return None
    total = sum(part.size_bytes or 0 for part in parts)
    return None if total == file.size_bytes else "the sizes of its documents do not add up"


def _is_resolvable(file: TitleFile, parts: list[Part]) -> bool:
    return all(_is_whole(part.origin) for part in parts) or file.tg_raw is not None or file.telegram_id is not None


def _is_whole(origin: Origin | None) -> bool:
    return (
        origin is not None
        and origin.chat is not None
        and origin.chat in _INT64
        and origin.message is not None
        and 0 < origin.message < 2**31
    )


def _document(part: Part, owner: str) -> Document:
    raw, origin = part.tg_raw or RawKeys(), part.origin or Origin()
    return Document(
        owner=owner,
        media_id=raw.media_id or 0,
        access_hash=raw.access_hash or 0,
        file_reference=bytes.fromhex(raw.file_reference or ""),
        dc_id=part.dc_id or 0,
        size_bytes=part.size_bytes or 0,
        file_hash=part.file_hash or "",
        chat_id=origin.chat,
        message_id=origin.message,
    )


def _etag(documents: tuple[Document, ...]) -> str:
    identity = repr([(each.owner, each.media_id, each.size_bytes, each.file_hash) for each in documents])
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
