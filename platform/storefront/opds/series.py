"""One series: its chapters as a feed, its cover as a picture that apps show, and a chapter as a file."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from litestar import HttpMethod, Request, Response
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler, route
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect
from litestar.types import ASGIApp

from content.catalogue import Catalogue
from content.model import Title
from content.progress.model import unit_field
from content.progress.watching import Progress
from content.unit_offers import chapters_on
from storage.limits import Limits
from storage.mongo import Database
from storefront.allowances import allow
from storefront.archive.linking import may_download
from storefront.members import address_of
from storefront.opds.access import known_reader
from storefront.opds.atom import ATOM, Link
from storefront.opds.entries import chapter_entry, series_url
from storefront.opds.feeds import PAGE, READ, READER, Text, TheClock, TheReader, answer
from storefront.opds.files import ComicFile, DownloadNotAllowed, comic_head, located
from storefront.pages.views import picture_sources, picture_url
from storefront.reading.chapters import place_of, require_readable
from storefront.reading.links import page_links, reader_of
from storefront.refusals import BadParameter, TitleNotFound
from streaming.links import LinkSigner, user_claim
from streaming.pages.reading import PageReader
from streaming.pages.response import PageResponse
from streaming.response import PlainResponse
from streaming.source import BucketLocator
from tenancy.resolver import ResolvedTenant

FILES_PER_HOUR: Final = 60
LONGEST_SECONDS: Final = 3_600.0
_NUMBER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


@route("/opds/v1.2/series/{title_id:str}", http_method=READ, dependencies=READER)
async def series(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    links: NamedDependency[LinkSigner],
    clock: TheClock,
    reader: TheReader,
    title_id: FromPath[str],
    part: Text = "",
) -> Response[bytes]:
    """The chapters that can be read, fifty at a time: `part` counts from 1. Raises TitleNotFound, BadParameter."""
    title = await _found(catalogue, title_id)
    units = [unit for unit in chapters_on(title, tenant) if unit.readable]
    number, parts = _part(part), max(1, -(-len(units) // PAGE))
    known = await Progress(database, tenant.scope).of(reader.id, str(title.id)) if reader is not None else None
    progress = known.units if known is not None else {}
    who, keeps_files = reader_of(request, reader), may_download(tenant, reader)
    entries = [
        chapter_entry(
            title,
            unit,
            page_links(links, tenant, who, title.slug, unit.key, now=clock()),
            progress.get(unit_field(unit.key)),
            may_download=keeps_files,
        )
        for unit in units[(number - 1) * PAGE : number * PAGE]
    ]
    path = series_url(title)
    ways = [Link(rel="up", href="/opds/v1.2/all", type=ATOM + "navigation")]
    if number > 1:
        ways.append(Link(rel="previous", href=f"{path}?part={number - 1}", type=ATOM + "acquisition"))
    if number < parts:
        ways.append(Link(rel="next", href=f"{path}?part={number + 1}", type=ATOM + "acquisition"))
    here = path if number == 1 else f"{path}?part={number}"
    return answer(tenant, clock, here, title.name, "acquisition", entries, ways)


@route("/opds/v1.2/series/{title_id:str}/cover", http_method=READ, dependencies=READER)
async def cover(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    links: NamedDependency[LinkSigner],
    clock: TheClock,
    reader: TheReader,
    title_id: FromPath[str],
    width: Text = "",
) -> Redirect:
    """The poster or, where there is none, the first page: apps show no drawing (SVG)."""
    title = await _found(catalogue, title_id)
    first = next((unit for unit in chapters_on(title, tenant) if unit.readable), None)
    if any(picture_sources(title, "poster")) or first is None:
        return Redirect(picture_url(title, "poster"), status_code=302)
    signed = page_links(links, tenant, reader_of(request, reader), title.slug, first.key, now=clock())
    return Redirect(f"{signed.page(0)}?width={_part(width) if width else 640}", status_code=302)


@route("/opds/v1.2/series/{title_id:str}/chapters/{chapter_id:str}/file.cbz", http_method=READ, dependencies=READER)
async def chapter_file(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    limits: NamedDependency[Limits],
    locate: NamedDependency[SkipValidation[BucketLocator]],
    pages: NamedDependency[PageReader],
    reader: TheReader,
    title_id: FromPath[str],
    chapter_id: FromPath[str],
) -> ASGIApp:
    """The chapter as a comic book archive, metered like its pages.

    Raises TokenRequired, DownloadNotAllowed, RateLimited, ChapterNotFound and PageUnreadable.
    """
    if not may_download(tenant, reader):
        known_reader(reader)
        raise DownloadNotAllowed(_who_may(tenant))
    subject = address_of(request) if reader is None else user_claim(reader.id)
    place = await place_of(catalogue, tenant, title_id, chapter_id)
    require_readable(place.unit)
    if request.method != HttpMethod.HEAD:
        await allow(limits, tenant.scope, "cbz", subject, limit=FILES_PER_HOUR, seconds=3_600)
    found = await located(locate, tenant, place.title.slug, place.unit)
    file = ComicFile(found, pages, tenant)
    head = comic_head(file, f"{place.title.name} {place.unit.number}.cbz")
    if request.method == HttpMethod.HEAD:
        return PlainResponse(head)
    stream = f"cbz:{place.title.slug}:{place.unit.key}:{subject}"
    body = await file.begun()
    return PageResponse(head, body, owner=tenant.scope.owner, stream=stream, longest_seconds=LONGEST_SECONDS)


ROUTES: Final[list[HTTPRouteHandler]] = [series, cover, chapter_file]


async def _found(catalogue: Catalogue, title_id: str) -> Title:
    title = await catalogue.get(title_id)
    if title is None or title.derived.media_type != "manga":
        raise TitleNotFound(f"Nothing to read on this site has the id or slug {quote(title_id)!r}.")
    return title


def _who_may(tenant: ResolvedTenant) -> str:
    is_open = tenant.tenant.access.downloads != "nobody"
    return "Downloads are for premium members." if is_open else "This site gives no downloads."


def _part(text: str) -> int:
    if text and (not _NUMBER.fullmatch(text) or int(text) < 1):
        raise BadParameter("A whole number from 1 to 9999.")
    return int(text) if text else 1
