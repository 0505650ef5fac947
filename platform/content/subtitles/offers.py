"""Which subtitles a film is offered with: one a language, out of the smallest bucket that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from content.model import Subtitle
from content.subtitles.languages import language

MOST_OFFERED: Final = 40


class Holder(Struct, frozen=True):
    """A bucket that plays: its name in links, its size, and the subtitles that its document declares."""

    bucket: str
    size_bytes: int
    subtitles: Sequence[Subtitle]


class SubtitleOffer(Struct, frozen=True):
    """A subtitle by the BCP 47 tag and the name of its language, and where it lies."""

    lang: str
    label: str
    bucket: str
    index: int


def subtitle_offers(holders: Iterable[Holder]) -> list[SubtitleOffer]:
    """The subtitles of all buckets, in the order of the document; the second of one language is numbered.

    The qualities of one film share their times, and reading a container costs as much as it is large.
    """
    best: dict[tuple[str, int], SubtitleOffer] = {}
    for holder in sorted(holders, key=lambda each: each.size_bytes):
        numbers: dict[str, int] = {}
        for subtitle in holder.subtitles:
            if subtitle.index is None or not 0 <= subtitle.index < 1000:
                continue
            found = language(subtitle.lang)
            number = numbers[found.tag] = numbers.get(found.tag, 0) + 1
            label = found.name if number == 1 else f"{found.name} {number}"
            best.setdefault((found.tag, number), SubtitleOffer(found.tag, label, holder.bucket, subtitle.index))
    return list(best.values())[:MOST_OFFERED]
