"""The catalogue as an operator would bring it: a dump in the public shape of `library`, one title a line."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import msgspec

from runtime.demo.film import Film
from runtime.demo.footage import MIME
from runtime.demo.media import Media
from runtime.demo.uploads import Stored, UploadBook

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LABELS = {"540p": "540p", "270p": "270p, saves data"}


def write_dump(path: Path, media: list[Media], book: UploadBook) -> Path:
    """Write `library.jsonl` into the folder; its path."""
    path.mkdir(parents=True, exist_ok=True)
    lines = [msgspec.json.encode(title(each, book)) for each in media]
    written = path / "library.jsonl"
    written.write_bytes(b"\n".join(lines) + b"\n")
    return written


def title_id(film: Film) -> str:
    """The id under which the film is imported."""
    return f"demo_{film.slug.replace('-', '_')}"


def title(media: Media, book: UploadBook) -> dict[str, Any]:
    """One document of `library`; every quality must be up."""
    film = media.film
    return {
        "_id": title_id(film),
        "short_id": short_id(film.slug),
        "media_type": "movie",
        "title": film.title,
        "clean_title": re.sub(r"[^a-z0-9]+", " ", film.title.lower()).strip(),
        "author": film.studio,
        "tagline": film.tagline,
        "overview": film.synopsis,
        "year": film.year,
        "genres": list(film.genres),
        "rating": film.rating,
        "content_rating": film.content_rating,
        "status": "available",
        "intro_timings": {"start": film.intro[0], "end": film.intro[1], "votes": film.votes},
        "files": [_bucket(quality, book.of(media, quality) or []) for quality in media.qualities],
    }


def short_id(slug: str) -> str:
    """Seven base62 characters that follow from the slug."""
    number, letters = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:8]), ""
    for _ in range(7):
        number, digit = divmod(number, 62)
        letters += BASE62[digit]
    return letters


def _bucket(quality: str, documents: list[Stored]) -> dict[str, Any]:
    size_bytes = sum(document.size_bytes for document in documents)
    bucket: dict[str, Any] = {
        "quality": quality,
        "label": LABELS[quality],
        "size_human": f"{size_bytes / 1e6:.1f} MB",
        "mime": MIME,
    }
    if len(documents) == 1:
        return bucket | _document(documents[0])
    return bucket | {"size_bytes": size_bytes, "documents": [_document(document) for document in documents]}


def _document(document: Stored) -> dict[str, Any]:
    return {
        "file_hash": document.file_hash,
        "tg_raw": {
            "media_id": document.media_id,
            "access_hash": document.access_hash,
            "file_reference": document.file_reference,
        },
        "size_bytes": document.size_bytes,
        "dc_id": document.dc_id,
        "origin": {"chat": document.chat_id, "message": document.message_id},
    }
