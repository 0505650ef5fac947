"""Titles for the pages' tests."""

from typing import Any


def bucket(number: int, quality: str = "1080p", **changed: Any) -> dict[str, Any]:
    """A bucket that plays."""
    return {
        "quality": quality,
        "label": "Full HD",
        "size_human": "2.1 GB",
        "size_bytes": 2_100_000_000,
        "dc_id": 2,
        "mime": "video/mp4",
        "origin": {"chat": -1001234567890, "message": number + 1},
        "tg_raw": {"media_id": 1000 + number, "access_hash": -5, "file_reference": "060000aa"},
        **changed,
    }


def film(number: int, **changed: Any) -> dict[str, Any]:
    """A film that plays: `film0000` is its slug."""
    return {
        "_id": f"tmdb_{number}",
        "short_id": f"film{number:04}",
        "media_type": "movie",
        "title": f"Film number {number}",
        "year": 2000 + number % 20,
        "genres": ["Drama" if number % 2 else "Comedy"],
        "rating": 5 + number % 40 / 10,
        "status": "available",
        "files": [bucket(number)],
        **changed,
    }
