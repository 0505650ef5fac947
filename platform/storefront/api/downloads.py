"""The archive page of a title, and links to the site's own files for those who may keep them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, SkipValidation

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from accounts.roles import may
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
from storefront.api.playing import LINK_SECONDS, allow_play, lease_answer, opened
from storefront.api.plays import subject_of
from storefront.api.responses import BAD_ID, NO_TITLE, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.api.signing import signer_of
from storefront.members import current_member
from storefront.refusals import CrossSite, PremiumOnly
from streaming.leases import Leases, StreamLimitReached
from streaming.links import LinkSigner, user_claim
from streaming.source import BucketLocator, DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_NAMED: Final = re.compile(
    r"(?P<file>[0-9]{1,6})|(?P<episode>s[0-9]{1,6}e[0-9]{1,6})-(?P<place>[0-9]{1,6})|pack-(?P<pack>[0-9]{1,6})",
    re.ASCII,
)
_REFUSALS: Final = {"premium": "Downloads are for premium members.", "nobody": "This site gives no downloads."}
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
    name = bucket_named(download_id)
    if name is None:
        raise NoSuchUnit(f"{title.name} has nothing to download by the name {download_id!r}.")
    if not may_download(tenant, viewer):
        raise PremiumOnly(_REFUSALS.get(tenant.tenant.access.downloads, ""))
    try:
        bucket = await locate(tenant, title.slug, name)
    except TitleBanned:
        raise
    except DocumentGone as error:
        raise NoSuchUnit(f"{title.name} has nothing to download by the name {download_id!r}.") from error
    member = await current_member(request, tenant, viewer, sessions, limits)
    lease = await leases.acquire(
        tenant.scope,
        user=user_claim(member.viewer.id),
        role=member.viewer.role,
        device=member.device,
        title=title.slug,
    )
    expires_at = int(clock()) + LINK_SECONDS
    sign = signer_of(links, tenant, member, title.slug, expires_at=expires_at, purpose="download")
    answer = DownloadAnswer(
        url=f"/stream/{sign(name)}",
        file_name=bucket.file_name,
        size_bytes=bucket.size_bytes,
        expires_at=expires_at,
        lease=lease_answer(lease),
    )
    return Response(answer, headers={"Cache-Control": "no-store"})


def may_download(tenant: ResolvedTenant, viewer: Viewer | None) -> bool:
    """Whether whoever asks may keep the site's own files."""
    rule = tenant.tenant.access.downloads
    return rule == "everyone" or (rule == "premium" and may(viewer, "download"))


def bucket_named(download_id: str) -> str | None:
    """The bucket's name in links; None for text that names none."""
    found = _NAMED.fullmatch(download_id)
    if found is None:
        return None
    if found["file"]:
        return str(int(found["file"]))
    return f"{found['episode']}/{int(found['place'])}" if found["episode"] else f"pack/{int(found['pack'])}"
