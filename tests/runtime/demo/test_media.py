"""The demo's films as files: whole or not there, made once, playable while they load."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

import imageio_ffmpeg
import pytest
from PIL import Image

from runtime.demo.film import Film
from runtime.demo.films import SHARED
from runtime.demo.footage import SECONDS, FilmingFailed
from runtime.demo.media import find, make, missing

FILM = next(film for film in SHARED if film.scene == "tiles")


def test_a_film_is_made_once_in_two_qualities_with_its_artwork(tmp_path: Path) -> None:
    made: list[Film] = []
    make([FILM], tmp_path, made.append, workers=1)
    (media,) = find([FILM], tmp_path)
    assert made == [FILM]
    assert missing([FILM], tmp_path) == []
    assert [place.name for place in tmp_path.iterdir()] == [media.directory.name]
    assert list(media.qualities) == ["540p", "270p"]
    for path, height in zip(media.qualities.values(), (540, 270), strict=True):
        described = _described(path)
        assert re.search(rf"Video: h264.*yuv420p.*x{height}", described)
        assert "Audio: aac" in described
        assert f"Duration: 00:00:{SECONDS}" in described
        written = path.read_bytes()
        assert written.index(b"moov") < written.index(b"mdat"), "a player can start before it has the end"
    with Image.open(media.poster) as poster, Image.open(media.backdrop) as backdrop:
        assert (poster.format, poster.size, backdrop.size) == ("WEBP", (600, 900), (1600, 900))


def test_a_film_that_fails_leaves_nothing_and_says_which_it_was(tmp_path: Path) -> None:
    broken = replace(FILM, noise=float("nan"))
    with pytest.raises(FilmingFailed, match="Concrete & Clover"):
        make([broken], tmp_path, lambda _film: None, workers=1)
    assert list(tmp_path.iterdir()) == []
    assert missing([broken], tmp_path) == [broken]


def _described(path: Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_filming_that_is_halted_ends_soon_and_leaves_no_half_a_film(tmp_path: Path) -> None:
    halt = Event()
    Timer(0.5, halt.set).start()
    begun = time.monotonic()
    make(list(SHARED), tmp_path, lambda _film: halt.set(), workers=2, halt=halt)
    assert time.monotonic() - begun < 15
    assert len(missing(SHARED, tmp_path)) > 10
    assert not list(tmp_path.glob("unfinished-*"))
