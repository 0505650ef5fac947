"""The reader: one chapter, and nothing but its pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from accounts.model import Viewer
from content.progress.model import unit_field
from content.progress.watching import Progress
from content.units import ChapterUnit
from storage.moments import Clock
from storage.mongo import Database
from storefront.community.discussions import Discussions
from storefront.community.report_pages import report_view
from storefront.community.views import comment_thread_view
from storefront.going import unit_name, unit_url
from storefront.pages.browsing import READ
from storefront.pages.reasons import told
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import card
from storefront.reading.chapters import Place, place_of
from storefront.reading.comics import part_of, part_url
from storefront.reading.links import page_links, reader_of
from storefront.reading.views import View, long_name, usual_way
from streaming.links import LinkSigner
from streaming.pages.pictures import Picture
from streaming.pages.reading import PageReader
from tenancy.resolver import ResolvedTenant


@route("/read/{title_id:str}/{chapter_id:str}", http_method=READ)
async def read_page(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    database: NamedDependency[Database],
    viewer: NamedDependency[Viewer | None],
    links: NamedDependency[LinkSigner],
    pages: NamedDependency[PageReader],
    discussions: NamedDependency[Discussions],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
    chapter_id: FromPath[str],
) -> Response[str] | Redirect:
    """The chapter `12.5`; `c12.5`, and a title by its id, lead there. One that cannot be read says why."""
    place = await place_of(catalogue, tenant, title_id, chapter_id)
    title, unit = place.title, place.unit
    if (title.slug, unit.number) != (title_id, chapter_id):
        return Redirect(unit_url(title, unit), status_code=308)
    signed = page_links(links, tenant, reader_of(request, viewer), title.slug, unit.key, now=clock())
    seen = pages.seen_of((tenant.scope.owner, title.slug, unit.key))
    numbers = range(unit.page_count) if unit.readable else ()
    shown = [{"number": number + 1, "url": signed.page(number), **_size(seen.get(number))} for number in numbers]
    context = {
        "t": card(title),
        "chapter": {"label": long_name(unit), "short": unit_name(unit), "target": f"{title.id}#{unit.key}"},
        "pages": shown,
        "pages_url": f"/api/v1/titles/{quote(title.slug, safe='')}/chapters/{unit.number}/pages",
        "why_not": "" if unit.readable else _sentence(told(unit.reason)),
        "start": await _start(database, place, viewer, tenant),
        "usual": usual_way(title),
        "chapters_url": part_url(title, part_of(place.others, unit)),
        "previous": _beside(place, place.previous),
        "next": _beside(place, place.next),
        "comments": await comment_thread_view(discussions, title, unit.key, back=unit_url(title, unit)),
        "report": report_view(title, unit.key),
    }
    return page(themes, tenant, "read.html", context)


async def _start(database: Database, place: Place, viewer: Viewer | None, tenant: ResolvedTenant) -> str:
    """The page (from 1) that the viewer left the chapter at; empty at its beginning and once it was read."""
    if viewer is None:
        return ""
    known = await Progress(database, tenant.scope).of(viewer.id, str(place.title.id))
    progress = known.units.get(unit_field(place.unit.key)) if known is not None else None
    return "" if progress is None or progress.finished or not progress.page else str(progress.page)


def _size(picture: Picture | None) -> View:
    return {"width": picture.width, "height": picture.height} if picture else {"width": 0, "height": 0}


def _beside(place: Place, unit: ChapterUnit | None) -> View | None:
    if unit is None:
        return None
    return {"href": unit_url(place.title, unit), "label": long_name(unit), "short": unit_name(unit)}


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."
