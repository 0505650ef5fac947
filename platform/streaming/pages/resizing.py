"""Smaller copies of pages for small screens: JPEG, in a few widths, kept in memory within a bound."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from streaming.pages.errors import PageUnreadable

WIDTHS: Final = (240, 360, 480, 640, 800, 1080, 1440, 1920, 2560)
MOST_PIXELS: Final = 48_000_000
KEPT_BYTES: Final = 48 << 20
QUALITY: Final = 82
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")


def width_for(wanted: int) -> int:
    """The width that stands for the wanted one: the next larger of a few, so that few copies serve all screens."""
    return next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])


class Resizer:
    """Makes one copy at a time off the event loop; whoever asks for one that is being made waits for it."""

    def __init__(self, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._used_bytes = 0
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._turn = asyncio.Semaphore(1)

    async def copy(self, identity: str, width: int, original: Callable[[], Awaitable[bytes]]) -> bytes:
        """The picture as JPEG, at most `width` wide. `identity` is of the bytes of `original`, its owner included.

        Raises PageUnreadable for what cannot be decoded, and what `original` raises.
        """
        key = hashlib.sha256(f"{width}\0{identity}".encode()).hexdigest()
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._make(key, width, original), name="resize page")
            making.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(making)

    async def _make(self, key: str, width: int, original: Callable[[], Awaitable[bytes]]) -> bytes:
        async with self._turn:
            made = await asyncio.to_thread(_shrunk, await original(), width)
        self._keep(key, made)
        return made

    def _made(self, key: str, done: asyncio.Task[bytes]) -> None:
        self._making.pop(key, None)
        if not done.cancelled():
            done.exception()  # it is told to whoever waits; nobody may

    def _keep(self, key: str, made: bytes) -> None:
        if len(made) > self._kept_bytes // 4:
            return
        self._kept[key] = made
        self._used_bytes += len(made)
        while self._used_bytes > self._kept_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._used_bytes -= len(dropped)


def _shrunk(body: bytes, width: int) -> bytes:
    try:
        with Image.open(BytesIO(body), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PageUnreadable("It has more pixels than can be made smaller here.")
            opened.draft("RGB", (width, width * opened.height // max(1, opened.width)))
            picture = _on_white(ImageOps.exif_transpose(opened))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PageUnreadable("Its picture is damaged.") from error
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    made = BytesIO()
    picture.save(made, "JPEG", quality=QUALITY, progressive=True, optimize=False)
    return made.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """JPEG knows no transparency: a page lies on paper."""
    if picture.mode in {"RGB", "L"}:
        return picture
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))
        return paper.convert("RGB")
    return picture.convert("RGB")
