"""Documents as PDF/A-2a with tags for screen readers (PDF/UA-1), set by Typst out of its own fonts.

The data goes in as JSON beside the template and is placed as text, so no name can become Typst code. The same document
gives the same bytes, in every process and on every machine with the same release of Typst.
"""

from __future__ import annotations

import asyncio
import io
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import typst
from PIL import Image

from billing.documents.html import logo_url
from billing.documents.model import Document, Look

_TEMPLATE: Final = Path(__file__).with_name("templates") / "document.typ"
_STANDARDS: Final[list[Any]] = ["a-2a", "ua-1"]
_MAIN: Final = "main.typ"
_log: Final = logging.getLogger("marquee.billing")
_MISSING: Final = "\N{WHITE SQUARE}"
"""What stands for a character that no font at hand has."""
_LOGO: Final = "logo.svg"
_WRAPPED: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<image href="{picture}" width="{width}" height="{height}"/></svg>'
)
_PROBE: Final = b'#set document(title: "-")\n#sys.inputs.probe'


class NotSet(Exception):
    """A document that could not be set: a logo that is no picture, or a template that is wrong."""


async def pdf_of(document: Document, *, fonts: Path | None = None) -> bytes:
    """The document as a PDF, set in a thread. `fonts` is a directory of more fonts. Raises NotSet."""
    return await asyncio.to_thread(set_pdf, document, fonts)


def set_pdf(document: Document, fonts: Path | None = None) -> bytes:
    """The document as a PDF, in this thread. Raises NotSet."""
    data = _data(document)
    try:
        return _compiled(document, data, fonts)
    except typst.TypstError as error:
        # PDF/A refuses characters that cannot be drawn. Where there are such they are left out, visibly.
        drawable = "".join(each if _has_glyph(each, fonts) else _MISSING for each in data)
        if drawable == data:
            raise NotSet(f"{document.title} {document.number}: {error}") from error
        _log.warning("document %s: no font has some of its characters (setting billing.fonts)", document.number)
        return _compiled(document, drawable, fonts)


def _compiled(document: Document, data: str, fonts: Path | None) -> bytes:
    files: dict[str, bytes] = {_MAIN: _TEMPLATE.read_bytes()}
    if document.look.logo is not None:
        files[_LOGO] = _as_svg(document.look)
    return _set(files, {"document": data}, fonts, document.issued_epoch)


def _set(files: dict[str, bytes], inputs: dict[str, str], fonts: Path | None, epoch: int) -> bytes:
    made = typst.compile(
        cast("Any", files),
        format="pdf",
        font_paths=_fonts(fonts),
        sys_inputs=inputs,
        pdf_standards=_STANDARDS,
        timestamp=epoch,
    )
    assert isinstance(made, bytes)
    return made


def _data(document: Document) -> str:
    plain: dict[str, Any] = msgspec.to_builtins(document)
    plain["look"]["logo"] = "" if document.look.logo is None else _LOGO
    # How it stands now is no part of what was issued.
    del plain["standing"], plain["issued_epoch"]
    return msgspec.json.encode(plain).decode()


@lru_cache(maxsize=8)
def _as_svg(look: Look) -> bytes:
    """The logo in the one form that Typst takes from memory: text."""
    if look.logo is None or look.logo_format == "svg":
        return look.logo or b""
    with Image.open(io.BytesIO(look.logo)) as picture:
        width, height = picture.size
    return _WRAPPED.format(width=width, height=height, picture=logo_url(look)).encode()


@lru_cache(maxsize=4)
def _fonts(more: Path | None) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[] if more is None else [more])


@lru_cache(maxsize=16_384)
def _has_glyph(letter: str, fonts: Path | None) -> bool:
    if letter.isascii():
        return True
    try:
        _set({_MAIN: _PROBE}, {"probe": letter}, fonts, 0)
    except typst.TypstError:
        return False
    return True
