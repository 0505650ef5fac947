"""What people type, made harmless as text: nothing that reorders, hides or piles up characters.

References: Unicode UAX #9 (bidirectional controls), UTS #39 (security mechanisms), UAX #29 (graphemes).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from content.comments.errors import CommentRefused

LONGEST_BODY: Final = 2_000
"""In characters as people count them: marks and joiners go with their letter."""
_LONGEST_SOURCE: Final = 8_000
_MOST_LINES: Final = 100
_MOST_MARKS: Final = 4
_JOINERS: Final = "\u200c\u200d"
# Invisible, and of use to nobody who writes a comment: blanks that are letters, soft hyphens, tags, fillers.
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\ufff9\ufffa\ufffb")
_VARIATIONS: Final = range(0xFE00, 0xFE10)
_BREAKS: Final = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACES_AT_THE_END: Final = re.compile(r"[^\S\n]+(?=\n|\Z)")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def readable(text: str) -> str:
    """The text without what deceives: bidi and other controls, invisible characters, towers of marks. Never raises."""
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text[:_LONGEST_SOURCE]))
    return _EMPTY_LINES.sub("\n\n", _SPACES_AT_THE_END.sub("", "".join(_kept(text)))).strip()


def readable_line(text: str, most: int) -> str:
    """The same in one line of at most `most` characters: names, reasons."""
    return " ".join(readable(text[: most * 4]).split())[:most].rstrip()


def body_of(text: str) -> str:
    """What is stored of a comment: the source text, made readable. Raises CommentRefused."""
    if len(text) > _LONGEST_SOURCE:
        raise CommentRefused(f"A comment has at most {LONGEST_BODY:,} characters.")
    body = readable(text)
    if not any(unicodedata.category(each)[0] in "LNSP" for each in body):
        raise CommentRefused("A comment needs some text.")
    if length_of(body) > LONGEST_BODY:
        raise CommentRefused(f"A comment has at most {LONGEST_BODY:,} characters.")
    if body.count("\n") >= _MOST_LINES:
        raise CommentRefused(f"A comment has at most {_MOST_LINES} lines.")
    return body


def length_of(text: str) -> int:
    """How many characters people see."""
    return sum(1 for each in text if unicodedata.category(each) not in ("Mn", "Me", "Cf"))


def _kept(text: str) -> Iterator[str]:
    marks = 0
    previous = ""
    for place, each in enumerate(text):
        category = unicodedata.category(each)
        if category in ("Mn", "Me") and ord(each) not in _VARIATIONS:
            marks += 1
            if marks > _MOST_MARKS or not previous:
                continue
        elif each in _JOINERS:
            following = text[place + 1] if place + 1 < len(text) else ""
            if not _joins(previous, following):
                continue
        elif each in _INVISIBLE or category in ("Cf", "Cs") or (category == "Cc" and each not in "\n\t"):
            continue
        elif ord(each) in _VARIATIONS:
            if ord(previous or " ") in _VARIATIONS:
                continue
        else:
            marks = 0
        previous = each
        yield each


def _joins(before: str, after: str) -> bool:
    """Joiners have a meaning inside emoji and between letters of some scripts, never beside Latin or blanks."""
    return bool(before and after) and all(ord(each) > 0x5FF for each in (before, after)) and not after.isspace()
