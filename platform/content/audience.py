"""Who looks: whether they may be shown what is for adults. Catalogues take it beside the tenant."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from content.model import Title

ADULTS_ONLY: Final = "18+"


HINT: Final = (
    'It is for adults. Confirm your age by POST /api/v1/age with {"confirmed": true}; the answer sets a cookie.'
)


class AgeGateClosed(Exception):
    """The title is for adults, and whoever asks has not passed the site's age gate; they may."""

    def __init__(self) -> None:
        super().__init__(HINT)


class Audience(Struct, frozen=True):
    """`adult`: whoever asks has passed the site's age gate. `may_pass`: the site has a gate that opens."""

    adult: bool = False
    may_pass: bool = False

    def may_see(self, title: Title) -> bool:
        """Whether the title may be shown to them."""
        return self.adult or title.derived.content_rating != ADULTS_ONLY

    def admits(self, title: Title) -> bool:
        """Whether they get the title that they asked for by name.

        Raises AgeGateClosed where the age gate would let them; where there is none, the title is not on the site.
        """
        if self.may_see(title):
            return True
        if self.may_pass:
            raise AgeGateClosed
        return False

    def as_filter(self) -> dict[str, Any]:
        """The same as `may_see` for MongoDB."""
        return {} if self.adult else {"_marquee.content_rating": {"$ne": ADULTS_ONLY}}


EVERYBODY: Final = Audience()
ADULTS: Final = Audience(adult=True)
