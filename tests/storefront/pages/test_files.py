"""Pictures, built assets, the brand's files: what they say to caches, and what they refuse."""

import json
from datetime import datetime
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

from content.repository import TitleRepository
from storage.blobs import Blobs
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storefront.pages.covers import PALETTES, SCENES, draw_cover
from tenancy.model import Hold
from tenancy.themes.renderer import Themes
from tests.storefront.pages.conftest import HOST, Import, Tenants
from tests.storefront.pages.titles import film

PNG = b"\x89PNG\r\n\x1a\n picture"


@pytest.mark.parametrize("source", ["base.css", "nocturne.css", "site.js", "inter-latin-wght-normal.woff2"])
async def test_a_built_file_may_be_kept_for_good(client: httpx.AsyncClient, themes: Themes, source: str) -> None:
    answer = await client.get(themes.asset(source))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await client.get(themes.asset(source), headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "site.js",
        "..%2ftheme.toml",
        "%2e%2e%2ftheme.toml",
        "..%5c..%5cx",
        "%00",
        "brand-.css.map",
        "logo-",
        "x" * 5000,
    ],
)
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/assets/{name}")).status_code == 404


async def test_the_brands_stylesheet_is_the_tenants_own(client: httpx.AsyncClient) -> None:
    html = (await client.get("/")).text
    name = next(part for part in html.split('"') if part.startswith("/assets/brand-"))
    own = await client.get(name)
    assert own.headers["content-type"].startswith("text/css")
    assert "--accent:#cc0000" in own.text
    assert "immutable" in own.headers["cache-control"]
    other = await client.get(name, headers={"host": "other.example"})
    assert "--accent:#cc0000" not in other.text
    assert other.headers["cache-control"] == "no-cache"


async def test_a_logo_is_served_to_its_own_site_and_can_do_nothing(
    client: httpx.AsyncClient, database: Database, tenants: Tenants, scope_a: TenantScope
) -> None:
    blob = await Blobs(database).put(scope_a, "logo", b"<svg/>", "image/svg+xml")
    brand = msgspec.structs.replace(tenants.of[HOST].brand, logo_blob=blob)
    for host, tenant in tenants.of.items():
        tenants.of[host] = msgspec.structs.replace(tenant, brand=brand)
    answer = await client.get(f"/assets/logo-{blob}")
    assert (answer.status_code, answer.content) == (200, b"<svg/>")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert (await client.get(f"/assets/logo-{blob}", headers={"host": "other.example"})).status_code == 404


async def test_a_film_without_a_picture_has_one_drawn(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1))
    answer = await client.get("/art/film0001/poster?v=d1")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in (await client.get("/art/film0001/poster")).headers["cache-control"]
    again = await client.get("/art/film0001/poster", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    for path in ("/art/film0001/icon", "/art/gone/poster", "/art/film0001/..%2fposter"):
        assert (await client.get(path)).status_code == 404


async def test_a_films_own_picture_wins_over_a_drawn_one(
    client: httpx.AsyncClient, database: Database, importing: Import, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(scope_a, film(1), film(2), film(3))
    blobs, titles = Blobs(database), TitleRepository(database, scope_a)
    await titles.set_visuals("tmdb_1", poster=await blobs.put(scope_a, "p", PNG, "image/png"), backdrop=None)
    await titles.set_visuals("tmdb_2", poster=await blobs.put(platform, "p", PNG, "image/png"), backdrop=None)
    await titles.set_visuals("tmdb_3", poster=await blobs.put(scope_a, "p", b"<svg/>", "image/svg+xml"), backdrop=None)
    own = await client.get("/art/film0001/poster")
    assert (own.content, own.headers["content-type"]) == (PNG, "image/png")
    for slug in ("film0002", "film0003"):
        drawn = await client.get(f"/art/{slug}/poster")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert drawn.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900"')


def test_a_cover_is_the_same_every_time_and_well_formed() -> None:
    assert draw_cover("a", "poster") == draw_cover("a", "poster")
    drawn = [draw_cover(f"title {number}", kind) for number in range(60) for kind in ("poster", "backdrop")]
    assert len({cover.svg for cover in drawn}) == len(drawn)
    assert len({cover.tone for cover in drawn}) == len(PALETTES)
    for cover in drawn:
        ElementTree.fromstring(cover.svg)
        assert len(cover.svg) < 40_000
        assert "script" not in cover.svg


def test_a_genre_chooses_what_is_drawn() -> None:
    stars = draw_cover("any", "poster", ["Science Fiction"]).svg
    assert stars != draw_cover("any", "poster", ["Romance"]).svg
    assert draw_cover("any", "poster", ["Unheard of"]) == draw_cover("any", "poster")
    assert len(SCENES) == 8


async def test_the_sites_small_files_carry_its_brand(client: httpx.AsyncClient) -> None:
    icon = await client.get("/favicon.svg")
    assert ">N</text>" in icon.text
    assert "#cc0000" in icon.text
    ElementTree.fromstring(icon.text)
    assert (await client.get("/favicon.ico")).content == icon.content
    described = json.loads((await client.get("/manifest.webmanifest")).content)
    assert described["name"] == "Nachtkino"
    robots = (await client.get("/robots.txt")).text
    assert all(f"Disallow: {path}\n" in robots for path in ("/api/", "/read/", "/pages/", "/opds", "/account"))


async def test_a_suspended_site_shows_its_notice_with_its_own_look(
    client: httpx.AsyncClient, tenants: Tenants, themes: Themes
) -> None:
    since = datetime(2026, 1, 1)  # noqa: DTZ001 - stored datetimes are naive UTC
    hold = Hold(kind="operator", reason="Back on Monday.", since=since, by="ann")
    tenants.of[HOST] = msgspec.structs.replace(tenants.of[HOST], holds=(hold,))
    answer = await client.get("/browse")
    assert answer.status_code == 503
    assert "Back on Monday." in answer.text
    assert "Nachtkino" in answer.text
    assert (await client.get(themes.asset("nocturne.css"))).status_code == 200
