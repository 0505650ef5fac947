"""What a document shows, ready to be set: every text is final, in one language. Pages and PDFs are made of the same."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

DocumentKind = Literal["invoice", "credit_note", "statement"]
Weight = Literal["plain", "quiet", "strong"]
# Controls, and what would turn the rest of a line around: overrides, embeddings, isolates.
_UNPRINTABLE: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff]"
)


class Fact(Struct, frozen=True):
    """A label and what it is about."""

    label: str
    value: str


class Party(Struct, frozen=True, kw_only=True):
    """Who the document is from or for. `lines` are those of the address."""

    name: str
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Row(Struct, frozen=True, kw_only=True):
    """A line: what it is for, quieter details, and figures. `mark` says what is special about it: late usage."""

    text: str
    details: tuple[str, ...] = ()
    mark: str = ""
    quantity: str = ""
    unit_amount: str = ""
    amount: str


class Sum(Struct, frozen=True):
    """A figure below the lines."""

    label: str
    amount: str
    weight: Weight = "plain"


class Note(Struct, frozen=True, kw_only=True):
    """A block below the sums: text, and facts such as where to pay."""

    heading: str = ""
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Words(Struct, frozen=True, kw_only=True):
    """Words of the layout itself; `page` has the places `{page}` and `{pages}`."""

    sender: str
    recipient: str
    item: str
    quantity: str
    unit_amount: str
    amount: str
    page: str
    nothing: str


class Look(Struct, frozen=True, kw_only=True):
    """The brand: an accent as `#rrggbb`, and the logo as an SVG, PNG, JPEG or WebP picture."""

    accent: str
    logo: bytes | None = None
    logo_format: str = ""
    logo_text: str = ""


class Document(Struct, frozen=True, kw_only=True):
    """A whole document. `language` is a BCP 47 tag. `stamp` is set on what is no valid document: a draft, a void one.

    `standing` is how it stands now (paid, overdue); pages show it. PDFs say what was issued and nothing that came
    after, so their bytes stay the same.
    """

    kind: DocumentKind
    language: str
    title: str
    number: str
    summary: str
    stamp: str = ""
    standing: str = ""
    issued_epoch: int = 0
    facts: tuple[Fact, ...]
    sender: Party
    recipient: Party
    rows: tuple[Row, ...]
    sums: tuple[Sum, ...]
    notes: tuple[Note, ...] = ()
    footing: str = ""
    words: Words
    look: Look


def cleaned(document: Document) -> Document:
    """The document without characters that are not printed: one in a name must not bend what stands beside it."""
    return msgspec.convert(_cleaned(msgspec.to_builtins(document)), Document)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _UNPRINTABLE.sub("", value)
        case dict():
            return {name: _cleaned(each) for name, each in value.items()}
        case list() | tuple():
            return [_cleaned(each) for each in value]
        case _:
            return value
