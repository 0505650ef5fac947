"""The catalogue as an operator would bring it: a dump in the public shape of `library`, one title a line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from content.media.model import MediaFile
from content.model import Origin, Part, RawKeys
from runtime.demo.books import Chapter, Comic
from runtime.demo.film import Film, Work
from runtime.demo.footage import MIME, SECONDS, SUBTITLE_STREAM
from runtime.demo.media import Upload, film_files, page_files, screenshot_files, season_pack
from runtime.demo.sets import Collection
from runtime.demo.shows import Series
from runtime.demo.uploads import Stored, UploadBook

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LABELS = {"540p": "540p", "270p": "270p, saves data"}


def uploads(work: Work, media: Path) -> list[Upload]:
    """Every file of the work that goes into Telegram."""
    if isinstance(work, Film):
        return [*film_files(work, media).values(), *screenshot_files(work, media)]
    if isinstance(work, Series):
        episodes = [file for film in work.films().values() for file in film_files(film, media).values()]
        return [*episodes, *(season_pack(work, season, media) for season in _seasons(work))]
    assert isinstance(work, Comic)
    return [page for chapter in work.chapters for page in page_files(work, chapter, media)]


def named_files(work: Work, media: Path, book: UploadBook) -> list[MediaFile]:
    """What is behind the file ids that the work's document names."""
    files = screenshot_files(work, media) if isinstance(work, Film) else uploads(work, media)
    return [
        MediaFile(
            id=file_id(file),
            documents=[_part(each) for each in book.of(file)],
            mime=file.mime,
            file_name=file.file_name,
        )
        for file in files
    ]


def write_dump(path: Path, works: Iterable[Work], media: Path, book: UploadBook) -> Path:
    """Write `library.jsonl` into the folder; its path."""
    path.mkdir(parents=True, exist_ok=True)
    lines = [msgspec.json.encode(title(work, media, book)) for work in works]
    written = path / "library.jsonl"
    written.write_bytes(b"\n".join(lines) + b"\n")
    return written


def write_collections(path: Path, collections: Iterable[Collection]) -> Path:
    """Write `collections.jsonl` into the folder; its path."""
    path.mkdir(parents=True, exist_ok=True)
    documents = [
        {
            "_id": each.id,
            "name": each.name,
            "overview": each.overview,
            "titles": [title_id(work) for work in each.works],
        }
        for each in collections
    ]
    written = path / "collections.jsonl"
    written.write_bytes(b"".join(msgspec.json.encode(document) + b"\n" for document in documents))
    return written


def title_id(work: Work) -> str:
    """The id under which the work is imported."""
    return f"demo_{work.slug.replace('-', '_')}"


def file_id(file: Upload) -> str:
    """What titles call a file of theirs."""
    return f"demo:{file.key}"


def title(work: Work, media: Path, book: UploadBook) -> dict[str, Any]:
    """One document of `library`; every file of it must be up."""
    fields: dict[str, Any] = {
        "_id": title_id(work),
        "short_id": short_id(work.slug),
        "title": work.title,
        "clean_title": re.sub(r"[^a-z0-9]+", " ", work.title.lower()).strip(),
        "author": work.studio,
        "tagline": work.tagline,
        "overview": work.synopsis,
        "year": work.year,
        "genres": list(work.genres),
        "rating": work.rating,
        "content_rating": work.content_rating,
        "status": "available",
    }
    if work.franchise:
        fields["franchise"] = work.franchise
    if isinstance(work, Film):
        return fields | _film(work, media, book)
    if isinstance(work, Series):
        return fields | _series(work, media)
    assert isinstance(work, Comic)
    return fields | _comic(work, media)


def short_id(slug: str) -> str:
    """Seven base62 characters that follow from the slug."""
    number, letters = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:8]), ""
    for _ in range(7):
        number, digit = divmod(number, 62)
        letters += BASE62[digit]
    return letters


def _film(film: Film, media: Path, book: UploadBook) -> dict[str, Any]:
    files = film_files(film, media).items()
    return {
        "media_type": "movie",
        "intro_timings": {"start": film.intro[0], "end": film.intro[1], "votes": film.votes},
        "visuals": {"screenshots": [file_id(shot) for shot in screenshot_files(film, media)]},
        "files": [_bucket(quality, book.of(file)) for quality, file in files],
    }


def _series(series: Series, media: Path) -> dict[str, Any]:
    films = series.films()
    return {
        "media_type": "series",
        "total_seasons": len(series.seasons),
        "intro_timings": {"start": 0, "end": 5, "votes": series.votes},
        "season_packs": [
            {"season": season, "zip_file_id": file_id(pack), "size": f"{pack.path.stat().st_size / 1e6:.1f} MB"}
            for season in _seasons(series)
            for pack in (season_pack(series, season, media),)
        ],
        "seasons": {
            str(season): [
                {"episode": number, "title": episode.title, "file_id": file_id(file), "quality": quality}
                for number, episode in enumerate(series.seasons[season - 1], 1)
                for quality, file in film_files(films[f"s{season}e{number}"], media).items()
            ]
            for season in _seasons(series)
        },
    }


def _comic(comic: Comic, media: Path) -> dict[str, Any]:
    def chapter(each: Chapter) -> dict[str, Any]:
        pages = [file_id(page) for page in page_files(comic, each, media)]
        return {"chap": each.number, "title": each.title, "pages": pages}

    return {
        "media_type": "manga",
        "chapter_count": len(comic.chapters),
        "chapters": [chapter(each) for each in comic.chapters],
    }


def _seasons(series: Series) -> range:
    return range(1, len(series.seasons) + 1)


def _bucket(quality: str, documents: list[Stored]) -> dict[str, Any]:
    size_bytes = sum(document.size_bytes for document in documents)
    bucket: dict[str, Any] = {
        "quality": quality,
        "label": LABELS[quality],
        "size_human": f"{size_bytes / 1e6:.1f} MB",
        "mime": MIME,
        "duration_seconds": SECONDS,
        "subtitles": [{"lang": "eng", "index": SUBTITLE_STREAM}],
    }
    if len(documents) == 1:
        return bucket | _document(documents[0])
    return bucket | {"size_bytes": size_bytes, "documents": [_document(document) for document in documents]}


def _document(document: Stored) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(_part(document))
    return fields


def _part(document: Stored) -> Part:
    return Part(
        file_hash=document.file_hash,
        tg_raw=RawKeys(
            media_id=document.media_id,
            access_hash=document.access_hash,
            file_reference=document.file_reference,
        ),
        size_bytes=document.size_bytes,
        dc_id=document.dc_id,
        origin=Origin(chat=document.chat_id, message=document.message_id),
    )
