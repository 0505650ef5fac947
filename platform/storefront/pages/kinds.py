"""The kinds of titles, as people call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from content.facets import Facet
from tenancy.model import CataloguePolicy


class Kind(Struct, frozen=True):
    """A media type in words: of one, of many, and as a heading of all."""

    media_type: str
    one: str
    many: str

    @property
    def heading(self) -> str:
        """Over a list of all of them."""
        return f"All {self.many.lower()}"


KINDS: Final = (Kind("movie", "Film", "Films"), Kind("series", "Series", "Series"), Kind("manga", "Comic", "Comics"))
_BY_TYPE: Final = {kind.media_type: kind for kind in KINDS}


def kind_of(media_type: str | None) -> Kind | None:
    """The kind of a media type; None for one without a page of its own."""
    return _BY_TYPE.get(media_type or "")


def kinds_shown(facets: Sequence[Facet]) -> list[Kind]:
    """Those kinds of which the site shows anything, in their usual order."""
    there = {facet.key for facet in facets}
    return [kind for kind in KINDS if kind.media_type in there]


def admits(media_type: str, policy: CataloguePolicy) -> bool:
    """Whether the site may show titles of the type."""
    return not policy.media_types or media_type in policy.media_types


def browse_name(policy: CataloguePolicy) -> str:
    """What the menu calls the catalogue: by its kind where the site has only one."""
    kind = kind_of(policy.media_types[0]) if len(policy.media_types) == 1 else None
    return kind.many if kind else "Browse"
