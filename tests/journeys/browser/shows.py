"""A film with subtitles and a series, posted in the platform's channel and shown by a site of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg

from content.importing.target import Target
from tenancy.resolver import platform_scope
from tests.journeys.browser.comics import Shelf
from tests.journeys.browser.conftest import CHANNEL, Served
from tests.support.platform import open_site, take_in

SECONDS: Final = 45
LINES: Final = "1\n00:00:00,200 --> 00:00:44,000\n<i>The tide</i> is out & about\n"
GENRES: Final = ["Animation"]  # which the sites of the other journeys do not show


def filmed(folder: Path, name: str, size: str) -> Path:
    """A short film with an English and a German subtitle."""
    lines = folder / "lines.srt"
    lines.write_text(LINES, encoding="utf-8")
    path = folder / f"{name}.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=f=220:d={SECONDS}"]
    texts = ["-i", str(lines), "-i", str(lines), "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:s", "mov_text"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-c:a", "aac"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *picture, *sound, *texts, *coding]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True, timeout=60)
    return path


def bucket(served: Served, path: Path, quality: str) -> dict[str, Any]:
    """A quality as an operator's document has it."""
    info = served.telegram.add_document(CHANNEL, path=path)
    raw = {"media_id": info.media_id, "access_hash": info.access_hash, "file_reference": info.file_reference.hex()}
    return {
        "quality": quality,
        "label": f"{quality} test",
        "file_hash": f"show-{quality}-{info.media_id}",
        "tg_raw": raw,
        "size_bytes": info.size_bytes,
        "dc_id": info.dc_id,
        "mime": info.mime,
        "origin": {"chat": info.chat_id, "message": info.message_id},
        "subtitles": [{"lang": "eng", "index": 2}, {"lang": "ger", "index": 3}],
    }


async def open_club(served: Served, folder: Path) -> str:
    """The origin of a site with the film `reef`, the series `lamp`, and `mask`, which other players alone have."""
    stores, scope = served.process.services.stores, platform_scope()
    shelf = Shelf(served.telegram, CHANNEL, stores, scope, folder / "shelf")
    fine, coarse = filmed(folder, "fine", "480x270"), filmed(folder, "coarse", "240x136")
    for number in (1, 2, 3):
        await shelf.post(f"lamp-{number}", coarse, "video/mp4")
    common: dict[str, Any] = {"genres": GENRES, "status": "available", "year": 2025, "rating": 8.4}
    common["overview"] = "A reef, a lamp and somebody who counts the waves between them."
    embeds = [
        {"host": "Late", "url": "https://late.video.example/e/1", "priority": 2},
        {"host": "PeerTube", "url": "https://video.example/embed/xyz", "priority": 1},
        {"host": "Plain", "url": "http://plain.example/e", "priority": 0},
    ]
    reef = {
        **common,
        "_id": "show_reef",
        "short_id": "reef001",
        "media_type": "movie",
        "title": "The Reef at Low Water",
        "files": [bucket(served, fine, "270p"), bucket(served, coarse, "136p")],
        "intro_timings": {"start": 5, "end": 20, "votes": 4},
    }
    mask = {
        **common,
        "_id": "show_mask",
        "short_id": "mask001",
        "media_type": "movie",
        "title": "The Paper Mask",
        "files": [{"quality": "1080p", "embeds": embeds}],
    }
    names = ["Pilot", "Donaudampfschifffahrtsgesellschaftskapitän", "The Last Wave"]
    episodes = [
        {"episode": number, "title": name, "file_id": f"lamp-{number}", "quality": "136p"}
        for number, name in enumerate(names, 1)
    ]
    lamp = {
        **common,
        "_id": "show_lamp",
        "short_id": "lamp001",
        "media_type": "series",
        "title": "Lamp Keepers",
        "total_seasons": 1,
        "seasons": {"1": [*episodes, {"episode": 4, "title": "Not filmed yet"}]},
    }
    await take_in(stores, Target.shared(scope), "library", [reef, mask, lamp], folder / "shows")
    brand = {"theme": "nocturne", "brand__name": "Harbour Light Club"}
    await open_site(stores, "club", "club.localhost", **brand, policy__genres_allow=GENRES)
    return served.origin("club")
