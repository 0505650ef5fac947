"""Signing in and the account, from the first click to the last; and going on where another device stopped."""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import Browser, Page, Route, expect

from sandbox.oidc.provider import Person
from tests.journeys.browser.conftest import Served
from tests.support.browser import DESK, PHONE, Visitor, visiting
from tests.support.platform import open_site
from tests.support.signing import BOT_TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
VIDEO = "document.querySelector('video')"
PLACE = "fetch('/api/v1/progress/film_tide').then(a => a.json()).then(a => a.progress?.position_seconds ?? 0)"


@pytest.fixture(scope="module")
async def club(served: Served) -> Served:
    """Sites that sign in by OpenID, by the widget, and with recovery codes alone."""
    stores = served.process.services.stores
    oidc = {"login__client_id": "7654321", "login__client_secret": "secret-of-members"}
    await open_site(stores, "members", "members.localhost", theme="nocturne", brand__name="Members' Cinema", **oidc)
    widget = {"login__bot_token": BOT_TOKEN, "login__bot_username": "north_login_bot"}
    await open_site(stores, "widget", "widget.localhost", theme="hanabi", brand__name="Widget Films", **widget)
    return served


async def signed_in(visitor: Visitor, person: Person) -> Page:
    """The account's page of a person who went there, was asked who they are, and came back."""
    page = visitor.page
    assert await visitor.open("/account") == 200
    here = len(visitor.requests)
    if "/sign-in" not in page.url:  # a guest has an account's page too
        await page.get_by_role("main").get_by_role("link", name="Sign in").click()
    assert all(url.startswith(visitor.origin) for url in visitor.requests), "nobody else is asked before a click"
    await page.get_by_role("button", name="Continue with Telegram").click()
    await page.get_by_role("link", name=f"Continue as {person.name}").click()
    await page.wait_for_url(f"{visitor.origin}/account")
    assert len(visitor.requests) > here
    visitor.forgive("request to another host")
    await expect(page.get_by_role("heading", level=1)).to_have_text(person.name)
    return page


async def test_the_account_from_signing_in_to_leaving_for_good(club: Served, browser: Browser) -> None:
    eva = Person(700_000_011, "Eva Lindgren", "eva_l")
    club.login.people.append(eva)
    origin = club.origin("members")
    async with (
        visiting(browser, origin, viewport=PHONE) as ada,
        visiting(browser, origin, viewport=DESK, color_scheme="dark") as elsewhere,
    ):
        page = await signed_in(ada, eva)
        await page.get_by_placeholder("Reader on the tablet").fill("Reader")
        await page.get_by_role("button", name="Make a token").click()
        token = await page.locator(".code").inner_text()
        assert token.startswith("mqv_")
        assert await ada.barriers() + await ada.too_wide() == []
        assert await answer_to(elsewhere, token) == eva.name
        await page.get_by_role("button", name="Revoke Reader").click()
        await expect(page.get_by_role("main").get_by_role("status")).to_be_visible()
        assert await answer_to(elsewhere, token) == "nobody"

        other = await signed_in(elsewhere, eva)
        await expect(other.locator("#devices ~ ul li")).to_have_count(2)
        await expect(other.get_by_text("This browser", exact=True)).to_have_count(1)
        assert await elsewhere.barriers() + await elsewhere.too_wide() == []
        await other.get_by_role("button", name="Sign out everywhere else").click()
        await expect(other.get_by_role("main").get_by_role("status")).to_have_text("Every other device is signed out.")
        await expect(other.locator("#devices ~ ul li")).to_have_count(1)
        assert await ada.open("/account") == 200
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

        await other.get_by_role("link", name="My invitation link").click()
        await other.get_by_role("button", name="Make my link").click()
        await expect(other.get_by_role("link", name=f"{origin}/invite/")).to_be_visible()
        await other.get_by_role("main").get_by_role("link", name="Your account").click()
        await other.get_by_role("link", name="Delete my account").click()
        assert await elsewhere.barriers() + await elsewhere.too_wide() == []
        await other.get_by_role("button", name="Delete it for good").click()
        await expect(other.get_by_role("heading", level=1)).to_have_text("Your account is gone")
        assert [each for each in await elsewhere.context.cookies() if each.get("name") == "__Host-session"] == []
        assert await elsewhere.open("/account") == 200
        await expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


