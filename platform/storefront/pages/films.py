"""A title's own page: a film, a series or a comic."""

import asyncio
import re
from typing import Final

from litestar import Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath
from litestar.response import Redirect

from accounts.model import Viewer
from content.catalogue import Catalogue
from content.locating import offers
from content.mirrors import mirrors
from content.model import Title
from content.playable import Playable
from content.progress.watching import Progress
from content.unit_offers import episodes_on
from content.watchlist.repository import WatchlistRepository
from storage.mongo import Database
from storefront.community.discussions import Discussions
from storefront.community.report_pages import report_view
from storefront.community.views import comment_thread_view
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.series import series_view
from storefront.pages.surroundings import surroundings
from storefront.pages.views import View, film
from storefront.reading.title import comic_page
from storefront.refusals import BadParameter, TitleNotFound
from tenancy.resolver import ResolvedTenant

_SEASON: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@route("/title/{title_id:str}", http_method=READ)
async def title_page(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    database: NamedDependency[Database],
    viewer: NamedDependency[Viewer | None],
    discussions: NamedDependency[Discussions],
    title_id: FromPath[str],
    season: Text = "",
    part: Text = "",
    order: Text = "",
) -> Response[str] | Redirect:
    """The title's facts, its versions, episodes or chapters, and what is around it. An id leads to its slug.

    `season` is of a series, `part` and `order` are of a comic's chapters.
    """
    title = await _found(catalogue, title_id)
    if title.slug != title_id:
        return Redirect(f"/title/{title.slug}", status_code=308)
    rows, comments, kept = await asyncio.gather(
        surroundings(catalogue, title),
        comment_thread_view(discussions, title),
        _kept(title, tenant, database, viewer),
    )
    around = rows | {"comments": comments, "report": report_view(title), "kept": kept, "section": "browse"}
    if title.derived.media_type == "manga":
        return await comic_page(title, tenant, themes, database, viewer, around, part=part, order=order)
    if title.derived.media_type == "series":
        return page(themes, tenant, "series.html", around | await _series(title, tenant, database, viewer, season))
    offered = offers(title, tenant)
    view = film(title, offered) | {"playable": any(isinstance(each.verdict, Playable) for each in offered)}
    has_downloads = bool(offered or mirrors(title))
    return page(themes, tenant, "title.html", around | {"t": view, "has_downloads": has_downloads})


async def _series(title: Title, tenant: ResolvedTenant, database: Database, viewer: Viewer | None, season: str) -> View:
    if season and not _SEASON.fullmatch(season):
        raise BadParameter("season: a number")
    known = None if viewer is None else await Progress(database, tenant.scope).of(viewer.id, str(title.id))
    return series_view(title, episodes_on(title, tenant), known, season=int(season) if season else None)


async def _kept(title: Title, tenant: ResolvedTenant, database: Database, viewer: Viewer | None) -> View | None:
    """What the viewer's list has of the title."""
    if viewer is None:
        return None
    entry = await WatchlistRepository(database, tenant.scope).get(viewer.id, str(title.id))
    return None if entry is None else {"notify": entry.notify}


async def _found(catalogue: Catalogue, title_id: FromPath[str]) -> Title:
    title = await catalogue.by_slug(title_id) or await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound("It may have left the catalogue, or the address has a typing error.")
    return title
