"""A comic's page, as an answer."""

from __future__ import annotations

import re
from typing import Final

from litestar import Response

from accounts.model import Viewer
from content.browsing import Question
from content.catalogue import Catalogue
from content.model import Title
from content.progress.watching import Progress
from content.unit_offers import chapters_on
from storage.mongo import Database
from storefront.community.discussions import Discussions
from storefront.community.report_pages import report_view
from storefront.community.views import comment_thread_view
from storefront.pages.request import page
from storefront.pages.views import View, row
from storefront.reading.comics import comic_view
from storefront.refusals import BadParameter
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

ORDERS: Final = ("", "oldest", "newest")
_PART: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_SIMILAR: Final = 13


async def comic_page(
    title: Title,
    tenant: ResolvedTenant,
    catalogue: Catalogue,
    themes: Themes,
    database: Database,
    viewer: Viewer | None,
    discussions: Discussions,
    *,
    part: str,
    order: str,
) -> Response[str]:
    """The comic with the asked part of its chapters in the asked order. Raises BadParameter."""
    if (part and not _PART.fullmatch(part)) or order not in ORDERS:
        raise BadParameter("part: a number; order: oldest or newest")
    known = None
    if viewer is not None:
        known = await Progress(database, tenant.scope).of(viewer.id, str(title.id))
    view = comic_view(
        title,
        chapters_on(title, tenant),
        known,
        part=int(part) if part else None,
        newest_first=order == "newest",
    )
    context = view | {
        "section": "browse",
        "more": await _similar(catalogue, title),
        "comments": await comment_thread_view(discussions, title),
        "report": report_view(title),
    }
    return page(themes, tenant, "comic.html", context)


async def _similar(catalogue: Catalogue, title: Title) -> View | None:
    if not title.derived.genre_names:
        return None
    genre = title.derived.genre_names[0]
    found = await catalogue.browse(Question(media_type="manga", genre=genre, sort="rating"), limit=_SIMILAR)
    others = [each for each in found.titles if each.slug != title.slug]
    return row(f"More {genre}", others) if others else None
