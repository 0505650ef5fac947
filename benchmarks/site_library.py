"""What the measured site shows: a film, a series and a comic that people talk about, among thousands of titles."""

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.search_library import GENRES, Vocabulary
from content.media.model import MediaFile
from content.model import Origin, Part, RawKeys

FILM, SERIES, COMIC = "bench-film", "bench-series", "bench-comic"
PICTURE: Final = "bench-picture"
_EPISODES, _CHAPTERS, _PAGES, _COMMENTS = 24, 40, 20, 40
_ORIGIN: Final = {"chat": -1001234567890, "message": 12}


def told_of() -> list[dict[str, Any]]:
    """A film with three qualities, a series of 48 episodes and a comic of 40 chapters, of one franchise."""
    shared: dict[str, Any] = {
        "franchise": "Bench",
        "genres": GENRES[:2],
        "rating": 9.5,
        "year": 2024,
        "author": "Anna Bench",
    }
    overview = "Somebody measures how long all of this takes, and is measured in turn. " * 4
    film: dict[str, Any] = {
        "media_type": "movie",
        "title": "The Bench Film",
        "files": [_file(number, quality) for number, quality in enumerate(("2160p", "1080p", "720p"))],
    }
    series: dict[str, Any] = {
        "media_type": "series",
        "title": "The Bench Series",
        "seasons": {"1": _season(1), "2": _season(2)},
    }
    comic: dict[str, Any] = {
        "media_type": "manga",
        "title": "The Bench Comic",
        "chapters": [
            {"chap": chap, "title": f"Chapter {chap}", "storage_id": "-1001234567890", "pages": [PICTURE] * _PAGES}
            for chap in range(1, _CHAPTERS + 1)
        ],
    }
    named = zip((FILM, SERIES, COMIC), (film, series, comic), strict=True)
    return [{"_id": title_id, "overview": overview, **shared, **fields} for title_id, fields in named]


def films(vocabulary: Vocabulary, start: str, count: int) -> Iterator[dict[str, Any]]:
    """Titles as a dump has them, most of them films."""
    dice = vocabulary.random
    for number in range(count):
        kind = dice.choices(("movie", "series", "manga"), (6, 2, 2))[0]
        yield {
            "_id": f"{start}_{number}",
            "media_type": kind,
            "title": " ".join(vocabulary.words(dice.choice((1, 2, 2, 3, 3, 4)))).title(),
            "author": " ".join(vocabulary.words(2)).title(),
            "overview": " ".join(vocabulary.words(30)).capitalize() + ".",
            "year": dice.randint(1950, 2025),
            "genres": dice.sample(GENRES, k=dice.choice((1, 2, 3))),
            "rating": round(dice.uniform(1, 9.4), 1),
            "content_rating": "18+" if dice.random() < 0.02 else "safe",
            **({"files": [_file(number, "1080p")]} if kind == "movie" else {}),
        }


def media() -> list[MediaFile]:
    """What the episodes and pages name."""
    part = Part(
        tg_raw=RawKeys(media_id=7, access_hash=-5, file_reference="060000aa"),
        origin=Origin(**_ORIGIN),
        dc_id=2,
        size_bytes=1_000_000,
    )
    return [
        MediaFile(id="bench-episode", documents=[part], mime="video/mp4"),
        MediaFile(id=PICTURE, documents=[part], mime="image/webp"),
    ]


def comments() -> Iterator[dict[str, Any]]:
    """Forty comments on each of the three."""
    for target in (FILM, SERIES, COMIC):
        for number in range(_COMMENTS):
            yield {
                "_id": f"{target}-comment-{number}",
                "target_id": target,
                "user_id": 1_000 + number,
                "nickname": f"Watcher_{number}",
                "avatar_seed": f"seed{number}",
                "body": f"It is *number* {number}, and >!nobody knew!< what came **then**.",
                "is_spoiler": number % 5 == 0,
                "likes": number,
                "created_at": f"2025-01-{number % 28 + 1:02}T12:00:00Z",
                "moderation_status": "active",
            }


def _season(number: int) -> list[dict[str, Any]]:
    return [
        {"episode": episode, "title": f"Part {number}.{episode}", "file_id": "bench-episode", "quality": "1080p"}
        for episode in range(1, _EPISODES + 1)
    ]


def _file(number: int, quality: str) -> dict[str, Any]:
    return {
        "quality": quality,
        "label": quality,
        "file_hash": f"hash-{number}-{quality}",
        "tg_raw": {"media_id": number + 1, "access_hash": -5, "file_reference": "060000aa"},
        "size_bytes": 1_000_000_000,
        "dc_id": 2,
        "origin": _ORIGIN,
        "mime": "video/mp4",
    }
