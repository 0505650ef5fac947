"""What stands around a title on its page: the rest of its franchise, and more like it."""

from __future__ import annotations

import asyncio
from typing import Final

from content.browsing import Question
from content.catalogue import Catalogue
from content.model import Title
from storefront.pages.views import View, row

MOST: Final = 12


async def surroundings(catalogue: Catalogue, title: Title) -> View:
    """The rows under a title; none is there without titles."""
    kin, related = await asyncio.gather(_kin(catalogue, title), catalogue.related(title, limit=MOST))
    named = {each.slug for each in kin}
    alike = [each for each in related if each.slug not in named]
    return {
        "franchise": row("Of the same world", kin) if kin else None,
        "more": row("More like this", alike) if alike else None,
    }


async def _kin(catalogue: Catalogue, title: Title) -> list[Title]:
    """The others of its franchise."""
    if not title.derived.franchise:
        return []
    found = await catalogue.browse(Question(franchise=title.derived.franchise, sort="year"), limit=MOST + 1)
    return [each for each in found.titles if each.slug != title.slug][:MOST]
