"""`/title/{title_id}/downloads`: the archive page, and the form that leads to one of the site's own files."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from accounts.model import Viewer
from accounts.sessions import Sessions
from content.catalogue import Catalogue
from content.locating import offers
from content.unit_offers import packs_on
from storage.limits import Limits
from storage.moments import Clock
from storefront.api.download_answers import DownloadList, FileDownload, Mirror, download_list
from storefront.api.playing import allow_play, opened
from storefront.api.plays import subject_of
from storefront.archive.linking import REFUSALS, found_bucket, link_to, may_download
from storefront.going import title_url
from storefront.members import current_member
from storefront.pages.browsing import READ
from storefront.pages.reasons import told
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import View, film, human_size
from streaming.leases import Leases
from streaming.links import LinkSigner
from streaming.source import BucketLocator
from tenancy.resolver import ResolvedTenant

_STATUSES: Final = {"active": "Works", "dead": "Dead"}


@route("/title/{title_id:str}/downloads", http_method=READ)
async def archive_page(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    title_id: FromPath[str],
) -> Response[str] | Redirect:
    """Own files, mirrors with their status and backups. An id leads to its slug."""
    title = await opened(catalogue, title_id)
    if title.slug != title_id:
        return Redirect(f"{title_url(title)}/downloads", status_code=308)
    listed = download_list(title, offers(title, tenant), packs_on(title, tenant), allowed=may_download(tenant, viewer))
    return page(themes, tenant, "downloads.html", archive_view(listed, tenant) | {"t": film(title)})


@post("/title/{title_id:str}/downloads/{download_id:str}", status_code=303)
async def keep_file(
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
    download_id: FromPath[str],
) -> Redirect:
    """Leads to the file by a link of this session; raises as the API's `linkDownload`."""
    await allow_play(limits, tenant.scope, subject_of(request, viewer))
    title = await opened(catalogue, title_id)
    found = await found_bucket(title, download_id, tenant, viewer, locate)
    member = await current_member(request, tenant, viewer, sessions, limits)
    answer = await link_to(title, found, tenant, member, leases=leases, links=links, clock=clock)
    return Redirect(answer.url, status_code=303, headers={"Cache-Control": "no-store"})


def archive_view(listed: DownloadList, tenant: ResolvedTenant) -> View:
    """What the page shows. `refusal` says why the site's own files are not for whoever asks, if they are not."""
    rule = tenant.tenant.access.downloads
    return {
        "files": [_file(each) for each in listed.files],
        "mirrors": [_mirror(each) for each in listed.mirrors if each.kind == "mirror"],
        "backups": [_mirror(each) for each in listed.mirrors if each.kind == "backup"],
        "refusal": "" if listed.allowed else REFUSALS.get(rule, REFUSALS["nobody"]),
    }


def _file(each: FileDownload) -> View:
    return {
        "id": each.id,
        "name": each.label or each.quality or "The film",
        "quality": each.quality or ("ZIP" if each.kind == "season" else ""),
        "size": each.size or (human_size(each.size_bytes) if each.size_bytes else ""),
        "available": each.available,
        "why_not": "" if each.available else told(each.reason),
    }


def _mirror(each: Mirror) -> View:
    return {
        "href": each.url,
        "host": each.host,
        "initial": next((mark for mark in each.host if mark.isalnum()), "·").upper(),
        "icon": each.icon,
        "what": each.label or each.quality,
        "status": each.status,
        "said": _STATUSES.get(each.status, "Not checked yet"),
    }
