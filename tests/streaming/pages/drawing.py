"""Pictures of every kind that browsers show, and files that only say they are one."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageDraw

MIMES: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 420), mode: str = "RGB", **options: Any) -> bytes:
    """A page."""
    sheet = Image.new(mode, size, 0 if mode == "RGBA" else "white")
    ImageDraw.Draw(sheet).rectangle((20, 20, size[0] - 20, size[1] // 2), fill="navy")
    body = BytesIO()
    sheet.save(body, kind, **options)
    return body.getvalue()
