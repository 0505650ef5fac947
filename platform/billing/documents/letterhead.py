"""The platform's own look on what it sends: its logo and accent. Who it is stands on each invoice, as it was then."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Final

from msgspec import Struct
from PIL import Image

from billing.documents.model import Look

_ACCENT: Final = "#1f3a5f"
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_MOST_BYTES: Final = 1 << 20
_FORMATS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}


class BadLetterhead(ValueError):
    """A colour or a logo that no document can carry; the message says which."""


class Letterhead(Struct, frozen=True, kw_only=True):
    """What documents and letters look like. `fonts` is a directory of more fonts, for scripts that Typst's lack."""

    accent: str = _ACCENT
    logo: bytes | None = None
    logo_format: str = ""
    fonts: Path | None = None

    def look(self, name: str) -> Look:
        """The look of a document from somebody of this name."""
        return Look(accent=self.accent, logo=self.logo, logo_format=self.logo_format, logo_text=name)


def letterhead(*, accent: str | None = None, logo: Path | None = None, fonts: Path | None = None) -> Letterhead:
    """The letterhead of a setting: `#rrggbb`, a picture (SVG, PNG, JPEG, WebP; at most 1 MiB), a directory of fonts.

    Raises BadLetterhead.
    """
    if accent is not None and _COLOUR.fullmatch(accent) is None:
        raise BadLetterhead(f"accent {accent!r}: a colour such as {_ACCENT}")
    if fonts is not None and not fonts.is_dir():
        raise BadLetterhead(f"fonts {fonts}: no such directory")
    picture = None if logo is None else _picture(logo)
    return Letterhead(
        accent=(accent or _ACCENT).lower(),
        logo=picture,
        logo_format="" if picture is None else _format_of(picture, logo),
        fonts=fonts,
    )


def _picture(path: Path) -> bytes:
    try:
        picture = path.read_bytes()
    except OSError as error:
        raise BadLetterhead(f"logo {path}: {error.strerror}") from error
    if len(picture) > _MOST_BYTES:
        raise BadLetterhead(f"logo {path}: more than 1 MiB")
    return picture


def _format_of(picture: bytes, path: Path | None) -> str:
    if b"<svg" in picture[:1_024]:
        return "svg"
    try:
        with Image.open(io.BytesIO(picture), formats=list(_FORMATS)) as opened:
            opened.verify()
            return _FORMATS[str(opened.format)]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadLetterhead(f"logo {path}: SVG, PNG, JPEG or WebP") from error
