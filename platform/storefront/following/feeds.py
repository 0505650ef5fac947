"""Feeds: the site's newest titles for everybody, and a viewer's notices for whoever has their token."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath, SkipValidation

from content.audience import EVERYBODY
from content.browsing import Question
from content.catalogue import Catalogue
from content.model import Title
from content.notices.addresses import Addresses
from content.notices.feeds import MIME, FeedEntry, atom
from content.notices.reading import ReadNotices, Told
from content.notices.wording import said
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from storefront.api.notices import ADDRESSES
from storefront.following.views import notice_target
from storefront.going import site_of, title_url
from storefront.pages.browsing import READ
from storefront.pages.request import FOR_A_WHILE, TheTenant, TheThemes, missing

MOST_ENTRIES: Final = 30


@route("/feed.atom", http_method=READ)
async def newest_feed(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    database: NamedDependency[Database],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[bytes]:
    """The titles that came last, as everybody may see them."""
    site, name = site_of(request, tenant), str(themes.site(tenant)["name"])
    found = await Catalogue(database, tenant, EVERYBODY).browse(Question(sort="recent"), limit=MOST_ENTRIES)
    body = atom(
        title=name,
        url=f"{site}/",
        self_url=f"{site}/feed.atom",
        entries=[_title(each, site) for each in found.titles],
        empty_at=tenant.tenant.created_at or moment(clock()),
    )
    return Response(body, media_type=MIME, headers={"cache-control": FOR_A_WHILE})


@route("/feeds/{feed_id:str}", http_method=READ, dependencies=ADDRESSES)
async def own_feed(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    database: NamedDependency[Database],
    addresses: NamedDependency[Addresses],
    clock: NamedDependency[SkipValidation[Clock]],
    feed_id: FromPath[str],
) -> Response[bytes]:
    """A viewer's notices. A feed passes no age gate."""
    viewer_id = await addresses.reader_of(feed_id)
    if viewer_id is None:
        raise missing("There is no such feed.")
    site, name = site_of(request, tenant), str(themes.site(tenant)["name"])
    catalogue = Catalogue(database, tenant, EVERYBODY)
    found = await ReadNotices(database, tenant, catalogue, clock).page(viewer_id, after=None, limit=MOST_ENTRIES)
    body = atom(
        title=f"{name}: new for you",
        url=f"{site}/notices",
        self_url=f"{site}/feeds/{feed_id}",
        entries=[_notice(each, site) for each in found.told],
        empty_at=tenant.tenant.created_at or moment(clock()),
    )
    headers = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
    return Response(body, media_type=MIME, headers=headers)


def _title(title: Title, site: str) -> FeedEntry:
    return FeedEntry(
        id=title.slug,
        title=title.name,
        url=site + title_url(title),
        at=moment(max(title.derived.sort.recent, 0) / 1_000),
        summary=" ".join((title.overview or "").split())[:500],
    )


def _notice(told: Told, site: str) -> FeedEntry:
    words = said(told.notice, told.title)
    return FeedEntry(
        id=told.notice.key,
        title=f"{told.title.name}: {words}" if told.title else words,
        url=site + notice_target(told),
        at=moment(epoch_of(told.notice.created_at)),
    )
