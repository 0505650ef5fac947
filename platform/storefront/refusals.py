"""What the site's own edge refuses, before any room is asked."""

from __future__ import annotations


class BadParameter(ValueError):
    """A parameter of the request cannot be read; the message names it."""


class TitleNotFound(Exception):
    """The tenant shows no such title."""


class CollectionNotFound(Exception):
    """The tenant shows no such collection."""


class PremiumOnly(Exception):
    """This is for those whose membership includes it."""


class CrossSite(Exception):
    """A request that changes something came from another site."""


class WrongContentType(Exception):
    """A body that is not declared as JSON."""


class RateLimited(Exception):
    """Too often. `retry_after_seconds` is when to come back."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("Please wait a moment before trying again.")
        self.retry_after_seconds = retry_after_seconds
