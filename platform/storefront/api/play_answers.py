"""What the API answers a player with: signed links, and the lease that keeps them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from storefront.subtitles import SubtitleLink


class Stream(Struct, kw_only=True):
    """A signed link to the bytes of one quality, good until the answer's `expires_at`."""

    quality: str
    label: str
    url: Annotated[str, Meta(description="Path on this host; takes GET, HEAD and Range")]
    mime: str
    size_bytes: int


class LeaseAnswer(Struct, kw_only=True):
    """The right to one running stream: to be renewed by POST to `heartbeat_url` within `ttl_seconds`."""

    id: str
    ttl_seconds: float
    heartbeat_url: str


class NextEpisode(Struct, kw_only=True):
    """The episode that follows: its page on this site, and where it is played."""

    id: str
    season: int
    episode: int
    title: str
    url: str
    play_url: str
    playable: bool


class Preview(Struct, kw_only=True):
    """A picture of the film from `at` seconds on; without `at` the pictures stand evenly spread over its length."""

    at: float | None
    url: str


class PlayAnswer(Struct, kw_only=True):
    """What a player needs. `expires_at` is epoch seconds; `next` is of episodes alone, `previews` are of films."""

    streams: list[Stream]
    subtitles: list[SubtitleLink]
    previews: list[Preview]
    next: NextEpisode | None
    expires_at: int
    lease: LeaseAnswer


class HeartbeatAnswer(Struct, kw_only=True):
    """The lease lives for another `ttl_seconds`."""

    ttl_seconds: float
