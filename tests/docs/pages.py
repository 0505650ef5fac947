"""A page of the docs as steps: what stands in a settings file, and what is typed into a terminal and printed there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import date

from msgspec import Struct

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(FENCE.pattern + r"|^<!-- a viewer of (\S+) buys a (month|year) of premium -->$", FENCE.flags)
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
WRITTEN = re.compile(r"^<!-- followed on (\d{4}-\d\d-\d\d) ", re.MULTILINE)
PROMPT = "$ "
LEFT_OUT = "…"


class Settings(Struct, frozen=True):
    """A part of the settings file."""

    text: str


class Command(Struct, frozen=True):
    """One command line and the lines that it prints; `line` is where it stands in the page."""

    typed: str
    printed: tuple[str, ...]
    line: int


class Bought(Struct, frozen=True):
    """Somebody buys premium of the site meanwhile, for a "month" or a "year"."""

    site: str
    length: str


Step = Settings | Command | Bought


def steps_of(page: str) -> Iterator[Step]:
    """The steps of a page, from its top to its end: `toml` and `console` are read, every other block is not."""
    for fence in STEP.finditer(page):
        kind, content, site, length = fence.groups()
        if site is not None:
            yield Bought(site, length)
        elif kind == "toml":
            yield Settings(content)
        elif kind == "console":
            yield from _commands(content.splitlines(), page.count("\n", 0, fence.start(2)) + 1)


def moved_to(page: str, today: date) -> str:
    """The page as if it had been written today: all days in its consoles are as far away as they were then."""
    written = WRITTEN.search(page)
    assert written, "the page does not say on which day it was written"
    away = today - date.fromisoformat(written.group(1))

    def moved(fence: re.Match[str]) -> str:
        return DAY.sub(lambda day: (date.fromisoformat(day.group()) + away).isoformat(), fence.group())

    return FENCE.sub(moved, WRITTEN.sub(lambda found: found.group().replace(found.group(1), str(today)), page))


def _commands(lines: list[str], first: int) -> Iterator[Command]:
    starts = [place for place, line in enumerate(lines) if line.startswith(PROMPT)]
    assert starts[:1] == [0], f"line {first}: a console begins with a command"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        length = next(each for each in range(1, end - start + 1) if _whole("\n".join(lines[start : start + each])))
        typed = "\n".join(lines[start : start + length])[len(PROMPT) :]
        yield Command(typed, tuple(lines[start + length : end]), first + start)


def _whole(text: str) -> bool:
    """Whether a shell would run it, and not wait for the rest of it."""
    try:
        shlex.split(text)
    except ValueError:
        return False
    return not text.endswith("\\")


ALIKE = (
    (DAY, "<day>"),
    (re.compile(r"\b\d\d:\d\d\b"), "<time>"),
    (re.compile(r"[\d,]+ bytes"), "<bytes>"),
    (re.compile(r"\bpid\":\d+"), "<pid>"),
)
NAMES = re.compile(
    r"\bMQ(?:-[A-Z])?-\d{4}-\d{6}|\b(?:cs_test|pi|re|ch|tr|acct|txn|dp|du)_\w{16,}|\b[0-9a-f]{20,32}\b|(?<=/pay/)\S+|(?<=/i/)\w{22}|\b\w{22}\b"
)
"""What somebody made up at random: it differs each time, and comes back in later commands."""


def alike(shown: str, printed: str) -> bool:
    """Whether two lines say the same but for days, sizes and made-up names."""
    return _plain(shown) == _plain(printed)


def _plain(line: str) -> list[str]:
    for pattern, name in ALIKE:
        line = pattern.sub(name, line)
    return NAMES.sub("<name>", line).split()


def agree(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether a command printed what the page shows; a line of dots stands for any number of lines."""
    if not shown:
        return not printed
    if shown[0].strip() == LEFT_OUT:
        return any(agree(shown[1:], printed[start:]) for start in range(len(printed) + 1))
    return bool(printed) and alike(shown[0], printed[0]) and agree(shown[1:], printed[1:])


def names_in(lines: tuple[str, ...]) -> list[str]:
    """The made-up names in order."""
    return [found.group() for line in lines for found in NAMES.finditer(line)]
