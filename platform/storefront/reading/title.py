"""A comic's page, as an answer."""

from __future__ import annotations

import re
from typing import Final

from litestar import Response

from accounts.model import Viewer
from content.model import Title
from content.progress.watching import Progress
from content.unit_offers import chapters_on
from storage.mongo import Database
from storefront.pages.request import page
from storefront.pages.views import View
from storefront.reading.comics import comic_view
from storefront.refusals import BadParameter
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

ORDERS: Final = ("", "oldest", "newest")
_PART: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


async def comic_page(
    title: Title,
    tenant: ResolvedTenant,
    themes: Themes,
    database: Database,
    viewer: Viewer | None,
    around: View,
    *,
    part: str,
    order: str,
) -> Response[str]:
    """The comic with the asked part of its chapters in the asked order, amid what is `around` it.

    Raises BadParameter.
    """
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
    return page(themes, tenant, "comic.html", around | view)
