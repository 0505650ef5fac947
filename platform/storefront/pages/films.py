"""One film: its page and its player."""

from typing import Final

from litestar import Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath
from litestar.response import Redirect

from accounts.model import Viewer
from content.browsing import Question
from content.catalogue import Catalogue
from content.locating import offers
from content.model import Title
from content.playable import Playable
from storage.mongo import Database
from storefront.community.discussions import Discussions
from storefront.community.report_pages import report_view
from storefront.community.views import comment_thread_view
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import View, browse_url, film, row
from storefront.reading.title import comic_page
from storefront.refusals import TitleNotFound

SIMILAR: Final = 13


@route("/title/{title_id:str}", http_method=READ)
async def title_page(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    database: NamedDependency[Database],
    viewer: NamedDependency[Viewer | None],
    discussions: NamedDependency[Discussions],
    title_id: FromPath[str],
    part: Text = "",
    order: Text = "",
) -> Response[str] | Redirect:
    """The title's facts, its versions or chapters, and more like it. Also found by its id, which leads to its slug.

    `part` and `order` are of a comic's chapters.
    """
    title = await _found(catalogue, title_id)
    if title.slug != title_id:
        return Redirect(f"/title/{title.slug}", status_code=308)
    if title.derived.media_type == "manga":
        return await comic_page(title, tenant, catalogue, themes, database, viewer, discussions, part=part, order=order)
    offered = offers(title, tenant)
    view = film(title, offered) | {"playable": any(isinstance(each.verdict, Playable) for each in offered)}
    talk = {"comments": await comment_thread_view(discussions, title), "report": report_view(title)}
    return page(themes, tenant, "title.html", {"t": view, "more": await _similar(catalogue, title), **talk})


async def _found(catalogue: Catalogue, title_id: FromPath[str]) -> Title:
    title = await catalogue.by_slug(title_id) or await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound("It may have left the catalogue, or the address has a typing error.")
    return title


async def _similar(catalogue: Catalogue, title: Title) -> View | None:
    if not title.derived.genre_names:
        return None
    genre = title.derived.genre_names[0]
    found = await catalogue.browse(Question(media_type="movie", genre=genre, sort="rating"), limit=SIMILAR)
    others = [each for each in found.titles if each.slug != title.slug]
    return row(f"More {genre}", others, browse_url(genre=genre)) if others else None
