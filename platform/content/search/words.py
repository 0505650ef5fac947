"""Text as the index knows it: words folded so that accents, width, case and script variants do not matter. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

MOST_WORDS: Final = 8
"""Words of a question beyond these are not looked at."""
LONGEST_TEXT: Final = 200
"""Characters of a question beyond these are not looked at."""
LONGEST_WORD: Final = 32
LONGEST_WHOLE: Final = 96
_MOST_INDEXED: Final = 64
_ASCII_WORDS: Final = re.compile(r"[a-z0-9]+")

# Letters that are others with a stroke, a hook or a ligature, which Unicode does not take apart.
_ALIKE: Final = str.maketrans(
    dict(zip("øłđðħŧıŋƒĸىةیکـ", [*"olddhtinfkيهيك", ""], strict=True))  # noqa: RUF001 - it is about look-alikes
    | {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"}
)
# Kana voicing (8) and the virama of Indic scripts (9) make other letters; all other combining marks are ornament.
_KEPT_MARKS: Final = frozenset({0, 8, 9})
_FIRST_UNSPACED: Final = "\u0e00"
_UNSPACED: Final = (
    ("\u0e00", "\u0eff"),  # Thai and Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # kana
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\U00020000", "\U0003ffff"),
)


def fold(text: str) -> str:
    """Lower case without ornaments; compatibility forms (full width, ligatures, Hangul syllables) taken apart."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(mark for mark in apart if unicodedata.combining(mark) in _KEPT_MARKS).translate(_ALIKE)


def words(text: str) -> list[str]:
    """The words in their order, folded; what is neither letter, digit nor their mark divides them."""
    return _runs(fold(text))


def asked_words(text: str) -> list[str]:
    """The words of a question: at most MOST_WORDS, whatever the text."""
    return words(text[:LONGEST_TEXT])[:MOST_WORDS]


def whole(text: str) -> str:
    """The text as one word, so that spaces and hyphens do not matter."""
    return "".join(words(text))[:LONGEST_WHOLE]


def indexed_terms(text: str) -> set[str]:
    """What a title is found by: its words, those that only a hyphen divides also as one, and the pieces of scripts that
    are written without spaces."""
    found: set[str] = set()
    for chunk in fold(text).split()[:_MOST_INDEXED]:
        parts = _runs(chunk)
        if len(parts) == 1 and chunk.isascii():
            found.add(parts[0])
            continue
        found.update(term for part in parts for term in pieces(part))
        if len(parts) > 1 and not any(map(is_unspaced, parts)):
            found.update(one + other for one, other in pairwise(parts))
            found.add("".join(parts))
    return {term[:LONGEST_WORD] for term in found}


def pieces(word: str) -> list[str]:
    """A word itself; of a script without spaces, its characters and each two neighbours."""
    if not is_unspaced(word):
        return [word]
    return [*word, *(one + other for one, other in pairwise(word))]


def asked_pieces(word: str) -> list[str]:
    """What all must be there for the word: itself, or each two neighbours of a script without spaces."""
    if not is_unspaced(word) or len(word) == 1:
        return [word[:LONGEST_WORD]]
    return [one + other for one, other in pairwise(word[:LONGEST_WORD])]


def is_unspaced(word: str) -> bool:
    """Whether the word is of a script that does not divide words by spaces."""
    return word[:1] >= _FIRST_UNSPACED and any(first <= word[0] <= last for first, last in _UNSPACED)


def typos_forgiven(word: str) -> int:
    """How many letters may be wrong, missing, too many or swapped: none below four letters, two from eight on."""
    if len(word) < 4 or is_unspaced(word) or len(word) >= LONGEST_WORD:
        return 0
    return 1 if len(word) < 8 else 2


def _runs(folded: str) -> list[str]:
    if folded.isascii():
        return _ASCII_WORDS.findall(folded)
    found: list[str] = []
    run: list[str] = []
    for mark in folded:
        kind = unicodedata.category(mark)
        if kind == "Cf":
            continue
        if kind[0] not in "LNM":
            _close(run, found)
        elif run and is_unspaced(mark) != is_unspaced(run[0]) and kind[0] != "M":
            _close(run, found)
            run.append(mark)
        else:
            run.append(mark)
    _close(run, found)
    return found


def _close(run: list[str], found: list[str]) -> None:
    if run:
        found.append("".join(run))
        run.clear()
