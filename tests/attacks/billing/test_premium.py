"""What viewers try at premium: to have it twice for once, another's, for nothing, or by another's hand."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from contextlib import AsyncExitStack
from urllib.parse import quote

import pytest

from billing.memberships.ending import refund_purchase
from runtime.memberships import membership_desk
from tenancy.holds import suspend
from tests.attacks.billing.odd import ODD_TEXTS
from tests.storefront.membership.conftest import Market
from tests.storefront.people import FORM, Person, person
from tests.support.platform import ACTOR

FORMS = ("buy", "renewal", "redeem", "cancel", "resume")
BUY = {"plan": "monthly"}
REFUSED = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})
FOREIGN = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://south.example", "sec-fetch-site": "same-site"},
    {"origin": "http://north.example", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
)


async def gift_of(market: Market, viewer: Person) -> tuple[str, str]:
    """A gift that was paid: its id and its code."""
    begun = await viewer.api("POST", "/membership/purchases", {**BUY, "gift": True})
    market.pay()
    paid = await viewer.api("GET", f"/membership/purchases/{begun['id']}")
    return paid["id"], paid["code"]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_presses_no_button(market: Market, headers: dict[str, str]) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        for path in FORMS:
            fields = {"plan": "monthly", "sure": "yes", "code": "A" * 20}
            assert (await viewer("POST", f"/premium/{path}", data=fields, headers=headers)).status_code == 403
        for path in ("purchases", "cancel", "resume", "renewal", "gifts"):
            answer = await viewer("POST", f"/api/v1/membership/{path}", json=BUY, headers=headers)
            assert answer.status_code == 403
    assert market.sandbox.objects("checkout.session") == []


async def test_nothing_is_bought_or_cancelled_by_reading(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        begun = await viewer.api("POST", "/membership/purchases", BUY)
        market.pay()
        await viewer.api("GET", f"/membership/purchases/{begun['id']}")
        for path in ("/premium/cancel?sure=yes", "/premium/cancel?_method=POST", "/premium/buy?plan=yearly"):
            await viewer("GET", path, headers={"x-http-method-override": "POST"})
            await viewer("HEAD", path)
        for path in ("cancel", "resume", "renewal"):
            assert (await viewer("GET", f"/api/v1/membership/{path}")).status_code in {404, 405}
        unsure = await viewer.submit("/premium/cancel", _method="DELETE")
        assert unsure.status_code == 400
        assert (await viewer.api("GET", "/membership"))["membership"]["state"] == "active"
    assert len(market.sandbox.objects("checkout.session")) == 1


async def test_twenty_presses_at_once_buy_once(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        pressed = await asyncio.gather(*(viewer.submit("/premium/buy", plan="monthly") for _ in range(20)))
        told = Tally(each.status_code for each in pressed)
        assert set(told) <= {303, 409}, [each.text for each in pressed if each.status_code not in {303, 409}][:1]
        assert len({each.headers["location"] for each in pressed if each.status_code == 303}) == 1
        open_pages = [each for each in market.sandbox.objects("checkout.session") if each["status"] == "open"]
        assert len(open_pages) == 1
        market.pay()
        looked = await asyncio.gather(*(viewer("GET", pressed[0].headers["location"]) for _ in range(20)))
        assert {each.status_code for each in looked} == {200}, [each.text for each in looked if each.status_code != 200]
        membership = (await viewer.api("GET", "/membership"))["membership"]
        stopped = await asyncio.gather(
            *(viewer.submit(f"/premium/{each}", sure="yes") for each in ("cancel", "resume") * 10)
        )
        assert {each.status_code for each in stopped} == {303}
        now = (await viewer.api("GET", "/membership"))["membership"]
        assert now["state"] in {"active", "ending"}
        assert (now["paid_until"], now["renews"]) == (membership["paid_until"], now["state"] == "active")
        assert sum(each["amount"] for each in market.sandbox.charges) == 499


async def test_a_gift_is_one_persons_however_many_redeem_it_at_once(market: Market) -> None:
    async with AsyncExitStack() as stack:
        giver, *others = [
            await stack.enter_async_context(person(market.platform, "north.example", address=f"10.0.0.{n}"))
            for n in range(11)
        ]
        for each in (giver, *others):
            await market.known(each)
        _, code = await gift_of(market, giver)
        answers = await asyncio.gather(*(each.submit("/premium/redeem", code=code) for each in others * 2))
        assert {each.status_code for each in answers} <= {303, 403}
        has = [(await each.api("GET", "/me"))["viewer"]["role"] for each in others]
        assert Tally(has) == {"premium": 1, "free": 9}


async def test_what_was_given_back_opens_nothing(market: Market) -> None:
    async with person(market.platform, "north.example") as ann, person(market.platform, "north.example") as bob:
        await market.known(ann)
        await market.known(bob)
        desk = membership_desk(market.platform.stores, market.platform.services.cashier)
        gift, code = await gift_of(market, ann)
        await refund_purchase(desk, market.north.scope, gift, actor=ACTOR)
        assert (await bob.submit("/premium/redeem", code=code)).status_code == 403
        again, code = await gift_of(market, ann)
        assert (await bob.submit("/premium/redeem", code=code)).status_code == 303
        assert (await bob.api("GET", "/me"))["viewer"]["role"] == "premium"
        await refund_purchase(desk, market.north.scope, again, actor=ACTOR)
        await bob.submit("/premium/redeem", code=code)
        assert (await bob.api("GET", "/me"))["viewer"]["role"] == "free"


async def test_another_persons_purchase_is_nothing(market: Market) -> None:
    async with (
        person(market.platform, "north.example") as ann,
        person(market.platform, "north.example") as bob,
        person(market.platform, "south.example") as carl,
    ):
        for each in (ann, bob, carl):
            await market.known(each)
        begun = await ann.api("POST", "/membership/purchases", BUY)
        carl.cookies |= {name: value for name, value in ann.cookies.items() if name not in carl.cookies}
        for other in (bob, carl):
            for path in (f"/premium/purchases/{begun['id']}", f"/premium/purchases/{begun['id']}?onward=1"):
                answer = await other("GET", path, headers={"accept": "text/html"})
                assert answer.status_code == 404
                assert begun["url"] not in answer.text
        stolen = await carl("GET", f"/api/v1/membership/purchases/{begun['id']}", headers={"host": "north.example"})
        assert stolen.status_code in {401, 404}


async def test_odd_words_are_no_purchase_and_no_code(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        for text in ODD_TEXTS:
            # Each is refused for what it says, and not for how many came before it.
            market.clock.advance(3_600)
            for path, field in (("buy", "plan"), ("buy", "gateway"), ("redeem", "code"), ("cancel", "sure")):
                fields = {"plan": "monthly", field: text}
                answer = await viewer.submit(f"/premium/{path}", **fields)
                # An empty gateway is the first one: that is how a form without the choice buys.
                taken = field == "gateway" and not text
                assert answer.status_code in ({303} if taken else REFUSED), (path, field, text[:20], answer.text[:200])
            for path in (
                f"/premium/purchases/{quote(text[:2_000], safe='')}",
                f"/premium/redeem?code={quote(text[:2_000])}",
            ):
                answer = await viewer("GET", path, headers={"accept": "text/html"})
                assert answer.status_code in {200, *REFUSED}, (path, answer.text[:200])
                assert "<script>alert" not in answer.text
        for body in (
            b"plan=%ED%A0%80&code=%ED%A0%80&sure=%FF",
            b"\xff\xfe",
            b"plan=monthly&plan=yearly",
            b"plan[]=monthly",
        ):
            market.clock.advance(3_600)
            for path in FORMS:
                headers = {"content-type": FORM, "sec-fetch-site": "same-origin"}
                answer = await viewer("POST", f"/premium/{path}", content=body, headers=headers)
                assert answer.status_code in REFUSED, (path, body, answer.text[:200])
    assert len(market.sandbox.objects("checkout.session")) == 1, "that of the empty gateway"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"plan":"monthly","amount":1,"currency":"JPY","price":-1}', 200),
        (b'{"plan":"monthly","gateway":"\\u0000"}', 409),
        (b'{"plan":"monthly","gateway":"\\ud800"}', 400),
        (b'{"plan":"monthly","gift":1}', 200),
        (b'{"plan":"monthly","gift":NaN}', 400),
        (b'{"plan":["monthly","yearly"]}', 400),
        (b'{"plan":9999999999999999999999}', 400),
        (b'{"plan":"monthly","gateway":"manual"}', 409),
        (b'{"plan":"monthly","back":"//evil.example","return_to":"//evil.example"}', 200),
    ],
)
async def test_nobody_names_their_own_price(market: Market, body: bytes, status: int) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        headers = {"content-type": "application/json"}
        answer = await viewer("POST", "/api/v1/membership/purchases", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        sessions = market.sandbox.objects("checkout.session")
        assert len(sessions) == (status == 200)
        for session in sessions:
            assert (session["amount_total"], session["currency"]) == (499, "eur")
            assert session["success_url"].startswith("http://north.example/premium/purchases/")


async def test_a_closed_site_sells_nothing_and_is_not_paid_on(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        await suspend(market.platform.stores.desk, "north", "billing", "unpaid", actor=ACTOR)
        for path in FORMS:
            answer = await viewer.submit(f"/premium/{path}", plan="monthly", sure="yes", code="A" * 20)
            assert answer.status_code == 503
        assert (await viewer("POST", "/api/v1/membership/purchases", json=BUY)).status_code == 503
    assert market.sandbox.objects("checkout.session") == []


async def test_a_page_of_an_older_price_is_not_what_is_paid(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        await viewer.submit("/premium/buy", plan="monthly")
        await market.set("north", membership__monthly=9_900)
        await viewer.submit("/premium/buy", plan="monthly")
        sessions = market.sandbox.objects("checkout.session")
        assert [(each["amount_total"], each["status"]) for each in sessions] == [(499, "expired"), (9_900, "open")]


async def test_a_sites_odd_name_is_one_short_line_at_the_gateway(market: Market) -> None:
    await market.set("north", brand__name="Kino\r\n\x00\u202e" + "K" * 10_000)
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        await viewer.api("POST", "/membership/purchases", BUY)
        market.pay()
    said = market.sandbox.objects("payment_intent")[-1]["description"]
    assert said.startswith("Kino KK")
    assert said.endswith(": premium for one month")
    assert len(said) <= 250
