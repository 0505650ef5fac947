"""What a name looks like, so that two names which look alike are one: after Unicode UTS #39, section 4, and stricter.

https://www.unicode.org/reports/tr39/#Confusable_Detection
"""

import unicodedata
from functools import cache
from typing import Final

_MERGED: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "$": "s", "@": "a"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"))
# Beyond the Unicode table: small Cyrillic letters that pass for Latin ones at the size of a name.
_ALSO: Final = {"п": "n", "м": "m", "т": "t", "к": "k", "в": "b", "н": "h", "г": "r"}  # noqa: RUF001 - meant


def skeleton(name: str) -> str:
    """The same text for all names that people could take for each other; empty where nothing of it can be seen.

    Case, marks, digits that pose as letters, blanks and punctuation don't tell two names apart.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(_prototype(each) for each in plain if unicodedata.category(each)[0] in "LNS")
    folded = "".join(each for each in letters.casefold().translate(_MERGED) if each.isalnum())
    for pair, one in _PAIRS:
        folded = folded.replace(pair, one)
    return folded


def mixes_scripts(name: str) -> bool:
    """Whether letters of several scripts stand side by side; Japanese and Korean writing is one script here."""
    scripts = {_script(each) for each in name if each.isalpha()}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


_TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)


def _script(letter: str) -> str:
    """The first word of the character's name, which is its script's."""
    name = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return {"KATAKANA-HIRAGANA": "KATAKANA"}.get(name, name)


@cache
def _looks() -> dict[str, str]:
    """Every character that looks like an ASCII letter or digit, and that one."""
    # A megabyte of tables: read once somebody takes a name that is not ASCII.
    from confusable_homoglyphs import confusables

    found: dict[str, str] = dict(_ALSO)
    for character, alike in confusables.confusables_data.items():
        plain = sorted(each["c"] for each in alike if each["c"].isascii() and each["c"].isalnum())
        if plain and not character.isascii():
            found[character] = plain[0]
    return found


def _prototype(character: str) -> str:
    return character if character.isascii() else _looks().get(character, character)
