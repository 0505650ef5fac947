"""The pictures of titles: the blob where the title has one, else a cover drawn for it."""

from functools import lru_cache
from typing import Any, Final, cast

from litestar import Request, Response
from litestar.handlers import route
from litestar.params import FromPath

from content.audience import ADULTS_ONLY
from content.model import Title
from storage.blobs import Blobs, NoSuchBlob
from storefront.pages.browsing import READ, Text
from storefront.pages.covers import SIZES, Kind, draw_cover
from storefront.pages.request import FOR_A_WHILE, FOR_GOOD, TheBlobs, TheCatalogue, TheTenant, file, missing
from storefront.pages.views import picture_version
from tenancy.resolver import ResolvedTenant

# No cache that others are served from may hold what is behind the age gate.
FOR_ADULTS: Final = "private, max-age=300"
# What a browser runs nothing of. An SVG among the posters would be a page of the site's own origin.
PICTURES: Final = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})


@route("/art/{title_id:str}/{kind:str}", http_method=READ)
async def art(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    catalogue: TheCatalogue,
    blobs: TheBlobs,
    title_id: FromPath[str],
    kind: FromPath[str],
    v: Text = "",
) -> Response[bytes]:
    """A title's poster or backdrop; 404 for titles that the site does not show. `v` is the version that pages link."""
    title = await catalogue.by_slug(title_id) if kind in SIZES else None
    if title is None:
        raise missing("There is no such picture.")
    visuals = title.derived.visuals
    blob_id = visuals.poster if kind == "poster" else visuals.backdrop
    caching = FOR_GOOD if v == picture_version(blob_id) else FOR_A_WHILE
    if title.derived.content_rating == ADULTS_ONLY:
        caching = FOR_ADULTS
    if blob_id:
        picture = await _stored(blobs, tenant, title, blob_id)
        if picture is not None:
            return file(request, picture[0], picture[1], picture_version(blob_id), caching)
    if blob_id and caching == FOR_GOOD:
        caching = FOR_A_WHILE  # a blob that is gone may come back under the same URL
    svg = _drawn(title.slug, cast("Kind", kind), tuple(title.derived.genre_names))
    return file(request, svg, "image/svg+xml", f"{title.slug}-{picture_version(None)}", caching)


async def _stored(blobs: Blobs, tenant: ResolvedTenant, title: Title, blob_id: str) -> tuple[bytes, str] | None:
    scope = tenant.shared if title.is_shared else tenant.scope
    try:
        blob = await blobs.open(scope, blob_id)
        return (await blob.read(), blob.meta.content_type) if blob.meta.content_type in PICTURES else None
    except NoSuchBlob:
        return None


@lru_cache(maxsize=512)
def _drawn(slug: str, kind: Kind, genres: tuple[str, ...]) -> bytes:
    return draw_cover(slug, kind, genres).svg.encode()