async def answer_to(visitor: Visitor, token: str) -> str:
    """Whose token the API takes it for."""
    if not visitor.page.url.startswith(visitor.origin):
        assert await visitor.open("/legal") == 200
    ask = """async (token) => {
        const answer = await fetch("/api/v1/me", {credentials: "omit", headers: {authorization: `Bearer ${token}`}});
        return (await answer.json()).viewer?.name ?? "nobody";
    }"""
    return str(await visitor.page.evaluate(ask, token))


async def test_what_a_guest_watched_goes_on_where_it_was_left_once_signed_in_elsewhere(
    club: Served, browser: Browser
) -> None:
    ben = Person(700_000_012, "Ben Okoro-Voss")
    club.login.people.append(ben)
    async with visiting(browser, club.origin("members"), viewport=DESK) as tv:
        assert await tv.open("/watch/film_tide") == 200
        await tv.until(f"{VIDEO} && {VIDEO}.readyState >= 2")
        await tv.page.keyboard.press("5")
        await tv.until(f"{VIDEO}.readyState >= 2 && {VIDEO}.currentTime > 14")
        await tv.page.evaluate(f"{VIDEO}.pause()")
        left = float(await tv.page.evaluate(f"{VIDEO}.currentTime"))
        await known(tv, left)
        await signed_in(tv, ben)
        await known(tv, left)
    async with visiting(browser, club.origin("members"), viewport=PHONE, has_touch=True) as phone:
        page = await signed_in(phone, ben)
        assert await phone.open("/") == 200
        await page.locator("a.going").filter(has_text="Tide").click()
        await phone.until(f"{VIDEO}?.readyState >= 2 && Math.abs({VIDEO}.currentTime - {left}) < 4")
        await expect(page.locator("[data-resumed]")).to_contain_text("Continuing at 0:1")


async def known(visitor: Visitor, left: float) -> None:
    """Waits until the site knows where the film was left."""
    deadline = time.monotonic() + 15
    while abs(float(await visitor.page.evaluate(PLACE)) - left) > 2:
        assert time.monotonic() < deadline, "the site does not know the place"
        await asyncio.sleep(0.1)


async def test_the_widget_s_script_loads_after_a_click_alone(club: Served, browser: Browser) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    async with visiting(browser, club.origin("widget"), viewport=PHONE) as ada:
        page = ada.page
        await ada.context.route("https://telegram.org/**", refuse)
        assert await ada.faults("/sign-in") == []
        assert all(url.startswith(ada.origin) for url in ada.requests)
        await page.get_by_role("button", name="Show Telegram").click()
        await expect(page.get_by_role("alert")).to_contain_text("telegram.org could not be reached.")
        asked = [url for url in ada.requests if not url.startswith(ada.origin)]
        assert asked == ["https://telegram.org/js/telegram-widget.js?22"]
        ada.forgive("telegram.org")
        assert await ada.open("/") == 200
        assert await ada.open("/sign-in#tgWebAppData=junk") == 200
        await expect(page.get_by_role("alert")).to_be_visible()
        assert "tgWebAppData" not in page.url
        ada.forgive("403")


async def test_a_recovery_code_brings_a_guest_back_without_scripts(club: Served, browser: Browser) -> None:
    plain = {"java_script_enabled": False}
    async with visiting(browser, club.origin("quiet"), viewport=PHONE, **plain) as guest:
        assert await guest.open("/title/film_kite") == 200
        await guest.page.get_by_role("button", name="My list").click()
        assert await guest.open("/account") == 200
        await guest.page.get_by_role("button", name="Show a recovery code").click()
        code = await guest.page.locator(".code").inner_text()
    async with visiting(browser, club.origin("quiet"), viewport=DESK, **plain) as back:
        page = back.page
        assert await back.open("/sign-in?return_to=/watchlist") == 200
        field = page.get_by_label("Recovery code", exact=True)
        await field.fill("7K2QD-M0XWB-94TZR-HJ6VN")
        await page.get_by_role("button", name="Come back").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        back.forgive("403")
        await field.fill(code.lower())
        await page.get_by_role("button", name="Come back").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("My list")
        await expect(page.locator("main [data-grid]")).to_contain_text("A Kite over Kowloon")
