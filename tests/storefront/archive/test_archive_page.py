"""The archive page as a browser without scripts sees it, and its button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.importing.target import Target
from content.known import LinkState
from content.media.repository import MediaRepository
from content.repository import TitleRepository
from tenancy.desk import change_tenant
from tenancy.resolver import platform_scope
from tests.content.media.files import media, named, series
from tests.content.samples import film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.storefront.people import person
from tests.support.platform import ACTOR, take_in

pytestmark = pytest.mark.anyio
PACK = {"season": 1, "zip_file_id": named(9), "size": "25 GB"}
ELSEWHERE = {
    "downloads": [
        {"host": "Gone <Home>", "url": "https://dead.example/d", "status": "dead"},
        {"host": "Archive", "url": "https://live.example/d?a=1&b=2", "status": "active", "icon": "icon_archive.png"},
        {"host": "Script", "url": "javascript:alert(1)", "status": "active"},
    ],
    "backup_url": "https://backup.example/u",
}


async def stocked(two_sites: TwoSites, folder: Path, *more: dict[str, Any], downloads: str = "everyone") -> None:
    stores = two_sites.platform.stores
    repository = MediaRepository(stores.database, platform_scope())
    await repository.keep(media(1))
    await repository.keep(media(9, mime="application/zip", file_name="pack.zip", size_bytes=5_000))
    lines = [series([1, None], season_packs=[PACK]), film(1, files=[{**resolved_file(5), **ELSEWHERE}]), *more]
    await take_in(stores, Target.shared(platform_scope()), "library", lines, folder)
    await change_tenant(stores.desk, "north", {"access.downloads": downloads}, actor=ACTOR)


async def slug_of(two_sites: TwoSites, title: str) -> str:
    async with two_sites.platform.client("north.example") as client:
        slug: str = (await client.get(f"/api/v1/titles/{title}")).json()["slug"]
    return slug


async def test_mirrors_stand_by_what_is_known_of_them_and_open_elsewhere(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    async with person(two_sites.platform, "north.example") as someone:
        html = await someone.page(f"/title/{await slug_of(two_sites, 'film_001')}/downloads")
    assert html.index("live.example") < html.index("dead.example") < html.index("backup.example")
    assert html.count('target="_blank" rel="noopener noreferrer nofollow ugc"') == 3
    assert "javascript:" not in html
    assert "Gone &lt;Home&gt;" in html
    assert [html.count(said) for said in (">Works<", ">Dead<", ">Not checked yet<")] == [1, 1, 1]


async def test_the_button_leads_to_the_file(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    slug = await slug_of(two_sites, "series_1")
    async with person(two_sites.platform, "north.example") as someone:
        assert f'action="/title/{slug}/downloads/pack-1" method="post"' in await someone.page(
            f"/title/{slug}/downloads"
        )
        answer = await someone.submit(f"/title/{slug}/downloads/pack-1")
        assert answer.status_code == 303
        head = await someone("HEAD", answer.headers["location"])
    assert head.headers["content-disposition"].startswith('attachment; filename="A Series S01.zip"')


@pytest.mark.parametrize(
    ("rule", "said"), [("premium", "Downloads are for premium members."), ("nobody", "This site gives no downloads.")]
)
async def test_those_who_may_not_are_told_and_get_no_button(
    two_sites: TwoSites, tmp_path: Path, rule: str, said: str
) -> None:
    await stocked(two_sites, tmp_path, downloads=rule)
    slug = await slug_of(two_sites, "series_1")
    async with person(two_sites.platform, "north.example") as someone:
        html = await someone.page(f"/title/{slug}/downloads")
        refused = await someone.submit(f"/title/{slug}/downloads/pack-1")
    assert said in html
    assert "<button" not in html.partition("<main")[2].partition("</main>")[0]
    assert refused.status_code == 403


async def test_an_id_leads_to_the_slug_and_titles_lead_to_the_page(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    slug = await slug_of(two_sites, "film_001")
    async with person(two_sites.platform, "north.example") as someone:
        moved = await someone("GET", "/title/film_001/downloads")
        assert (moved.status_code, moved.headers["location"]) == (308, f"/title/{slug}/downloads")
        assert f'href="/title/{slug}/downloads"' in await someone.page(f"/title/{slug}")


async def test_what_is_not_on_the_site_is_not_found(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    async with person(two_sites.platform, "north.example") as someone:
        slug = await slug_of(two_sites, "series_1")
        for path in ("/title/nothing/downloads", f"/title/{slug}/downloads/pack-1"):
            assert (await someone("GET", path)).status_code in (404, 405)
        for name in ("pack-7", "%3Cx%3E", "s1e9-0"):
            assert (await someone.submit(f"/title/{slug}/downloads/{name}")).status_code == 404
        assert (await someone.submit(f"/title/{slug}/downloads/s1e2-0")).status_code == 409


async def test_another_sites_button_does_nothing_here(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    slug = await slug_of(two_sites, "series_1")
    async with person(two_sites.platform, "north.example") as someone:
        answer = await someone("POST", f"/title/{slug}/downloads/pack-1", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_what_the_checker_found_goes_before_what_was_brought(two_sites: TwoSites, tmp_path: Path) -> None:
    embeds = [{"host": host, "url": f"https://{host}.example/e"} for host in ("gone", "here")]
    await stocked(two_sites, tmp_path, film(3, files=[{"quality": "1080p", **ELSEWHERE, "embeds": embeds}]))
    titles = TitleRepository(two_sites.platform.stores.database, platform_scope())
    title = await titles.by_id("film_003")
    assert title is not None
    states = [
        LinkState(url="https://live.example/d?a=1&b=2", status="dead"),
        LinkState(url="https://dead.example/d", status="active"),
        LinkState(url="https://gone.example/e", status="dead"),
    ]
    assert await titles.settle_links(title, states, due=5)
    async with person(two_sites.platform, "north.example") as someone:
        found = await someone.api("GET", "/titles/film_003/downloads")
        watch = await someone.page(f"/watch/{title.slug}")
    assert [(each["url"][8:12], each["status"]) for each in found["mirrors"]] == [
        ("dead", "active"),
        ("live", "dead"),
        ("back", "unknown"),
    ]
    assert [each["host"] for each in found["embeds"]] == ["here"]
    assert "https://here.example/e" in watch
    assert "https://gone.example/e" not in watch
