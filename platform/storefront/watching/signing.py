"""Links for players that run no script of ours: a browser without JavaScript, a television, a player on the desk."""

from __future__ import annotations

from msgspec import Struct

from content.catalogue import Catalogue
from content.subtitles.offers import Holder
from content.unit_offers import UnitFiles
from storage.mongo import Database
from storefront.api.play_answers import Stream
from storefront.api.playing import LINK_SECONDS, Playing, episode_playing, film_playing
from storefront.members import Member
from storefront.subtitles import SubtitleLink, subtitle_links
from streaming.links import Claims, LinkSigner, Purpose, user_claim
from tenancy.resolver import ResolvedTenant


class Signed(Struct, kw_only=True):
    """What a player needs. `expires_at` is epoch seconds."""

    streams: list[Stream]
    subtitles: list[SubtitleLink]
    expires_at: int


async def playing_of(
    catalogue: Catalogue, tenant: ResolvedTenant, database: Database, title_id: str, episode_id: str | None
) -> Playing:
    """What plays of a film or an episode. Raises TitleNotFound, TitleBanned, AgeGateClosed, NoSuchUnit, NotPlayable."""
    if episode_id is None:
        return await film_playing(catalogue, tenant, title_id)
    return await episode_playing(catalogue, tenant, UnitFiles(database, tenant), title_id, episode_id)


def signed_links(
    playing: Playing, member: Member, *, tenant: ResolvedTenant, links: LinkSigner, now: float, purpose: Purpose
) -> Signed:
    """Links of a purpose for all that plays, in the order of the title."""
    expires_at = int(now) + LINK_SECONDS

    def sign(bucket: str) -> str:
        claims = Claims(
            tenant=tenant.id,
            host=tenant.host,
            user=user_claim(member.viewer.id),
            device=member.device,
            title=playing.title.slug,
            bucket=bucket,
            expires_at=expires_at,
            purpose=purpose,
        )
        return links.sign(claims)

    streams = [
        Stream(
            quality=offered.quality,
            label=offered.label,
            url=f"/stream/{sign(name)}",
            mime=found.bucket.mime,
            size_bytes=found.bucket.size_bytes,
        )
        for name, offered, found, _ in playing.buckets
    ]
    holders = [Holder(name, found.bucket.size_bytes, subtitles) for name, _, found, subtitles in playing.buckets]
    return Signed(streams=streams, subtitles=subtitle_links(holders, sign), expires_at=expires_at)
