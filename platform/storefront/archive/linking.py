"""Links to keep the site's own files with, for those who may."""

from __future__ import annotations

import re
from typing import Final

from accounts import access
from accounts.model import Viewer
from content.model import Title
from content.progress.watching import NoSuchUnit
from content.takedowns.bans import TitleBanned
from storage.moments import Clock
from storefront.api.download_answers import DownloadAnswer
from storefront.api.playing import LINK_SECONDS, lease_answer
from storefront.api.signing import signer_of
from storefront.members import Member
from storefront.refusals import PremiumOnly
from streaming.leases import Leases
from streaming.links import LinkSigner, user_claim
from streaming.model import Bucket
from streaming.source import BucketLocator, DocumentGone
from tenancy.resolver import ResolvedTenant

_NAMED: Final = re.compile(
    r"(?P<file>[0-9]{1,6})|(?P<episode>s[0-9]{1,6}e[0-9]{1,6})-(?P<place>[0-9]{1,6})|pack-(?P<pack>[0-9]{1,6})",
    re.ASCII,
)
REFUSALS: Final = {"premium": "Downloads are for premium members.", "nobody": "This site gives no downloads."}


def may_download(tenant: ResolvedTenant, viewer: Viewer | None) -> bool:
    """Whether whoever asks may keep the site's own files."""
    return access.may_download(tenant.tenant.access, viewer)


async def found_bucket(
    title: Title, download_id: str, tenant: ResolvedTenant, viewer: Viewer | None, locate: BucketLocator
) -> tuple[str, Bucket]:
    """The bucket of a download with its name in links.

    Raises NoSuchUnit, PremiumOnly, TitleBanned, and NotPlayable with the reason.
    """
    name = bucket_named(download_id)
    if name is None:
        raise NoSuchUnit(f"{title.name} has nothing to download by the name {download_id!r}.")
    if not may_download(tenant, viewer):
        raise PremiumOnly(REFUSALS.get(tenant.tenant.access.downloads, ""))
    try:
        return name, await locate(tenant, title.slug, name)
    except TitleBanned:
        raise
    except DocumentGone as error:
        raise NoSuchUnit(f"{title.name} has nothing to download by the name {download_id!r}.") from error


async def link_to(
    title: Title,
    found: tuple[str, Bucket],
    tenant: ResolvedTenant,
    member: Member,
    *,
    leases: Leases,
    links: LinkSigner,
    clock: Clock,
) -> DownloadAnswer:
    """A link for this member's device; a download takes a stream's place for as long as it runs.

    Raises StreamLimitReached.
    """
    name, bucket = found
    lease = await leases.acquire(
        tenant.scope,
        user=user_claim(member.viewer.id),
        role=member.viewer.role,
        device=member.device,
        title=title.slug,
    )
    expires_at = int(clock()) + LINK_SECONDS
    sign = signer_of(links, tenant, member, title.slug, expires_at=expires_at, purpose="download")
    return DownloadAnswer(
        url=f"/stream/{sign(name)}",
        file_name=bucket.file_name,
        size_bytes=bucket.size_bytes,
        expires_at=expires_at,
        lease=lease_answer(lease),
    )


def bucket_named(download_id: str) -> str | None:
    """The bucket's name in links; None for text that names none."""
    found = _NAMED.fullmatch(download_id)
    if found is None:
        return None
    if found["file"]:
        return str(int(found["file"]))
    return f"{found['episode']}/{int(found['place'])}" if found["episode"] else f"pack/{int(found['pack'])}"
