"""The archive page of a title, and links to the site's own files for those who may keep them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, SkipValidation

from accounts.errors import SessionRequired, ViewerBanned
from accounts.model import Viewer
from accounts.sessions import Sessions
from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.locating import offers
from content.progress.watching import NoSuchUnit
from content.takedowns.bans import TitleBanned
from content.unit_offers import packs_on
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock
from storefront.api.download_answers import LINK, LIST, DownloadAnswer, DownloadList, download_list
from storefront.api.playing import allow_play, opened
from storefront.api.plays import subject_of
from storefront.api.responses import BAD_ID, NO_TITLE, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.archive.linking import found_bucket, link_to, may_download
from storefront.members import NOT_A_TOKEN, current_member
from storefront.refusals import CrossSite, PremiumOnly
from streaming.leases import Leases, StreamLimitReached
from streaming.links import LinkSigner
from streaming.source import BucketLocator, NotPlayable
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
DownloadId = Annotated[
    str, PathParameter(max_length=32, description="A film's quality `0`, an episode's `s1e2-0`, a season pack `pack-1`")
]


@get(
    "/titles/{title_id:str}/downloads",
    operation_id="listDownloads",
    summary="The archive page: own files, mirrors with their status, and embeds",
    tags=["downloads"],
    cache_control=CacheControlHeader(no_store=True),
    operation_class=shown(LIST),
    responses=problems(BAD_ID, ViewerBanned(""), AgeGateClosed(), NO_TITLE, TitleBanned(""), _AWAY),
)
async def list_downloads(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    title_id: FromPath[str],
) -> DownloadList:
    """Everything there is; a title that is held back keeps its mirrors."""
    title = await opened(catalogue, title_id)
    return download_list(title, offers(title, tenant), packs_on(title, tenant), allowed=may_download(tenant, viewer))


@post(
    "/titles/{title_id:str}/downloads/{download_id:str}",
    operation_id="linkDownload",
    summary="A link to keep one of the site's own files with",
    description="For those whose role includes downloads, unless the site opens them. Takes no body.",
    tags=["downloads"],
    status_code=200,
    operation_class=shown(LINK),
    responses=problems(
        BAD_ID,
        CrossSite("The request comes from another origin."),
        ViewerBanned(""),
        PremiumOnly("Downloads are for premium members."),
        AgeGateClosed(),
        NO_TITLE,
        NoSuchUnit("A Series has nothing to download by the name 'x'."),
        StreamLimitReached(2),
        NotPlayable("its origin message is not known"),
        NOT_JSON,
        SessionRequired(NOT_A_TOKEN),
        TOO_OFTEN,
        TitleBanned(""),
        _AWAY,
    ),
)
async def link_download(
    request: Request[Any, Any, Any],
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    sessions: NamedDependency[Sessions],
    limits: NamedDependency[Limits],
    leases: NamedDependency[Leases],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    locate: NamedDependency[SkipValidation[BucketLocator]],
    title_id: FromPath[str],
    download_id: DownloadId,
) -> Response[DownloadAnswer]:
    """A download takes a stream's place for as long as it runs."""
    await allow_play(limits, tenant.scope, subject_of(request, viewer))
    title = await opened(catalogue, title_id)
    found = await found_bucket(title, download_id, tenant, viewer, locate)
    member = await current_member(request, tenant, viewer, sessions, limits)
    answer = await link_to(title, found, tenant, member, leases=leases, links=links, clock=clock)
    return Response(answer, headers={"Cache-Control": "no-store"})
