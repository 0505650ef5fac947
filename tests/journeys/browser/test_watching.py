"""Watching a film in a browser: it plays, seeks, changes its quality, and is booked to the site that sent it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tenancy.holds import resume, suspend
from tests.journeys.browser.conftest import SECONDS, Served
from tests.support.browser import Visitor, visiting
from tests.support.platform import ACTOR

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[3]
VIDEO = "document.querySelector('video')"


async def opened(visitor: Visitor) -> None:
    """The player with the film running, as a visitor gets there."""
    page = visitor.page
    await visitor.open("/title/film_tide")
    await page.get_by_role("link", name="Play").first.click()
    await visitor.until(f"{VIDEO} && {VIDEO}.readyState >= 2")
    if await page.evaluate(f"{VIDEO}.paused"):  # browsers may want a gesture before there is sound
        await page.keyboard.press("k")
    await visitor.until(f"{VIDEO}.currentTime > 0.3")


async def position(visitor: Visitor) -> float:
    now = await visitor.page.evaluate(f"{VIDEO}.currentTime")
    assert isinstance(now, int | float)
    return float(now)


async def booked(served: Served, site: str) -> int:
    """What `marquee usage` says of the site."""
    environ = {**os.environ, **served.variables, "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)])}
    command = [sys.executable, "-m", "runtime", "usage", site, "--json"]
    process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    return int(json.loads(output)["bytes"])


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come to be"
        await asyncio.sleep(0.1)


async def test_a_film_plays_and_seeks_and_its_bytes_are_booked_to_its_site(
    served: Served, browser: Browser, films: dict[str, Path]
) -> None:
    before = await served.bytes_of("aurora")
    async with visiting(browser, served.origin("quiet")) as looking:
        assert await looking.open("/browse") == 200
    async with visiting(browser, served.origin("aurora")) as visitor:
        page = visitor.page
        await opened(visitor)
        assert await page.evaluate(f"Math.round({VIDEO}.duration)") == SECONDS
        asked = len([url for url in visitor.requests if "/stream/" in url])
        await page.keyboard.press("8")
        await visitor.until(f"{VIDEO}.currentTime > {SECONDS * 0.8 + 0.5} && {VIDEO}.readyState >= 2")
        assert len([url for url in visitor.requests if "/stream/" in url]) > asked, "the seek asked for its own bytes"
        await page.keyboard.press("1")
        await visitor.until(f"{VIDEO}.currentTime > {SECONDS * 0.1 + 0.5} && {VIDEO}.currentTime < {SECONDS / 2}")
        assert await page.evaluate(f"{VIDEO}.videoWidth") == 480

    async def has_come() -> bool:
        return await served.bytes_of("aurora") > before + 100_000

    await until(has_come)
    assert before + 100_000 < await booked(served, "aurora") < before + 20 * films["270p"].stat().st_size
    assert await booked(served, "quiet") == 0


async def test_another_quality_goes_on_where_the_film_was(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora")) as visitor:
        page = visitor.page
        await opened(visitor)
        await page.keyboard.press("5")
        await visitor.until(f"{VIDEO}.currentTime > {SECONDS / 2 + 0.3} && {VIDEO}.readyState >= 2")
        before, source = await position(visitor), await page.evaluate(f"{VIDEO}.src")
        await page.locator(".player-bottom [data-opens=settings]").click()
        await page.get_by_role("menuitemradio", name="136p").click()
        await visitor.until(f"{VIDEO}.videoWidth == 240 && {VIDEO}.readyState >= 2")
        assert await page.evaluate(f"{VIDEO}.src") != source
        await visitor.until(f"{VIDEO}.currentTime >= {before}")
        assert await position(visitor) < before + 10
        await expect(page.locator(".player-bottom [data-current-quality]")).to_have_text("136p")


async def test_the_keyboard_does_what_the_help_says(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora")) as visitor:
        page = visitor.page
        await opened(visitor)
        await page.keyboard.press("k")
        assert await page.evaluate(f"{VIDEO}.paused")
        paused_at = await position(visitor)
        await page.keyboard.press("ArrowRight")
        await visitor.until(f"Math.abs({VIDEO}.currentTime - {paused_at + 5}) < 0.2")
        await page.keyboard.press("ArrowLeft")
        await visitor.until(f"Math.abs({VIDEO}.currentTime - {paused_at}) < 0.2")
        await page.keyboard.press("l")
        await visitor.until(f"Math.abs({VIDEO}.currentTime - {paused_at + 10}) < 0.2")
        await page.keyboard.press("j")
        await visitor.until(f"Math.abs({VIDEO}.currentTime - {paused_at}) < 0.2")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowUp")
        assert await page.evaluate(f"{VIDEO}.volume") == 0.9
        await page.keyboard.press("m")
        assert await page.evaluate(f"{VIDEO}.muted")
        await page.keyboard.press(">")
        assert await page.evaluate(f"{VIDEO}.playbackRate") == 1.25
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
        await page.keyboard.press(" ")
        await visitor.until(f"!{VIDEO}.paused")


async def test_a_suspended_site_stops_the_film_and_the_player_says_so(served: Served, browser: Browser) -> None:
    desk = served.process.services.stores.desk
    async with visiting(browser, served.origin("aurora")) as visitor:
        await opened(visitor)
        await suspend(desk, "aurora", "operator", "A break.", actor=ACTOR)
        try:
            await visitor.page.keyboard.press("9")
            await expect(visitor.page.get_by_role("alertdialog")).to_contain_text("A break.")
        finally:
            await resume(desk, "aurora", "operator", actor=ACTOR)
        await visitor.page.get_by_role("button", name="Continue at 0:27").click()
        await visitor.until(f"{VIDEO}.readyState >= 2 && {VIDEO}.currentTime > {SECONDS * 0.9}")
        visitor.forgive("503", "ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_CONTENT_LENGTH")
