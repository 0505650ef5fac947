"""Why a page is not given."""

from __future__ import annotations


class PageGone(Exception):
    """There is no such page on this site (any more)."""


class PageUnreadable(Exception):
    """The page is known and cannot be read as it is: missing file, no picture, too large."""


class TooManyPages(Exception):
    """More pages than anybody reads. `retry_after_seconds` is when to come back."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("These are more pages than anybody reads.")
        self.retry_after_seconds = retry_after_seconds
