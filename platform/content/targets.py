"""What a comment, a report, a progress or a vote is about: a title, an episode of it or a chapter of it.

The written form is the user's own: `<id>`, `<id>#s<season>e<episode>` or `<id>#c<chap>`.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

LONGEST_TARGET: Final = 512
_UNIT: Final = re.compile(
    r"(?P<title>.+)#(?:s(?P<season>[0-9]{1,6})e(?P<episode>[0-9]{1,6})|c(?P<chap>[0-9]{1,6}(?:\.[0-9]{1,6})?))",
    re.ASCII | re.DOTALL,
)


class BadTarget(ValueError):
    """The text names nothing that a title could have."""


class Target(Struct, frozen=True, kw_only=True):
    """A title by its id as text, and which episode or chapter of it; a title alone has neither."""

    title_id: str
    season: int | None = None
    episode: int | None = None
    chap: float | None = None

    def __str__(self) -> str:
        return self.title_id + (f"#{self.unit}" if self.unit else "")

    @property
    def unit(self) -> str:
        """`s1e2` or `c12.5`; empty for the title itself."""
        if self.season is not None and self.episode is not None:
            return f"s{self.season}e{self.episode}"
        return "" if self.chap is None else f"c{chapter_number(self.chap)}"


def parse_target(text: str) -> Target:
    """Reads the written form. Raises BadTarget."""
    if not 0 < len(text) <= LONGEST_TARGET:
        raise BadTarget(f"a target has 1 to {LONGEST_TARGET} characters")
    found = _UNIT.fullmatch(text)
    if found is None:
        return Target(title_id=text)
    if found["chap"] is not None:
        return Target(title_id=found["title"], chap=float(found["chap"]))
    return Target(title_id=found["title"], season=int(found["season"]), episode=int(found["episode"]))


def chapter_number(chap: float) -> str:
    """A chapter's number as people write it: 12, 12.5."""
    return f"{chap:.6f}".rstrip("0").rstrip(".")
