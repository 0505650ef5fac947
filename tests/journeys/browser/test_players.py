"""What the player does beyond playing: subtitles, intros, the next episode, going on elsewhere, other players."""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser.conftest import Served
from tests.journeys.browser.shows import SECONDS, open_club
from tests.support.browser import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
VIDEO = "document.querySelector('video')"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
async def club(served: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    return await open_club(served, tmp_path_factory.mktemp("club"))


async def playing(visitor: Visitor, path: str) -> None:
    assert await visitor.open(path) == 200
    await visitor.until(f"{VIDEO} && {VIDEO}.readyState >= 2")
    if await visitor.page.evaluate(f"{VIDEO}.paused"):
        await visitor.page.keyboard.press("k")
    await visitor.until(f"{VIDEO}.currentTime > 0.2")


async def position(visitor: Visitor) -> float:
    return float(await visitor.page.evaluate(f"{VIDEO}.currentTime"))


async def test_subtitles_come_out_of_the_film_and_stay_through_a_change_of_quality(club: str, browser: Browser) -> None:
    async with visiting(browser, club) as visitor:
        page = visitor.page
        await playing(visitor, "/watch/reef001")
        await page.locator(".player-bottom [data-opens=subtitles]").click()
        await page.get_by_role("menuitemradio", name="Deutsch").click()
        showing = f"[...{VIDEO}.textTracks].find(track => track.mode == 'showing' && track.activeCues?.length)"
        await visitor.until(f"Boolean({showing})", 60)
        assert await page.evaluate(f"[{showing}.language, {showing}.activeCues[0].text]") == [
            "de",
            "<i>The tide</i> is out &amp; about",
        ]
        before = await position(visitor)
        await page.locator(".player-bottom [data-opens=settings]").click()
        await page.get_by_role("menuitemradio", name="136p").click()
        await visitor.until(f"{VIDEO}.videoWidth == 240 && {VIDEO}.readyState >= 2 && {VIDEO}.currentTime >= {before}")
        await visitor.until(f"Boolean({showing})")
        await page.keyboard.press("c")
        await visitor.until(f"![...{VIDEO}.textTracks].some(track => track.mode == 'showing')")
        # Another visit remembers the choice that was made last.
        await page.keyboard.press("c")
        await playing(visitor, "/watch/reef001")
        await visitor.until(f"Boolean({showing})")


async def test_an_intro_is_skipped_where_the_crowd_says_and_a_viewer_can_say(club: str, browser: Browser) -> None:
    async with visiting(browser, club) as visitor:
        page = visitor.page
        await playing(visitor, "/watch/reef001?t=6")
        await page.get_by_role("button", name="Skip intro").click()
        await visitor.until(f"{VIDEO}.currentTime >= 20 && {VIDEO}.currentTime < 30")
        await expect(page.get_by_role("button", name="Skip intro")).to_be_hidden()
        await page.keyboard.press("k")
        await page.locator(".player-bottom [data-opens=settings]").click()
        await page.get_by_role("menuitem", name="Mark the intro…").click()
        tool = page.get_by_role("region", name="Mark the intro")
        await page.evaluate(f"{VIDEO}.currentTime = 6")
        await tool.get_by_role("button", name="Begins here").click()
        await page.evaluate(f"{VIDEO}.currentTime = 21")
        await tool.get_by_role("button", name="Ends here").click()
        await tool.get_by_role("button", name="Save").click()
        await expect(tool).to_be_hidden()
        said = await page.evaluate("fetch('/api/v1/titles/reef001/intro').then(answer => answer.json())")
        assert said == {"intro": {"start": 5, "end": 20}, "votes": 5, "mine": {"start": 6, "end": 21}}


async def test_the_next_episode_is_offered_near_the_end_and_can_wait(club: str, browser: Browser) -> None:
    async with visiting(browser, club, **PHONE) as visitor:
        page = visitor.page
        assert await visitor.open("/watch/lamp001") == 200
        assert page.url.endswith("/watch/lamp001/s1e1")
        await visitor.until(f"{VIDEO}.readyState >= 2")
        card = page.get_by_role("complementary", name="Next episode")
        await expect(card).to_be_hidden()
        await page.evaluate(f"{VIDEO}.pause(), {VIDEO}.currentTime = {SECONDS - 6}")
        await expect(card).to_contain_text("Donaudampf")
        await card.get_by_role("button", name="Not now").click()
        await expect(card).to_be_hidden()
        # Two seeks in one breath are one to the player, which would not have seen the beginning again.
        await page.evaluate(
            f"new Promise((seen) => {{ {VIDEO}.addEventListener('timeupdate', seen, {{once: true}});"
            f" {VIDEO}.currentTime = 3 }}).then(() => true)"
        )
        await page.evaluate(f"{VIDEO}.currentTime = {SECONDS - 3}")
        await expect(card).to_be_visible()
        await page.evaluate(f"{VIDEO}.play()")
        await page.wait_for_url("**/watch/lamp001/s1e2")
        await visitor.until(f"{VIDEO}.readyState >= 2")
        await page.keyboard.press("n")
        await page.wait_for_url("**/watch/lamp001/s1e3")
        await visitor.until(f"{VIDEO}.readyState >= 2")
        await page.keyboard.press("n")
        await expect(page.locator("[data-toast]")).to_have_text("This is the last one")


async def test_a_film_goes_on_where_it_was_left_on_another_device(club: str, browser: Browser) -> None:
    async with visiting(browser, club) as visitor:
        await playing(visitor, "/watch/reef001")
        await visitor.page.keyboard.press("6")
        await visitor.until(f"{VIDEO}.currentTime > {SECONDS * 0.6}")
        await visitor.page.keyboard.press("k")
        left = await position(visitor)
        ask = "fetch('/api/v1/progress/show_reef').then(a => a.json()).then(a => a.progress?.position_seconds ?? 0)"
        deadline = time.monotonic() + 15
        while abs(float(await visitor.page.evaluate(ask)) - left) > 2:
            assert time.monotonic() < deadline, "the site does not know the place"
            await asyncio.sleep(0.2)
        cookies = await visitor.context.cookies()
    async with visiting(browser, club, **PHONE) as elsewhere:
        await elsewhere.context.add_cookies([{**each, "url": None} for each in cookies])
        assert await elsewhere.open("/watch/reef001") == 200
        await elsewhere.until(f"{VIDEO}.readyState >= 2 && Math.abs({VIDEO}.currentTime - {left}) < 4")
        await expect(elsewhere.page.locator("[data-resumed]")).to_contain_text("Continuing at 0:2")
        await elsewhere.page.get_by_role("button", name="From the start").click()
        await elsewhere.until(f"{VIDEO}.currentTime < 4")


async def test_other_players_are_named_before_they_are_asked(club: str, browser: Browser) -> None:
    async with visiting(browser, club) as visitor:
        page = visitor.page
        await page.route("https://video.example/**", lambda route: route.fulfill(body="<title>theirs</title>"))
        assert await visitor.open("/watch/mask001") == 200
        await expect(page.get_by_text("loads video.example")).to_be_visible()
        links = page.locator("a[data-embed]")
        assert await links.all_inner_texts() == ["PeerTube · 1080p", "Late · 1080p"]
        assert await page.locator("iframe").count() == 0
        await links.first.click()
        frame = page.locator("iframe")
        assert await frame.get_attribute("src") == "https://video.example/embed/xyz"
        assert "allow-top-navigation" not in (await frame.get_attribute("sandbox") or "")
        policy = await page.evaluate("fetch(location).then(answer => answer.headers.get('content-security-policy'))")
        assert policy.endswith("frame-src https://video.example https://late.video.example")
        assert [url for url in visitor.requests if not url.startswith(club)] == ["https://video.example/embed/xyz"]
        visitor.forgive("video.example")


async def test_without_scripts_the_browsers_own_player_shows_the_film(club: str, browser: Browser) -> None:
    async with visiting(browser, club, java_script_enabled=False) as visitor:
        page = visitor.page
        assert await visitor.open("/watch/reef001") == 200
        await page.get_by_role("button", name="Play The Reef at Low Water").click()
        source = await page.locator("video[controls] source").first.get_attribute("src")
        assert source is not None
        status = await page.locator("video track").count()
        assert status == 2
        answer = await page.goto(f"{club}{source}", wait_until="commit")
        assert answer is not None
        assert answer.status in (200, 206)


@pytest.mark.parametrize("profile", [{}, PHONE], ids=["desk", "phone"])
async def test_the_player_has_no_barrier(club: str, browser: Browser, profile: dict[str, object]) -> None:
    async with visiting(browser, club, reduced_motion="reduce", **profile) as visitor:
        page = visitor.page
        await playing(visitor, "/watch/lamp001/s1e1")
        found = await visitor.barriers()
        await page.evaluate("document.querySelector('film-player').settings.toggle(true)")
        found += await visitor.barriers()
        await visitor.open("/watch/mask001")
        found += await visitor.barriers()
        assert found == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
