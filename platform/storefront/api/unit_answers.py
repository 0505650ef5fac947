"""What the API says of episodes and chapters."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from msgspec import Meta, Struct

from content.model import Title
from content.units import ChapterUnit, EpisodeUnit
from storefront.going import unit_url


class EpisodeQuality(Struct, kw_only=True):
    """One quality of an episode; `reason` says why it cannot be played."""

    quality: str
    playable: bool
    reason: str | None


class EpisodeAnswer(Struct, kw_only=True):
    """One episode. `numbered`: its number is the operator's own, not the next free one."""

    id: Annotated[str, Meta(description="`s1e2`: the `episode_id` of other operations")]
    target_id: Annotated[str, Meta(description="What comments, progress and votes call it")]
    season: int
    episode: int
    title: str
    numbered: bool
    playable: bool
    qualities: list[EpisodeQuality]
    url: str
    play_url: str


class EpisodeList(Struct, kw_only=True):
    """Some episodes, by season and number. `next` goes into `after` for those that follow."""

    episodes: list[EpisodeAnswer]
    next: str | None


class ChapterAnswer(Struct, kw_only=True):
    """One chapter; `reason` says why it cannot be read."""

    id: Annotated[str, Meta(description="`12.5`: the `chapter_id` of other operations")]
    target_id: str
    number: str
    title: str
    numbered: bool
    pages: int
    readable: bool
    reason: str | None
    url: str
    pages_url: str


class ChapterList(Struct, kw_only=True):
    """Some chapters, by number. `next` goes into `after` for those that follow."""

    chapters: list[ChapterAnswer]
    next: str | None


EPISODES: Final[dict[str, Any]] = {
    "episodes": [
        {
            "id": "s1e2",
            "target_id": "tmdb_1399#s1e2",
            "season": 1,
            "episode": 2,
            "title": "Rain",
            "numbered": True,
            "playable": True,
            "qualities": [{"quality": "1080p", "playable": True, "reason": None}],
            "url": "/watch/2nvFIo9/s1e2",
            "play_url": "/api/v1/titles/2nvFIo9/episodes/s1e2/play",
        }
    ],
    "next": None,
}
CHAPTERS: Final[dict[str, Any]] = {
    "chapters": [
        {
            "id": "12.5",
            "target_id": "manga_sample#c12.5",
            "number": "12.5",
            "title": "A short walk",
            "numbered": True,
            "pages": 24,
            "readable": True,
            "reason": None,
            "url": "/read/9Q2xk0a/12.5",
            "pages_url": "/api/v1/titles/9Q2xk0a/chapters/12.5/pages",
        }
    ],
    "next": None,
}


def episode_answer(title: Title, unit: EpisodeUnit) -> EpisodeAnswer:
    """An episode of the title."""
    return EpisodeAnswer(
        id=unit.key,
        target_id=f"{title.id}#{unit.key}",
        season=unit.season,
        episode=unit.episode,
        title=unit.title,
        numbered=unit.is_numbered,
        playable=unit.playable,
        qualities=[
            EpisodeQuality(quality=source.quality, playable=source.reason is None, reason=source.reason)
            for source in unit.qualities
        ],
        url=unit_url(title, unit),
        play_url=f"{_path(title)}/episodes/{unit.key}/play",
    )


def chapter_answer(title: Title, unit: ChapterUnit) -> ChapterAnswer:
    """A chapter of the title."""
    return ChapterAnswer(
        id=unit.number,
        target_id=f"{title.id}#{unit.key}",
        number=unit.number,
        title=unit.title,
        numbered=unit.is_numbered,
        pages=unit.page_count,
        readable=unit.readable,
        reason=unit.reason,
        url=unit_url(title, unit),
        pages_url=f"{_path(title)}/chapters/{unit.number}/pages",
    )


def _path(title: Title) -> str:
    return f"/api/v1/titles/{quote(title.slug, safe='')}"
