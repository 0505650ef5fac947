"""What the desk tells its callers."""

from __future__ import annotations

from collections.abc import Mapping


class NoticeInvalid(ValueError):
    """A notice lacks what the law asks for; `problems` says by field what."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


class NoSuchNotice(Exception):
    """There is no notice of this receipt number, or the secret is not its."""


class NotDecidable(Exception):
    """The notice stands where this cannot be decided; the message says why."""


class NothingToBan(ValueError):
    """What should be taken down is not on this site; the message names it."""
