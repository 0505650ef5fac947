"""The pictures of titles: the blob where the title has one, what Telegram holds of it, or a cover drawn for it."""

import re
from functools import lru_cache
from typing import Any, Final

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath

from content.audience import ADULTS_ONLY
from content.model import Title
from content.playable import Playable
from content.unit_offers import UnitFiles
from storage.blobs import Blobs, NoSuchBlob
from storage.mongo import Database
from storefront.pages.browsing import READ, Text
from storefront.pages.covers import SIZES, Kind, draw_cover
from storefront.pages.request import FOR_A_WHILE, FOR_GOOD, TheBlobs, TheCatalogue, TheTenant, file, missing
from storefront.pages.views import picture_sources, picture_version
from streaming.pages.errors import PageGone, PageUnreadable
from streaming.pages.reading import PageReader
from streaming.source import SourceUnavailable
from tenancy.resolver import ResolvedTenant

# No cache that others are served from may hold what is behind the age gate.
FOR_ADULTS: Final = "private, max-age=300"
# What a browser runs nothing of. An SVG among the posters would be a page of the site's own origin.
PICTURES: Final = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})
SCREENSHOT: Final = re.compile(r"screenshot-[1-9][0-9]?", re.ASCII)
WIDTHS: Final = {"poster": 640, "backdrop": 1920}
SCREENSHOT_WIDTH: Final = 480
MOST_BYTES: Final = 12 << 20
"""Of a picture in Telegram: anybody may ask for it, and it is decoded here."""


@route("/art/{title_id:str}/{kind:str}", http_method=READ)
async def art(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    catalogue: TheCatalogue,
    blobs: TheBlobs,
    database: NamedDependency[Database],
    pages: NamedDependency[PageReader],
    title_id: FromPath[str],
    kind: FromPath[str],
    v: Text = "",
) -> Response[bytes]:
    """A title's poster, backdrop or `screenshot-1`; 404 for titles that the site does not show.

    `v` is the version that pages link.
    """
    title = await catalogue.by_slug(title_id) if kind in SIZES or SCREENSHOT.fullmatch(kind) else None
    if title is None:
        raise missing("There is no such picture.")
    blob_id, file_id = picture_sources(title, kind)
    version = picture_version(blob_id, file_id)
    caching = FOR_GOOD if v == version else FOR_A_WHILE
    if title.derived.content_rating == ADULTS_ONLY:
        caching = FOR_ADULTS
    if file_id:
        known = file(request, b"", "image/jpeg", version, caching)
        if known.status_code == 304:
            return known
        copy = await copy_from_telegram(UnitFiles(database, tenant), pages, tenant, title, kind, file_id)
        if copy is not None:
            return file(request, copy, "image/jpeg", version, caching)
    if blob_id:
        picture = await _stored(blobs, tenant, title, blob_id)
        if picture is not None:
            return file(request, picture[0], picture[1], version, caching)
    if kind not in SIZES:
        raise missing("There is no such picture.")
    if (blob_id or file_id) and caching == FOR_GOOD:
        caching = FOR_A_WHILE  # what is gone may come back under the same URL
    svg = _drawn(title.slug, kind, tuple(title.derived.genre_names))
    return file(request, svg, "image/svg+xml", f"{title.slug}-{picture_version(None)}", caching)


async def _stored(blobs: Blobs, tenant: ResolvedTenant, title: Title, blob_id: str) -> tuple[bytes, str] | None:
    scope = tenant.shared if title.is_shared else tenant.scope
    try:
        blob = await blobs.open(scope, blob_id)
        return (await blob.read(), blob.meta.content_type) if blob.meta.content_type in PICTURES else None
    except NoSuchBlob:
        return None


async def copy_from_telegram(
    files: UnitFiles, pages: PageReader, tenant: ResolvedTenant, title: Title, kind: str, file_id: str
) -> bytes | None:
    """A JPEG of it in the size that pages show; None while it cannot be had."""
    verdict = await files.picture(title, file_id)
    if not isinstance(verdict, Playable) or verdict.bucket.size_bytes > MOST_BYTES:
        return None
    try:
        return await pages.smaller(verdict.bucket, tenant, WIDTHS.get(kind, SCREENSHOT_WIDTH))
    except (PageGone, PageUnreadable, SourceUnavailable):
        return None


@lru_cache(maxsize=512)
def _drawn(slug: str, kind: Kind, genres: tuple[str, ...]) -> bytes:
    return draw_cover(slug, kind, genres).svg.encode()
