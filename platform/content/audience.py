"""Who looks: whether they may be shown what is for adults. Catalogues take it beside the tenant."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from content.model import Title

ADULTS_ONLY: Final = "18+"


class Audience(Struct, frozen=True):
    """`adult`: whoever asks has passed the site's age gate."""

    adult: bool = False

    def may_see(self, title: Title) -> bool:
        """Whether the title may be shown to them."""
        return self.adult or title.derived.content_rating != ADULTS_ONLY

    def as_filter(self) -> dict[str, Any]:
        """The same for MongoDB."""
        return {} if self.adult else {"_marquee.content_rating": {"$ne": ADULTS_ONLY}}


EVERYBODY: Final = Audience()
ADULTS: Final = Audience(adult=True)
