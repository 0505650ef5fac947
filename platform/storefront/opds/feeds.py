"""The feeds: where to begin, all series, the newest, genres, what a search finds, what somebody reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import HttpMethod, Request, Response
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler, route
from litestar.params import QueryParameter, SkipValidation

from accounts.model import Viewer
from content.browsing import Question, Sort
from content.catalogue import Catalogue
from content.progress.continuing import Continuing
from content.units import ChapterUnit
from storage.moments import Clock
from storage.mongo import Database
from storefront.archive.linking import may_download
from storefront.going import site_of
from storefront.opds.access import known_reader, reader_of_feed
from storefront.opds.atom import ATOM, OPENSEARCH, Entry, Feed, Kind, Link, search_description, written
from storefront.opds.entries import ROOT, chapter_entry, series_entry, way
from storefront.reading.links import page_links, reader_of
from streaming.links import LinkSigner
from tenancy.resolver import ResolvedTenant

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
PAGE: Final = 50
MOST_GENRES: Final = 60
READER: Final = {"reader": Provide(reader_of_feed, sync_to_thread=False)}
_CACHING: Final = {"cache-control": "private, no-cache", "vary": "authorization, cookie"}

Text = Annotated[str, QueryParameter(max_length=2048)]
TheReader = NamedDependency[Viewer | None]
TheClock = NamedDependency[SkipValidation[Clock]]


@route(["/opds", f"{ROOT}/catalog"], http_method=READ, dependencies=READER)
async def root(tenant: NamedDependency[ResolvedTenant], clock: TheClock, reader: TheReader) -> Response[bytes]:
    """Where an app begins."""
    entries = [
        way(f"{ROOT}/reading", "Keep reading", "What you have begun, on every device", kind="acquisition"),
        way(f"{ROOT}/new", "Newest", "The latest series here", rel="http://opds-spec.org/sort/new"),
        way(f"{ROOT}/all", "All series", "Every series by its title"),
        way(f"{ROOT}/genres", "Genres", "Series by what they are"),
    ]
    del reader  # a wrong password is told at the door
    return answer(tenant, clock, f"{ROOT}/catalog", "", "navigation", entries)


@route(f"{ROOT}/all", http_method=READ, dependencies=READER)
async def everything(
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: TheClock,
    reader: TheReader,
    genre: Text = "",
    after: Text = "",
) -> Response[bytes]:
    """All series by title, or those of a genre. Raises CursorInvalid."""
    del reader
    asked = {"genre": genre[:60]} if genre else {}
    return await _series(tenant, catalogue, clock, f"{ROOT}/all", genre[:60] or "All series", "title", asked, after)


@route(f"{ROOT}/new", http_method=READ, dependencies=READER)
async def newest(
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: TheClock,
    reader: TheReader,
    after: Text = "",
) -> Response[bytes]:
    """The newest series first. Raises CursorInvalid."""
    del reader
    return await _series(tenant, catalogue, clock, f"{ROOT}/new", "Newest", "recent", {}, after)


@route(f"{ROOT}/genres", http_method=READ, dependencies=READER)
async def genres(
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: TheClock,
    reader: TheReader,
) -> Response[bytes]:
    """The genres of the series that the site shows."""
    del reader
    entries: list[Entry] = []
    for genre in (await catalogue.facets()).genres[:MOST_GENRES]:
        found = await catalogue.browse(Question(media_type="manga", genre=genre.name), limit=1)
        if found.titles:
            entries.append(way(f"{ROOT}/all?{urlencode({'genre': genre.name})}", genre.name, f"Series: {genre.name}"))
    return answer(tenant, clock, f"{ROOT}/genres", "Genres", "navigation", entries)


@route(f"{ROOT}/search", http_method=READ, dependencies=READER)
async def search(
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: TheClock,
    reader: TheReader,
    q: Text = "",
    after: Text = "",
) -> Response[bytes]:
    """The series that the words find, the best first. Raises CursorInvalid."""
    del reader
    words = " ".join(q.split())[:200]
    question = Question(media_type="manga")
    found = await catalogue.search(words, question, after=after or None, limit=PAGE) if words else None
    path = f"{ROOT}/search?{urlencode({'q': words})}"
    entries = [series_entry(title) for title in found.titles] if found else []
    links = [_next(path, found.after)] if found and found.after else []
    return answer(tenant, clock, path, f"Search: {words}", "navigation", entries, links)


@route(f"{ROOT}/search.xml", http_method=READ)
async def description(request: Request[Any, Any, Any], tenant: NamedDependency[ResolvedTenant]) -> Response[bytes]:
    """How apps search here. The template is a whole address, for not every app resolves one."""
    body = search_description(site_name(tenant), f"{site_of(request, tenant)}{ROOT}/search?q={{searchTerms}}")
    return Response(body, media_type=f"{OPENSEARCH};charset=utf-8", headers={"cache-control": "private, max-age=3600"})


@route(f"{ROOT}/reading", http_method=READ, dependencies=READER)
async def reading(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    links: NamedDependency[LinkSigner],
    clock: TheClock,
    reader: TheReader,
) -> Response[bytes]:
    """The chapters that the viewer goes on with. Raises TokenRequired."""
    viewer = known_reader(reader)
    going = await Continuing(database, tenant, catalogue).row(viewer.id)
    who = reader_of(request, viewer)
    entries = [
        chapter_entry(
            each.title,
            each.unit,
            page_links(links, tenant, who, each.title.slug, each.unit.key, now=clock()),
            each.progress,
            may_download=may_download(tenant, viewer),
            named=True,
        )
        for each in going
        if isinstance(each.unit, ChapterUnit)
    ]
    return answer(tenant, clock, f"{ROOT}/reading", "Keep reading", "acquisition", entries)


ROUTES: Final[list[HTTPRouteHandler]] = [root, everything, newest, genres, search, description, reading]


async def _series(
    tenant: ResolvedTenant,
    catalogue: Catalogue,
    clock: Clock,
    path: str,
    title: str,
    sort: Sort,
    asked: dict[str, str],
    after: str,
) -> Response[bytes]:
    question = Question(media_type="manga", genre=asked.get("genre"), sort=sort)
    found = await catalogue.browse(question, after=after or None, limit=PAGE)
    here = f"{path}?{urlencode(asked)}" if asked else path
    links = [_next(here, found.after)] if found.after else []
    return answer(tenant, clock, here, title, "navigation", [series_entry(each) for each in found.titles], links)


def answer(
    tenant: ResolvedTenant,
    clock: Clock,
    path: str,
    title: str,
    kind: Kind,
    entries: Sequence[Entry],
    links: Sequence[Link] = (),
) -> Response[bytes]:
    """A feed of the site, with the ways that every feed has."""
    site = site_name(tenant)
    ways = [
        Link(rel="start", href=f"{ROOT}/catalog", type=ATOM + "navigation", title=site),
        Link(rel="search", href=f"{ROOT}/search.xml", type=OPENSEARCH),
    ]
    feed = Feed(
        host=tenant.tenant.domain,
        site=site,
        path=path,
        title=title or site,
        kind=kind,
        now=clock(),
        links=[*ways, *links],
        entries=list(entries),
    )
    return Response(written(feed), media_type=f"{ATOM}{kind};charset=utf-8", headers=_CACHING)


def site_name(tenant: ResolvedTenant) -> str:
    """What the site is called."""
    return " ".join(tenant.brand.name.split()) or tenant.tenant.domain


def _next(path: str, after: str) -> Link:
    href = f"{path}{'&' if '?' in path else '?'}{urlencode({'after': after})}"
    return Link(rel="next", href=href, type=ATOM + "navigation")
