"""Documents as pages: one file each, without scripts and without anything from elsewhere, made to be printed too."""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from billing.documents.model import Document, Look

_TEMPLATES: Final = Path(__file__).with_name("templates")
_MEDIA_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def html_of(document: Document) -> str:
    """The document as a whole page."""
    return (
        _environment()
        .get_template("document.html")
        .render(
            document=document,
            figures=any(row.quantity or row.unit_amount for row in document.rows),
            logo=logo_url(document.look),
            style=_style(),
        )
    )


def logo_url(look: Look) -> str | None:
    """The logo as a `data:` address. As a picture an SVG runs no scripts and loads nothing."""
    if look.logo is None:
        return None
    return f"data:{_MEDIA_TYPES[look.logo_format]};base64,{base64.b64encode(look.logo).decode()}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _style() -> Markup:
    # The file is the platform's own; as text in a style element nothing in it may be escaped.
    return Markup((_TEMPLATES / "document.css").read_text(encoding="utf-8"))  # noqa: S704 - a constant of ours
