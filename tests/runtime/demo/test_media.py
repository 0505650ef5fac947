"""The demo's films as files: whole or not there, made once, playable while they load."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from zipfile import ZipFile

import imageio_ffmpeg
import pytest
from PIL import Image

from runtime.demo.comics import LETTERS
from runtime.demo.films import SHARED
from runtime.demo.footage import SECONDS, SHOTS, SUBTITLE_STREAM, FilmingFailed
from runtime.demo.media import (
    chapter_name,
    film_files,
    make,
    missing,
    page_files,
    pieces,
    place,
    screenshot_files,
    season_pack,
)
from runtime.demo.panels import PAPER
from runtime.demo.shows import LAMPLIGHTERS

FILM = next(film for film in SHARED if film.scene == "tiles")


def test_a_film_is_made_once_in_two_qualities_with_its_artwork(tmp_path: Path) -> None:
    made: list[str] = []
    make(missing([FILM], tmp_path), tmp_path, lambda piece: made.append(piece.title), workers=1)
    folder, files = place(tmp_path, FILM.slug), film_files(FILM, tmp_path)
    assert made == [FILM.title]
    assert missing([FILM], tmp_path) == []
    assert list(tmp_path.iterdir()) == [folder]
    assert list(files) == ["540p", "270p"]
    for path, height in zip((file.path for file in files.values()), (540, 270), strict=True):
        described = _described(path)
        assert re.search(rf"#0:{SUBTITLE_STREAM}.*\(eng\): Subtitle: mov_text", described)
        assert re.search(rf"Video: h264.*yuv420p.*x{height}", described)
        assert "Audio: aac" in described
        assert f"Duration: 00:00:{SECONDS}" in described
        written = path.read_bytes()
        assert written.index(b"moov") < written.index(b"mdat"), "a player can start before it has the end"
    shots = [shot.path.read_bytes() for shot in screenshot_files(FILM, tmp_path)]
    assert len(set(shots)) == SHOTS
    assert len(list(folder.glob("shot-*"))) == SHOTS
    with Image.open(folder / "poster.webp") as poster, Image.open(folder / "backdrop.webp") as backdrop:
        assert (poster.format, poster.size, backdrop.size) == ("WEBP", (600, 900), (1600, 900))


def test_a_film_that_fails_leaves_nothing_and_says_which_it_was(tmp_path: Path) -> None:
    broken = replace(FILM, noise=float("nan"))
    with pytest.raises(FilmingFailed, match="Concrete & Clover"):
        make(missing([broken], tmp_path), tmp_path, lambda _piece: None, workers=1)
    assert list(tmp_path.iterdir()) == []
    assert [piece.name for piece in missing([broken], tmp_path)] == [broken.slug]


def test_a_comic_is_drawn_a_chapter_at_a_time_and_its_pages_differ(tmp_path: Path) -> None:
    chapter = LETTERS.chapters[2]
    (piece,) = [piece for piece in pieces(LETTERS) if piece.name == chapter_name(LETTERS, chapter)]
    make([piece], tmp_path, lambda _piece: None, workers=1)
    files = page_files(LETTERS, chapter, tmp_path)
    assert len({file.path.read_bytes() for file in files}) == len(chapter.pages)
    for file in files:
        with Image.open(file.path) as page:
            assert (page.format, page.size) == ("WEBP", PAPER["ink"])


def test_a_season_is_one_archive_of_its_best_files(tmp_path: Path) -> None:
    for film in LAMPLIGHTERS.films().values():
        for quality, file in film_files(film, tmp_path).items():
            file.path.parent.mkdir(exist_ok=True)
            file.path.write_bytes(f"{film.slug} {quality}".encode())
    pack = season_pack(LAMPLIGHTERS, 2, tmp_path)
    with ZipFile(pack.path) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [
            b"lamplighters-s2e1 540p",
            b"lamplighters-s2e2 540p",
        ]
    assert season_pack(LAMPLIGHTERS, 2, tmp_path) == pack


def _described(path: Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_filming_that_is_halted_ends_soon_and_leaves_no_half_a_film(tmp_path: Path) -> None:
    halt = Event()
    Timer(0.5, halt.set).start()
    begun = time.monotonic()
    make(missing(SHARED, tmp_path), tmp_path, lambda _piece: halt.set(), workers=2, halt=halt)
    assert time.monotonic() - begun < 15
    assert len(missing(SHARED, tmp_path)) > 10
    assert not list(tmp_path.glob("unfinished-*"))
