"""The site's small files: built assets, the tenant's own stylesheet and logo, icon, manifest, robots.txt.

Own handlers, because Litestar's static files know neither conditional requests nor how to leave symbolic links alone.
A request's name is only compared with names that we know; none of it ever becomes a path.
"""

import json
from typing import Any, Final
from xml.sax.saxutils import escape

from litestar import Request, Response
from litestar.handlers import route
from litestar.params import FromPath

from storage.blobs import Blobs, NoSuchBlob
from storefront.pages.browsing import READ
from storefront.pages.pictures import PICTURES
from storefront.pages.request import FOR_A_WHILE, FOR_GOOD, TheBlobs, TheTenant, TheThemes, file, missing
from tenancy.resolver import ResolvedTenant

CSS: Final = "text/css"
# A logo may be an SVG: shown as a picture it runs nothing, opened as a page it gets no rights.
LOGOS: Final = PICTURES | {"image/svg+xml"}
NOT_FOR_ROBOTS: Final = (
    "/api/",
    "/stream/",
    "/pages/",
    "/watch/",
    "/read/",
    "/search",
    "/opds",
    "/account",
    "/sign-in",
    "/history",
    "/watchlist",
    "/notices",
    "/invite",
)
ROBOTS: Final = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in NOT_FOR_ROBOTS)]).encode()
SANDBOXED: Final = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@route("/assets/{asset_name:str}", http_method=READ)
async def asset(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    blobs: TheBlobs,
    asset_name: FromPath[str],
) -> Response[bytes]:
    """A built file, the tenant's stylesheet or its logo, each named by its content."""
    built = themes.asset_file(asset_name)
    if built is not None:
        return file(request, built.body, built.mime, built.etag, FOR_GOOD)
    if asset_name.startswith("brand-") and asset_name.endswith(".css"):
        sheet = themes.brand_stylesheet(tenant)
        # A page from before a change of brand still asks for the former name: it gets the present colours.
        caching = FOR_GOOD if asset_name == sheet.name else "no-cache"
        return file(request, sheet.body.encode(), CSS, sheet.name.removesuffix(".css"), caching)
    if tenant.brand.logo_blob and asset_name == f"logo-{tenant.brand.logo_blob}":
        return await _logo(request, tenant, blobs, tenant.brand.logo_blob)
    raise missing("There is no such file.")


@route(["/favicon.svg", "/favicon.ico"], http_method=READ)
async def favicon(request: Request[Any, Any, Any], tenant: TheTenant, themes: TheThemes) -> Response[bytes]:
    """The site's initial on its colour, also for browsers that ask for an .ico by habit."""
    site = themes.site(tenant)
    initial = escape(str(site["initial"]))
    letter = (
        'x="32" y="45" font-family="Georgia,Arial,sans-serif" font-size="38" font-weight="700" text-anchor="middle"'
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="{site["icon_radius"]}" fill="{site["accent"]}"/>'
        f'<text {letter} fill="{site["on_accent"]}">{initial}</text></svg>'
    )
    return file(request, svg.encode(), "image/svg+xml", themes.brand_stylesheet(tenant).name[6:18], FOR_A_WHILE)


@route("/manifest.webmanifest", http_method=READ)
async def manifest(request: Request[Any, Any, Any], tenant: TheTenant, themes: TheThemes) -> Response[bytes]:
    """What a phone needs to put the site on its home screen."""
    site = themes.site(tenant)
    described = {
        "name": site["name"],
        "short_name": str(site["name"])[:24],
        "description": site["tagline"],
        "lang": site["locale"],
        "dir": site["direction"],
        "start_url": "/",
        "display": "standalone",
        "background_color": site["ground_dark"],
        "theme_color": site["ground_dark"],
        "icons": [{"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    body = json.dumps(described, ensure_ascii=False).encode()
    return file(request, body, "application/manifest+json", themes.brand_stylesheet(tenant).name[6:18], FOR_A_WHILE)


@route("/robots.txt", http_method=READ)
async def robots(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Titles may be found; what plays, what is read, what is searched and what is somebody's own leads nowhere."""
    return file(request, ROBOTS, "text/plain", "robots-2", FOR_A_WHILE)


async def _logo(
    request: Request[Any, Any, Any],
    tenant: ResolvedTenant,
    blobs: Blobs,
    blob_id: str,
) -> Response[bytes]:
    try:
        blob = await blobs.open(tenant.scope, blob_id)
        if blob.meta.content_type in LOGOS:
            return file(request, await blob.read(), blob.meta.content_type, blob_id, FOR_GOOD, SANDBOXED)
    except NoSuchBlob:
        pass
    raise missing("There is no such file.")
