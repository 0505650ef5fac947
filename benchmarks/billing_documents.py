"""Setting an invoice as a PDF, against Typst alone setting a page of the same words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final, cast

import msgspec
import typst

from benchmarks.figures import Figure, figure, interleaved
from billing.documents.invoicing import document_of
from billing.documents.letterhead import Letterhead
from billing.documents.model import Document
from billing.documents.pdf import set_pdf
from tests.billing.documents.samples import invoice

PAGES: Final = 10
ROUNDS: Final = 9
TARGET: Final = 2.0
HOW: Final = (
    f"python -m benchmarks billing: {ROUNDS} interleaved rounds of {PAGES} invoices of one page, each with a number of "
    "its own, process time; from the stored invoice to PDF/A with tags, against typst.compile of all its words in a "
    "grid without fonts, tags or looks"
)
_PLAIN: Final = b"#grid(columns: 4, gutter: 4pt, ..json(bytes(sys.inputs.words)))"
_FONTS: Final = typst.Fonts(include_system_fonts=False)


async def run() -> list[Figure]:
    """An invoice against a plain page."""
    numbers = count()

    async def invoices() -> float:
        return _milliseconds(lambda: set_pdf(_document(numbers)))

    async def plain_pages() -> float:
        return _milliseconds(lambda: _set_plainly(_document(numbers)))

    value, baseline, ratio = await interleaved(invoices, plain_pages, rounds=ROUNDS)
    name = "An invoice as a PDF on demand / its words on a plain page of Typst's, CPU time"
    return [figure(name, value, baseline, ratio, unit="ms", target=TARGET, how=HOW)]


def _milliseconds(make: Callable[[], object]) -> float:
    begun = time.process_time()
    for _ in range(PAGES):
        make()
    return (time.process_time() - begun) / PAGES * 1e3


def _document(numbers: Iterator[int]) -> Document:
    return document_of(invoice(number=f"MQ-2026-{next(numbers):06d}"), Letterhead(), zone="Europe/Berlin")


def _set_plainly(document: Document) -> None:
    words = msgspec.json.encode(list(_words(msgspec.to_builtins(document)))).decode()
    typst.compile(cast("Any", {"main.typ": _PLAIN}), format="pdf", font_paths=_FONTS, sys_inputs={"words": words})


def _words(plain: object) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        yield from _words(list(cast("dict[str, object]", plain).values()))
    elif isinstance(plain, list | tuple):
        for each in cast("list[object]", plain):
            yield from _words(each)
