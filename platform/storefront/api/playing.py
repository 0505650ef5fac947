"""A play: what of a title plays for whom, one lease, and a signed link for each quality and each subtitle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from accounts.access import may_stream
from accounts.model import Viewer
from content.catalogue import Catalogue
from content.locating import offers
from content.model import Subtitle, Title
from content.playable import NotPlayable as NotOffered
from content.playable import Playable, Quality, held_back
from content.progress.watching import NoSuchUnit
from content.subtitles.offers import Holder
from content.takedowns.bans import refuse_banned
from content.unit_offers import UnitFiles, episodes_on
from content.units import EpisodeUnit
from storage.limits import Limits
from storage.scope import TenantScope
from storefront.allowances import allow
from storefront.api.play_answers import LeaseAnswer, NextEpisode, PlayAnswer, Preview, Stream
from storefront.going import unit_url
from storefront.pages.views import screenshot_urls
from storefront.refusals import PremiumOnly, TitleNotFound
from storefront.subtitles import subtitle_links
from streaming.leases import Lease
from streaming.source import NotPlayable
from tenancy.resolver import ResolvedTenant

LINK_SECONDS: Final = 6 * 3600
"""A link outlives the longest film with a pause; the lease is what ends a stream."""
PLAYS_PER_MINUTE: Final = 30

Sign = Callable[[str], str]
"""Makes the token of a link from the name of a bucket."""


class Playing(Struct, frozen=True):
    """What plays: buckets by their names in links, with the subtitles that they declare, and what follows."""

    title: Title
    buckets: list[tuple[str, Quality, Playable, Sequence[Subtitle]]]
    following: EpisodeUnit | None = None


async def allow_play(limits: Limits, scope: TenantScope, subject: str) -> None:
    """Counts a play of the subject. Raises RateLimited and StorageUnavailable."""
    await allow(limits, scope, "play", subject, limit=PLAYS_PER_MINUTE, seconds=60)


def allow_streams(tenant: ResolvedTenant, viewer: Viewer | None) -> None:
    """Raises PremiumOnly where the site keeps its own streams for those whose role includes them."""
    if not may_stream(tenant.tenant.access, viewer):
        raise PremiumOnly("The site's own streams are for premium members.")


async def opened(catalogue: Catalogue, title_id: str) -> Title:
    """The title. Raises TitleNotFound, TitleBanned, AgeGateClosed."""
    title = await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(f"Nothing on this site has the id or slug {title_id!r}.")
    return title


async def film_playing(catalogue: Catalogue, tenant: ResolvedTenant, title_id: str) -> Playing:
    """The qualities of a film that play. Raises as `opened`, and NotPlayable with a reason."""
    title = await opened(catalogue, title_id)
    offered = offers(title, tenant)
    _require_any(title, offered, "it has no video")
    return Playing(
        title,
        [
            (str(each.place), each, each.verdict, file.subtitles)
            for each, file in zip(offered, title.files, strict=True)
            if isinstance(each.verdict, Playable)
        ],
    )


async def episode_playing(
    catalogue: Catalogue, tenant: ResolvedTenant, files: UnitFiles, title_id: str, episode_id: str
) -> Playing:
    """The qualities of an episode that play. Raises as `film_playing`, and NoSuchUnit."""
    title = await opened(catalogue, title_id)
    refuse_banned(title, tenant, episode_id)
    units = episodes_on(title, tenant)
    place = next((place for place, unit in enumerate(units) if unit.key == episode_id), None)
    if place is None:
        raise NoSuchUnit(f"{title.name} has no episode {episode_id!r} here.")
    offered = await files.episode(title, units[place])
    _require_any(title, offered, "it has no file")
    return Playing(
        title,
        [
            (f"{episode_id}/{each.place}", each, each.verdict, ())
            for each in offered
            if isinstance(each.verdict, Playable)
        ],
        units[place + 1] if place + 1 < len(units) else None,
    )


def play_answer(playing: Playing, sign: Sign, *, lease: Lease, expires_at: int) -> PlayAnswer:
    """Links for this viewer's device on this host, one a quality."""
    holders = [Holder(name, found.bucket.size_bytes, subtitles) for name, _, found, subtitles in playing.buckets]
    following = playing.following
    return PlayAnswer(
        streams=[
            Stream(
                quality=offered.quality,
                label=offered.label,
                url=f"/stream/{sign(name)}",
                mime=found.bucket.mime,
                size_bytes=found.bucket.size_bytes,
            )
            for name, offered, found, _ in playing.buckets
        ],
        subtitles=subtitle_links(holders, sign),
        previews=_previews(playing.title) if playing.title.derived.media_type == "movie" else [],
        next=None if following is None else _next(playing.title, following),
        expires_at=expires_at,
        lease=lease_answer(lease),
    )


def lease_answer(lease: Lease) -> LeaseAnswer:
    """The lease, and where it is renewed."""
    return LeaseAnswer(id=lease.id, ttl_seconds=lease.ttl_seconds, heartbeat_url=f"/api/v1/leases/{lease.id}")


def _previews(title: Title) -> list[Preview]:
    urls = screenshot_urls(title)
    known = [file.duration_seconds for file in title.files if file.duration_seconds]
    seconds = max((each for each in known if math.isfinite(each) and each > 0), default=None)
    return [
        Preview(at=None if seconds is None else round(place * seconds / len(urls), 2), url=url)
        for place, url in enumerate(urls)
    ]


def _next(title: Title, unit: EpisodeUnit) -> NextEpisode:
    play = f"/api/v1/titles/{quote(title.slug, safe='')}/episodes/{unit.key}/play"
    return NextEpisode(
        id=unit.key,
        season=unit.season,
        episode=unit.episode,
        title=unit.title,
        url=unit_url(title, unit),
        play_url=play,
        playable=unit.playable,
    )


def _require_any(title: Title, offered: list[Quality], otherwise: str) -> None:
    if any(isinstance(each.verdict, Playable) for each in offered):
        return
    reasons = {each.verdict.reason for each in offered if isinstance(each.verdict, NotOffered)}
    raise NotPlayable("; ".join(sorted(reasons)) or held_back(title) or otherwise)
