"""Premium without a script: every step is a link or a form, and each page says what is true."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.memberships.ending import refund_purchase
from content.importing.target import Target
from runtime.memberships import membership_desk
from tests.content.samples import film
from tests.storefront.membership.conftest import Market
from tests.storefront.people import Person, person
from tests.support.platform import ACTOR, take_in

THEMES = ("base", "nocturne", "hanabi", "folio", "plain")


async def begin(viewer: Person, **fields: str) -> str:
    """Presses a button of the page; where it leads."""
    answer = await viewer.submit("/premium/buy", **{"plan": "monthly", **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def bought(market: Market, viewer: Person, **fields: str) -> str:
    """Buys; the purchase's path."""
    path = (await begin(viewer, **fields)).partition("?")[0]
    await viewer.page(path)
    market.pay()
    return path


@pytest.mark.parametrize("theme", THEMES)
async def test_every_theme_shows_the_prices_as_the_site_writes_them(market: Market, theme: str) -> None:
    await market.set("north", theme=theme, brand__locale="es")
    async with person(market.platform, "north.example") as nobody:
        page = await nobody.page("/premium")
        assert "4,99 €" in page.replace("\N{NO-BREAK SPACE}", " ")
        assert "49,90 €" in page.replace("\N{NO-BREAK SPACE}", " ")
        assert "16 % less" in page
        assert "Prices include 21 % IVA." in page
        assert "Sign in" in page
        assert 'href="/premium"' in await nobody.page("/")
        for path in ("/premium?gift=1", "/premium/redeem"):
            await nobody.page(path)
        assert nobody.cookies == {}


async def test_buying_leads_to_the_gateway_and_back_to_the_truth(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        assert (await viewer.submit("/premium/buy", plan="monthly")).headers["location"].startswith("/sign-in")
        await market.guest(viewer)
        refused = await viewer.submit("/premium/buy", plan="monthly")
        assert (refused.status_code, "recovery code" in refused.text) == (409, True)
        await market.known(viewer)
        path = await begin(viewer)
        onward = await viewer.page(path)
        assert re.search(r'http-equiv="refresh" content="0; url=http://127[^"]+/c/pay/cs_test', onward)
        returned = path.partition("?")[0]
        assert "Nothing was paid yet" in await viewer.page(returned)
        market.pay()
        paid = await viewer.page(returned)
        assert "You are premium" in paid
        assert 'http-equiv="refresh"' not in paid
        account = await viewer.page("/account")
        assert "You are premium until 15 February 2027." in account
        assert "€4.99 will be charged on 14 February 2027" in account
        assert "See to it" in await viewer.page("/premium")


async def test_two_clicks_cancel_it_and_one_lets_it_go_on(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        await bought(market, viewer)
        await viewer.page(await begin_path(viewer))
        assert 'href="/premium/cancel"' in await viewer.page("/account")
        assert "Cancel premium?" in await viewer.page("/premium/cancel")
        done = await viewer.submit("/premium/cancel", sure="yes")
        assert (done.status_code, done.headers["location"]) == (303, "/account?done=cancelled#premium")
        account = await viewer.page("/account?done=cancelled")
        assert "Nothing is charged any more." in account
        assert "You are premium until 15 February 2027." in account
        assert (await viewer.submit("/premium/resume", sure="yes")).headers["location"].startswith("/account?done=res")
        assert "will be charged on" in await viewer.page("/account")


async def begin_path(viewer: Person) -> str:
    """The purchase that the API lists last."""
    found = (await viewer.api("GET", "/membership/purchases"))["purchases"]
    return f"/premium/purchases/{found[0]['id']}"


async def test_a_gift_shows_its_code_to_who_paid_and_is_redeemed_by_another(market: Market) -> None:
    async with person(market.platform, "north.example") as ann, person(market.platform, "north.example") as bob:
        await market.known(ann)
        await market.known(bob)
        path = await bought(market, ann, plan="yearly", gift="yes")
        page = await ann.page(path)
        found = re.search(r"data-copy>([0-9A-Z-]{23})<", page)
        assert found is not None
        assert "not redeemed yet" in await ann.page("/account")
        assert (await bob("GET", path, headers={"accept": "text/html"})).status_code == 404
        wrong = await bob.submit("/premium/redeem", code="AAAAA-AAAAA-AAAAA-AAAAA")
        assert (wrong.status_code, "opens no gift" in wrong.text) == (403, True)
        assert found[1] in await bob.page(f"/premium/redeem?code={found[1]}")
        done = await bob.submit("/premium/redeem", code=found[1].lower())
        shown = await bob.page(done.headers["location"])
        assert "You are premium" in shown
        assert found[1] not in shown
        assert "Your gift was redeemed" in await ann.page(path)
        assert "You are premium until" in await bob.page("/account")
        assert "You are premium" not in await ann.page("/account")


async def test_a_gift_goes_along_to_where_one_signs_in(market: Market) -> None:
    async with person(market.platform, "north.example") as bob:
        page = await bob.page("/premium/redeem?code=7K2QD-M0XWB+%22%26")
        link = re.search(r'href="(/sign-in\?return_to=[^"]+)"', page)
        assert link is not None
        answer = await bob.submit("/premium/redeem", code='7K2QD-M0XWB "&')
        assert answer.headers["location"] == "/sign-in?return_to=/premium/redeem%3Fcode%3D7K2QD-M0XWB%2B%2522%2526"
        for asked in (link[1], answer.headers["location"]):
            back = parse_qs(urlsplit(asked).query)["return_to"][0]
            assert parse_qs(urlsplit(back).query) == {"code": ['7K2QD-M0XWB "&']}
            assert "7K2QD-M0XWB" in await bob.page(asked)


async def test_what_was_given_back_says_so(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        path = await bought(market, viewer)
        await viewer.page(path)
        desk = membership_desk(market.platform.stores, market.platform.services.cashier)
        await refund_purchase(desk, market.north.scope, path.rpartition("/")[2], actor=ACTOR)
        assert "This was given back" in await viewer.page(path)
        account = await viewer.page("/account")
        assert "What you paid was given back." in account
        assert "€4.99 given back" in account


async def test_a_stream_for_premium_members_leads_to_what_it_costs(market: Market, tmp_path: Path) -> None:
    await market.set("north", access__streams="premium")
    await take_in(market.platform.stores, Target.tenant(market.north.scope), "library", [film(1)], tmp_path)
    async with person(market.platform, "north.example") as viewer:
        titles = (await viewer.api("GET", "/titles"))["titles"]
        page = await viewer.page(f"/watch/{titles[0]['slug']}")
        assert 'href="/premium"' in page[page.index("embeds-offer") :]
        assert "every quality there is" in await viewer.page("/premium")


async def test_without_a_gateway_that_answers_nothing_is_promised(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        market.sandbox.faults.always("unavailable", path="/v1/checkout/sessions")
        answer = await viewer.submit("/premium/buy", plan="monthly")
        assert (answer.status_code, "gives no answer" in answer.text) == (409, True)
        market.sandbox.faults.clear()
        market.clock.advance(90_000)
        assert (await begin(viewer)).startswith("/premium/purchases/")


async def test_forms_of_another_site_do_nothing(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        for path in ("buy", "renewal", "redeem", "cancel", "resume"):
            answer = await viewer(
                "POST",
                f"/premium/{path}",
                data={"sure": "yes", "plan": "monthly", "code": "x"},
                headers={"sec-fetch-site": "cross-site"},
            )
            assert answer.status_code == 403
    assert market.sandbox.objects("checkout.session") == []
