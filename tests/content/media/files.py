"""File ids and what is behind them, for tests."""

from __future__ import annotations

from typing import Any

from content.media.model import MediaFile
from content.model import Origin, Part, RawKeys
from streaming.telegram.schema import file_id

Kind: Any = file_id.FileType
CHANNEL = -1001234567890


def named(media_id: int) -> str:
    """A real file id of a document."""
    text: str = file_id.FileId(
        file_type=Kind.DOCUMENT, dc_id=4, file_reference=b"ref", media_id=media_id, access_hash=-5
    ).encode()
    return text


def media(
    media_id: int, *, mime: str | None = "video/mp4", size_bytes: int = 1000, file_name: str | None = None
) -> MediaFile:
    """The file behind `named(media_id)`, as a worker found it."""
    part = Part(
        tg_raw=RawKeys(media_id=media_id, access_hash=-5, file_reference="0600"),
        size_bytes=size_bytes,
        dc_id=4,
        origin=Origin(chat=CHANNEL, message=media_id),
    )
    return MediaFile(id=named(media_id), documents=[part], mime=mime, file_name=file_name)


def series(*seasons: list[int | None], **fields: Any) -> dict[str, Any]:
    """A series whose episodes name these documents; None is a placeholder."""
    entries = {
        str(number): [
            {"episode": place, "file_id": "BAACAg" if each is None else named(each), "quality": "1080p"}
            for place, each in enumerate(season, 1)
        ]
        for number, season in enumerate(seasons, 1)
    }
    return {"_id": "series_1", "media_type": "series", "title": "A Series", "seasons": entries, **fields}


def book(*chapters: list[int | None], **fields: Any) -> dict[str, Any]:
    """A book whose pages name these documents."""
    entries = [
        {"chap": number, "pages": ["file_id_p1" if each is None else named(each) for each in pages]}
        for number, pages in enumerate(chapters, 1)
    ]
    return {"_id": "book_1", "media_type": "manga", "title": "A Book", "chapters": entries, **fields}
