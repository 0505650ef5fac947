"""Making the demo's media once, piece by piece: each piece in a directory of its own, whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from zipfile import ZipFile

from PIL import Image

from runtime.demo.books import Chapter, Comic
from runtime.demo.film import Film, Work
from runtime.demo.footage import MIME, QUALITIES, SHOTS, FilmingHalted, shoot
from runtime.demo.panels import pages
from runtime.demo.posters import COVER, POSTER, backdrop, poster
from runtime.demo.shows import Series

RECIPE = "3"  # raised when the drawing changes: media of another recipe is made again
PICTURE_MIME, SHOT_MIME, PACK_MIME = "image/webp", "image/jpeg", "application/zip"


@dataclass(frozen=True)
class Piece:
    """What is made at once: the name of its directory, what people call it, and what fills it."""

    name: str
    title: str
    make: Callable[[Path, Event], None]


@dataclass(frozen=True)
class Upload:
    """A file for Telegram, by a key that stays; `documents` is how many it is cut into there."""

    key: str
    path: Path
    mime: str
    documents: int = 1

    @property
    def file_name(self) -> str:
        """What it is called where it is downloaded."""
        return self.key.replace("/", ".") + self.path.suffix


def pieces(work: Work) -> list[Piece]:
    """What a work is made of."""
    if isinstance(work, Film):
        return [Piece(work.slug, work.title, lambda folder, halt: _film(work, folder, halt))]
    whole = [Piece(work.slug, work.title, lambda folder, _: _pictures(work, folder))]
    if isinstance(work, Series):
        whole += [_episode(film, work.title) for film in work.films().values()]
    if isinstance(work, Comic):
        whole += [_chapter(work, chapter) for chapter in work.chapters]
    return whole


def missing(works: Iterable[Work], directory: Path) -> list[Piece]:
    """Those pieces that are not there yet."""
    return [piece for work in works for piece in pieces(work) if not place(directory, piece.name).is_dir()]


def place(directory: Path, name: str) -> Path:
    """Where a piece lies."""
    return directory / f"{name}.{RECIPE}"


def film_files(film: Film, directory: Path) -> dict[str, Upload]:
    """The MP4 of each quality of a film or an episode, best first."""
    folder = place(directory, film.slug)
    best = next(iter(QUALITIES))
    return {
        quality: Upload(
            f"{folder.name}/{quality}", folder / f"{quality}.mp4", MIME, film.documents if quality == best else 1
        )
        for quality in QUALITIES
    }


def screenshot_files(film: Film, directory: Path) -> list[Upload]:
    """The screenshots of a film in their order."""
    folder = place(directory, film.slug)
    names = [f"shot-{number}" for number in range(1, SHOTS + 1)]
    return [Upload(f"{folder.name}/{name}", folder / f"{name}.jpg", SHOT_MIME) for name in names]


def chapter_name(comic: Comic, chapter: Chapter) -> str:
    """What the chapter's piece is called."""
    return f"{comic.slug}-c{chapter.number:g}"


def page_files(comic: Comic, chapter: Chapter, directory: Path) -> list[Upload]:
    """The pages of a chapter in their order."""
    folder = place(directory, chapter_name(comic, chapter))
    numbers = range(1, len(chapter.pages) + 1)
    return [Upload(f"{folder.name}/{n:03}", folder / f"{n:03}.webp", PICTURE_MIME) for n in numbers]


def season_pack(series: Series, season: int, directory: Path) -> Upload:
    """A season in one archive, made of the episodes where it is not there yet."""
    name = f"{series.slug}-s{season}.{RECIPE}"
    path = directory / f"{name}.zip"
    if not path.exists():
        scratch = path.with_suffix(".unfinished")
        with ZipFile(scratch, "w") as archive:
            for key, film in series.films().items():
                if key.startswith(f"s{season}e"):
                    best = next(iter(film_files(film, directory).values()))
                    archive.write(best.path, f"{series.title} {key} {film.title}.mp4")
        scratch.rename(path)
    return Upload(f"{name}/pack", path, PACK_MIME)


def make(
    wanted: list[Piece],
    directory: Path,
    done: Callable[[Piece], None],
    *,
    workers: int | None = None,
    halt: Event | None = None,
) -> None:
    """Draw and film on all cores; `done` is called in this thread after each piece. FilmingFailed, OSError.

    Once `halt` is set it ends soon; the pieces that are whole by then are kept.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="filming") as pool:
        making = {pool.submit(_make, piece, directory, halt or Event()): piece for piece in wanted}
        try:
            for made in as_completed(making):
                if made.result():
                    done(making[made])
        finally:
            for waiting in making:
                waiting.cancel()


def _make(piece: Piece, directory: Path, halt: Event) -> bool:
    """Whether it was made."""
    with suppress(FilmingHalted), _unfinished(directory) as scratch:
        if not halt.is_set():
            piece.make(scratch, halt)
            scratch.rename(place(directory, piece.name))
            return True
    return False


def _film(film: Film, folder: Path, halt: Event) -> None:
    shoot(film, folder, halt)
    _pictures(film, folder)


def _episode(film: Film, series: str) -> Piece:
    def make(folder: Path, halt: Event) -> None:
        shoot(film, folder, halt)

    return Piece(film.slug, f"{series}, {film.title}", make)


def _chapter(comic: Comic, chapter: Chapter) -> Piece:
    def make(folder: Path, halt: Event) -> None:
        for number, page in enumerate(pages(comic, chapter), 1):
            if halt.is_set():
                raise FilmingHalted(comic.title)
            _save(page, folder / f"{number:03}.webp", 82)

    return Piece(chapter_name(comic, chapter), f"{comic.title} {chapter.number:g}", make)


def _pictures(work: Work, folder: Path) -> None:
    _save(poster(work, COVER if isinstance(work, Comic) else POSTER), folder / "poster.webp", 80)
    _save(backdrop(work), folder / "backdrop.webp", 76)


def _save(picture: Image.Image, path: Path, quality: int) -> None:
    picture.save(path, quality=quality, method=1)


@contextmanager
def _unfinished(directory: Path) -> Generator[Path]:
    """A directory that is gone afterwards, unless it got its name."""
    scratch = Path(mkdtemp(prefix="unfinished-", dir=directory))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
