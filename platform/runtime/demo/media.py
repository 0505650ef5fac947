"""Making the demo's media once: each film's posters and footage in a directory of its own, whole or not there."""

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

from runtime.demo.film import Film
from runtime.demo.footage import MIME, QUALITIES, FilmingHalted, shoot
from runtime.demo.posters import backdrop, poster

RECIPE = "1"  # raised when the drawing changes: media of another recipe is made again
Step = Callable[[Film], None]
PICTURE_MIME = "image/webp"


@dataclass(frozen=True)
class Media:
    """The files of one film."""

    film: Film
    directory: Path

    @property
    def poster(self) -> Path:
        return self.directory / "poster.webp"

    @property
    def backdrop(self) -> Path:
        return self.directory / "backdrop.webp"

    @property
    def qualities(self) -> dict[str, Path]:
        """The MP4 of each quality, best first."""
        return {quality: self.directory / f"{quality}.mp4" for quality in QUALITIES}

    @property
    def mime(self) -> str:
        return MIME


def missing(films: Iterable[Film], directory: Path) -> list[Film]:
    """Those films whose media is not there yet."""
    return [film for film in films if not _place(directory, film).is_dir()]


def find(films: Iterable[Film], directory: Path) -> list[Media]:
    """The media of the films, in their order."""
    return [Media(film, _place(directory, film)) for film in films]


def make(
    films: list[Film], directory: Path, done: Step, *, workers: int | None = None, halt: Event | None = None
) -> None:
    """Draw and film on all cores; `done` is called in this thread after each film. FilmingFailed, OSError.

    Once `halt` is set it ends soon; the films that are whole by then are kept.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="filming") as pool:
        making = {pool.submit(_make, film, directory, halt or Event()): film for film in films}
        try:
            for made in as_completed(making):
                if made.result():
                    done(making[made])
        finally:
            for waiting in making:
                waiting.cancel()


def _place(directory: Path, film: Film) -> Path:
    return directory / f"{film.slug}.{RECIPE}"


def _make(film: Film, directory: Path, halt: Event) -> bool:
    """Whether it was made."""
    with suppress(FilmingHalted), _unfinished(directory) as scratch:
        if not halt.is_set():
            shoot(film, scratch, halt)
            poster(film).save(scratch / "poster.webp", quality=80, method=1)
            backdrop(film).save(scratch / "backdrop.webp", quality=76, method=1)
            scratch.rename(_place(directory, film))
            return True
    return False


@contextmanager
def _unfinished(directory: Path) -> Generator[Path]:
    """A directory that is gone afterwards, unless it got its name."""
    scratch = Path(mkdtemp(prefix="unfinished-", dir=directory))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
