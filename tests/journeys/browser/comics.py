"""Comics drawn for a test, posted in the platform's channel and shown by a site of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw

from content.importing.target import Target
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from content.model import Origin, Part, RawKeys
from runtime.composition import Stores
from sandbox.telegram import TelegramSandbox
from storage.scope import PlatformScope
from tests.support.platform import take_in

COLOURS: Final = ("#b5483a", "#35605a", "#c79a3b", "#3c4f76", "#7d4f6d", "#4f6d3c")


def drawn(path: Path, number: int, size: tuple[int, int], words: str) -> Path:
    """A page with panels, and its number large enough to be told by a person."""
    width, height = size
    sheet = Image.new("RGB", size, "#fbf9f4")
    pen = ImageDraw.Draw(sheet)
    top, gap = 40, 18
    rows = 4 if height > 2 * width else 3
    tall = (height - 2 * top - gap * (rows - 1)) // rows
    for row in range(rows):
        cut = (0.38, 0.62, 1.0, 0.5)[(row + number) % 4]
        left = top
        for share in (cut, 1 - cut) if cut < 1 else (1.0,):
            right = left + int((width - 2 * top - gap) * share)
            box = (left, top + row * (tall + gap), right, top + row * (tall + gap) + tall)
            pen.rectangle(box, fill=COLOURS[(number + row + left) % len(COLOURS)], outline="#1d1c1a", width=4)
            pen.ellipse((box[0] + 20, box[1] + 20, box[0] + tall // 2, box[1] + tall // 2), fill="#fbf9f4")
            left = right + gap
    pen.text(
        (width / 2, height / 2),
        str(number),
        fill="#fbf9f4",
        anchor="mm",
        font_size=min(size) // 3,
        stroke_width=6,
        stroke_fill="#1d1c1a",
    )
    pen.text((width / 2, height - 20), words, fill="#1d1c1a", anchor="ms", font_size=18)
    sheet.save(path, quality=80)
    return path


class Shelf:
    """Posts pages and makes chapters of them."""

    def __init__(
        self, telegram: TelegramSandbox, channel: int, stores: Stores, scope: PlatformScope, folder: Path
    ) -> None:
        self._telegram = telegram
        self._channel = channel
        self._scope = scope
        self._stores = stores
        self._media = MediaRepository(stores.database, scope)
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def chapter(self, book: str, chap: float, title: str, sizes: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """A chapter as an operator's document has it, its pages of these sizes."""
        pages: list[str] = []
        for place, size in enumerate(sizes):
            name = f"{book}-{chap:g}-{place}"
            path = drawn(self._folder / f"{name}.jpg", place + 1, size, f"{book} {chap:g}")
            await self.post(name, path)
            pages.append(name)
        return {"chap": chap, "title": title, "storage_id": str(self._channel), "pages": pages}

    async def post(self, file_id: str, path: Path, mime: str = "image/jpeg") -> None:
        """Makes a file known by a file id."""
        info = self._telegram.add_document(self._channel, path=path, mime=mime, file_name=path.name)
        raw = RawKeys(media_id=info.media_id, access_hash=info.access_hash, file_reference=info.file_reference.hex())
        part = Part(
            tg_raw=raw,
            file_hash=file_id,
            size_bytes=info.size_bytes,
            dc_id=info.dc_id,
            origin=Origin(chat=info.chat_id, message=info.message_id),
        )
        await self._media.keep(MediaFile(id=file_id, documents=[part], mime=mime))

    async def take_in(self, books: list[dict[str, Any]]) -> None:
        """Imports the books into the shared catalogue."""
        await take_in(self._stores, Target.shared(self._scope), "library", books, self._folder / "dumps")


def book(name: str, title: str, chapters: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A manga as an operator's document has it."""
    return {
        "_id": f"book_{name}",
        "media_type": "manga",
        "title": title,
        "author": "Mara Lindqvist",
        "overview": "A lighthouse keeper draws the ships that never arrive, and one night one does.",
        "year": 2023,
        "genres": ["Drama"],
        "rating": 8.1,
        "content_rating": "safe",
        "chapter_count": len(chapters),
        "chapters": chapters,
        **fields,
    }
