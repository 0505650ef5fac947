"""What stands around a title on its page: the rest of its franchise, and more like it."""

from __future__ import annotations

from typing import Final

from content.browsing import Question
from content.catalogue import Catalogue
from content.model import Title
from storefront.pages.views import View, row

MOST: Final = 12


async def surroundings(catalogue: Catalogue, title: Title) -> View:
    """The rows under a title; none is there without titles."""
    kin: list[Title] = []
    if title.derived.franchise:
        found = await catalogue.browse(Question(franchise=title.derived.franchise, sort="year"), limit=MOST + 1)
        kin = [each for each in found.titles if each.slug != title.slug][:MOST]
    named = {each.slug for each in kin}
    alike = [each for each in await catalogue.related(title, limit=MOST) if each.slug not in named]
    return {
        "franchise": row("Of the same world", kin) if kin else None,
        "more": row("More like this", alike) if alike else None,
    }
