"""Several titles by the text of their ids, as far as a site shows them to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.model import Title
from content.takedowns.bans import TitleBanned
from storage.extended_json import identifiers

_WITHOUT_UNITS: Final = "movie"


async def shown(catalogue: Catalogue, ids: Sequence[str]) -> dict[str, Title]:
    """The titles as lists show them, by id; those that are hidden, banned or behind the age gate are left out."""
    asked = [identifier for each in dict.fromkeys(ids) for identifier in identifiers(each)]
    return {str(title.id): title for title in await catalogue.cards(asked)}


async def shown_with_units(catalogue: Catalogue, title: Title) -> Title | None:
    """The title with its episodes or chapters, which lists leave out."""
    if title.derived.media_type == _WITHOUT_UNITS:
        return title
    try:
        return await catalogue.get(str(title.id))
    except (AgeGateClosed, TitleBanned):
        return None
