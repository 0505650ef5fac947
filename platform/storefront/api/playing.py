"""A play: who watches, one lease, and a signed link for each quality that can be played."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from accounts.model import Viewer
from content.catalogue import Catalogue
from content.locating import offers
from content.playable import NotPlayable as NotOffered
from content.playable import Playable, Quality
from storage.limits import Limits
from storage.scope import TenantScope
from storefront.api.answers import LeaseAnswer, PlayAnswer, Stream
from storefront.refusals import RateLimited, TitleNotFound
from streaming.leases import Lease
from streaming.links import Claims, LinkSigner, device_of, user_claim
from streaming.source import NotPlayable
from tenancy.resolver import ResolvedTenant

LINK_SECONDS: Final = 6 * 3600
"""A link outlives the longest film with a pause; the lease is what ends a stream."""
PLAYS_PER_MINUTE: Final = 30


class Session(Struct, frozen=True):
    """Who asks, and by which session cookie."""

    viewer: Viewer
    cookie: str


async def allow_play(limits: Limits, scope: TenantScope, subject: str) -> None:
    """Counts a play of the subject. Raises RateLimited and StorageUnavailable."""
    verdict = await limits.take(scope, "play", subject, limit=PLAYS_PER_MINUTE, window_seconds=60)
    if not verdict.allowed:
        raise RateLimited(verdict.retry_after_seconds)


async def playable_qualities(
    catalogue: Catalogue, tenant: ResolvedTenant, title_id: str
) -> tuple[str, list[tuple[Quality, Playable]]]:
    """The title's slug and those of its qualities that play. Raises TitleNotFound, NotPlayable with a reason."""
    title = await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(f"Nothing on this site has the id or slug {title_id!r}.")
    offered = offers(title, tenant)
    playing = [(each, each.verdict) for each in offered if isinstance(each.verdict, Playable)]
    if not playing:
        reasons = {each.verdict.reason for each in offered if isinstance(each.verdict, NotOffered)}
        raise NotPlayable("; ".join(sorted(reasons)) or "it has no video")
    return title.slug, playing


def play_answer(
    slug: str,
    playing: list[tuple[Quality, Playable]],
    *,
    tenant: ResolvedTenant,
    session: Session,
    lease: Lease,
    links: LinkSigner,
    now: float,
) -> PlayAnswer:
    """Links for this viewer's browser on this host, one a quality."""
    expires_at = int(now) + LINK_SECONDS

    def signed(place: int) -> str:
        claims = Claims(
            tenant=tenant.id,
            host=tenant.host,
            user=user_claim(session.viewer.id),
            device=device_of(session.cookie),
            title=slug,
            bucket=str(place),
            expires_at=expires_at,
            purpose="play",
        )
        return f"/stream/{links.sign(claims)}"

    return PlayAnswer(
        streams=[
            Stream(
                quality=offered.quality,
                label=offered.label,
                url=signed(offered.place),
                mime=found.bucket.mime,
                size_bytes=found.bucket.size_bytes,
            )
            for offered, found in playing
        ],
        expires_at=expires_at,
        lease=LeaseAnswer(id=lease.id, ttl_seconds=lease.ttl_seconds, heartbeat_url=f"/api/v1/leases/{lease.id}"),
    )
