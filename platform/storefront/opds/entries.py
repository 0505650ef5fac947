"""From titles and chapters to entries of a feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from content.model import Title
from content.progress.model import UnitProgress
from content.units import ChapterUnit
from storage.moments import rfc3339
from storefront.going import unit_url
from storefront.opds.atom import ATOM, Entry, Link
from storefront.reading.links import PageLinks
from storefront.reading.views import long_name

ROOT: Final = "/opds/v1.2"
COMIC: Final = "application/vnd.comicbook+zip"
_ACQUISITION: Final = "http://opds-spec.org/acquisition"
_IMAGE: Final = "http://opds-spec.org/image"
_STREAM: Final = "http://vaemendis.net/opds-pse/stream"
_COVER_WIDTH: Final = 640
_THUMBNAIL_WIDTH: Final = 240

SignPages = Callable[[ChapterUnit], PageLinks]


def series_url(title: Title) -> str:
    """The feed of the series' chapters."""
    return f"{ROOT}/series/{quote(title.slug, safe='')}"


def file_url(title: Title, unit: ChapterUnit) -> str:
    """The chapter as a file."""
    return f"{series_url(title)}/chapters/{unit.number}/file.cbz"


def way(path: str, title: str, summary: str, *, rel: str = "subsection", kind: str = "navigation") -> Entry:
    """An entry that leads on to another feed."""
    return Entry(path=path, title=title, summary=summary, links=[Link(rel=rel, href=path, type=ATOM + kind)])


def series_entry(title: Title) -> Entry:
    """A series, leading to its chapters."""
    path = series_url(title)
    cover = f"{path}/cover"
    return Entry(
        path=path,
        title=title.name,
        updated=title.derived.added_at,
        summary=" ".join((title.overview or "").split())[:2_000],
        authors=[title.author] if title.author else [],
        categories=title.derived.genre_names[:8],
        year=title.derived.year,
        links=[
            Link(rel="subsection", href=path, type=ATOM + "acquisition"),
            Link(rel=_IMAGE, href=f"{cover}?width={_COVER_WIDTH}", type="image/jpeg"),
            Link(rel=f"{_IMAGE}/thumbnail", href=f"{cover}?width={_THUMBNAIL_WIDTH}", type="image/jpeg"),
        ],
    )


def chapter_entry(
    title: Title,
    unit: ChapterUnit,
    pages: PageLinks,
    progress: UnitProgress | None,
    *,
    may_download: bool,
    named: bool = False,
) -> Entry:
    """A chapter to be read page by page and, where that is open to the viewer, as a file.

    `named` says the series' name too, for feeds of several.
    """
    name = long_name(unit)
    links = [
        Link(rel=_IMAGE, href=f"{pages.page(0)}?width={_COVER_WIDTH}", type="image/jpeg"),
        Link(rel=f"{_IMAGE}/thumbnail", href=f"{pages.page(0)}?width={_THUMBNAIL_WIDTH}", type="image/jpeg"),
        _stream(unit, pages, progress),
        _file(title, unit, may_download=may_download),
        Link(rel="alternate", href=unit_url(title, unit), type="text/html", title="Read on the site"),
    ]
    return Entry(
        path=f"{series_url(title)}/chapters/{unit.number}",
        title=f"{title.name} \u2013 {name}" if named else name,
        updated=title.derived.added_at,
        summary=f"{unit.page_count} pages",
        authors=[title.author] if title.author else [],
        categories=title.derived.genre_names[:8],
        year=title.derived.year,
        links=links,
    )


def _stream(unit: ChapterUnit, pages: PageLinks, progress: UnitProgress | None) -> Link:
    """Pages count from 0 in addresses and from 1 in `lastRead`. Each is a JPEG, as the link has to say in advance."""
    more = {"pse:count": str(unit.page_count)}
    if progress is not None and progress.page is not None:
        more["pse:lastRead"] = str(progress.page)
        more["pse:lastReadDate"] = rfc3339(progress.at)
    href = f"/pages/{pages.token}/{{pageNumber}}?width={{maxWidth}}"
    return Link(rel=_STREAM, href=href, type="image/jpeg", more=more)


def _file(title: Title, unit: ChapterUnit, *, may_download: bool) -> Link:
    """The file, or where somebody comes to be let have it: an entry has to have an acquisition link."""
    if may_download:
        return Link(rel=_ACQUISITION, href=file_url(title, unit), type=COMIC)
    return Link(rel=f"{_ACQUISITION}/subscribe", href=unit_url(title, unit), type="text/html")
