"""What answers look like, for the API's description."""

from __future__ import annotations

from typing import Any, Final

SUMMARY: Final[dict[str, Any]] = {
    "id": "tmdb_10378",
    "slug": "v7K1wP2",
    "url": "/title/v7K1wP2",
    "media_type": "movie",
    "title": "Big Buck Bunny",
    "year": 2008,
    "rating": 8.3,
    "content_rating": "safe",
    "genres": ["Animation", "Comedy"],
    "playable": True,
    "poster": "/art/v7K1wP2/poster",
}
TITLES: Final[dict[str, Any]] = {"titles": [SUMMARY], "next": None}
TITLE: Final[dict[str, Any]] = {
    **SUMMARY,
    "status": "available",
    "notice": None,
    "franchise": {"key": "the peach project", "name": "The Peach Project"},
    "seasons": [],
    "chapters": None,
    "overview": "A giant rabbit takes revenge.",
    "author": None,
    "backdrop": None,
    "intro": {"start": 90, "end": 150},
    "qualities": [
        {
            "id": "0",
            "quality": "1080p",
            "label": "Full HD",
            "playable": True,
            "mime": "video/mp4",
            "size_bytes": 734003200,
            "reason": None,
        }
    ],
    "subtitles": [{"lang": "eng", "index": 3}],
    "total_seasons": None,
    "chapter_count": None,
}
GENRES: Final[dict[str, Any]] = {
    "genres": [{"key": "animation", "name": "Animation", "count": 12}],
    "years": [{"key": "2008", "name": "2008", "count": 3}],
    "media_types": [{"key": "movie", "name": "movie", "count": 12}],
}
PLAY: Final[dict[str, Any]] = {
    "streams": [
        {
            "quality": "1080p",
            "label": "Full HD",
            "url": "/stream/AAExAAFh",
            "mime": "video/mp4",
            "size_bytes": 734003200,
        }
    ],
    "subtitles": [{"lang": "en", "label": "English", "url": "/subtitles/AAExAAFh"}],
    "previews": [{"at": 0.0, "url": "/art/2nvFIo9/screenshot-1?v=t5f2c"}],
    "next": None,
    "expires_at": 1800000000,
    "lease": {"id": "9f2c", "ttl_seconds": 90, "heartbeat_url": "/api/v1/leases/9f2c"},
}
PLAY_EPISODE: Final[dict[str, Any]] = {
    **PLAY,
    "subtitles": [],
    "previews": [],
    "next": {
        "id": "s1e3",
        "season": 1,
        "episode": 3,
        "title": "Rain",
        "url": "/watch/2nvFIo9/s1e3",
        "play_url": "/api/v1/titles/2nvFIo9/episodes/s1e3/play",
        "playable": True,
    },
}
HEARTBEAT: Final[dict[str, Any]] = {"ttl_seconds": 90}
