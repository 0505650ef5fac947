"""The API of memberships: what it answers, and to whom it says nothing."""

from __future__ import annotations

from tests.storefront.membership.conftest import Market
from tests.storefront.people import Person, person

BUY = {"plan": "monthly"}


async def status(viewer: Person, method: str, path: str, json: object = None) -> tuple[int, str]:
    answer = await viewer(method, f"/api/v1/membership{path}", json=json)
    return answer.status_code, answer.json().get("type", "").rpartition(":")[2]


async def test_a_membership_from_the_offer_to_its_end(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        premium = await viewer.api("GET", "/membership")
        assert premium["offers"] == [
            {"plan": "monthly", "amount": 499, "tax": 87, "currency": "EUR"},
            {"plan": "yearly", "amount": 4_990, "tax": 866, "currency": "EUR"},
        ]
        assert (premium["gifts"], premium["gateways"], premium["membership"]) == (True, ["stripe"], None)
        await market.known(viewer)
        begun = await viewer.api("POST", "/membership/purchases", BUY)
        again = await viewer.api("POST", "/membership/purchases", BUY)
        assert (begun["state"], begun["payment"], begun["url"]) == ("open", "open", again["url"])
        assert begun["id"] == again["id"]
        market.pay()
        paid = await viewer.api("GET", f"/membership/purchases/{begun['id']}")
        assert (paid["state"], paid["payment"], paid["url"], paid["kept"]) == ("paid", "paid", None, 499)
        assert (await viewer.api("GET", "/me"))["viewer"]["role"] == "premium"
        membership = (await viewer.api("GET", "/membership"))["membership"]
        assert (membership["state"], membership["renews"], membership["paid_until"]) == ("active", True, paid["end"])
        assert await status(viewer, "POST", "/purchases", BUY) == (409, "already-member")
        ended = await viewer.api("POST", "/membership/cancel")
        assert (ended["state"], ended["resumable"], ended["renews_at"]) == ("ending", True, None)
        assert (await viewer.api("POST", "/membership/resume"))["state"] == "active"
        listed = (await viewer.api("GET", "/membership/purchases"))["purchases"]
        assert [each["id"] for each in listed] == [begun["id"]]


async def test_what_is_asked_wrongly_is_told(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        assert await status(viewer, "POST", "/purchases", BUY) == (401, "session-required")
        await market.guest(viewer)
        assert await status(viewer, "POST", "/purchases", BUY) == (403, "identity-needed")
        assert await status(viewer, "POST", "/gifts", {"code": "A" * 20}) == (403, "identity-needed")
        await market.known(viewer)
        assert await status(viewer, "POST", "/gifts", {"code": "A" * 20}) == (403, "gift-code-invalid")
        assert (await status(viewer, "POST", "/purchases", {"plan": "weekly"}))[0] == 400
        assert await status(viewer, "POST", "/purchases", {**BUY, "gateway": "manual"}) == (409, "not-sold")
        assert await status(viewer, "POST", "/cancel") == (409, "nothing-to-renew")
        assert await status(viewer, "POST", "/resume") == (409, "nothing-to-renew")
        assert await status(viewer, "POST", "/renewal") == (409, "nothing-to-renew")
        assert await status(viewer, "GET", "/purchases/nothing") == (404, "purchase-not-found")
        await market.set("north", membership__enabled=False)
        assert (await viewer.api("GET", "/membership"))["offers"] == []
        assert await status(viewer, "POST", "/purchases", BUY) == (409, "not-sold")


async def test_nobody_sees_or_uses_what_is_anothers(market: Market) -> None:
    async with (
        person(market.platform, "north.example") as ann,
        person(market.platform, "north.example") as bob,
        person(market.platform, "south.example") as stranger,
    ):
        for each in (ann, bob, stranger):
            await market.known(each)
        gift = await ann.api("POST", "/membership/purchases", {**BUY, "gift": True})
        market.pay()
        gift = await ann.api("GET", f"/membership/purchases/{gift['id']}")
        assert len(gift["code"]) == 23
        for other in (bob, stranger):
            assert await status(other, "GET", f"/purchases/{gift['id']}") == (404, "purchase-not-found")
            assert (await other.api("GET", "/membership/purchases"))["purchases"] == []
        assert await status(stranger, "POST", "/gifts", {"code": gift["code"]}) == (403, "gift-code-invalid")
        redeemed = await bob.api("POST", "/membership/gifts", {"code": gift["code"]})
        assert (redeemed["id"], redeemed["code"]) == (gift["id"], None)
        assert await status(ann, "POST", "/gifts", {"code": gift["code"]}) == (403, "gift-code-invalid")
        assert (await stranger.api("GET", "/me"))["viewer"]["role"] == "free"


async def test_codes_and_purchases_are_tried_so_often_and_no_more(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        answers = [await status(viewer, "POST", "/gifts", {"code": "A" * 20}) for _ in range(21)]
        assert [each[0] for each in answers] == [403] * 20 + [429]
        begun = [await status(viewer, "POST", "/purchases", BUY) for _ in range(21)]
        assert [each[0] for each in begun] == [200] * 20 + [429]


async def test_a_viewer_takes_their_purchases_along_and_leaves_without_them(market: Market) -> None:
    async with person(market.platform, "north.example") as viewer:
        await market.known(viewer)
        begun = await viewer.api("POST", "/membership/purchases", BUY)
        market.pay()
        await viewer.api("GET", f"/membership/purchases/{begun['id']}")
        exported = await viewer("GET", "/api/v1/me/export")
        assert begun["id"] in exported.text or exported.status_code == 200
        assert (await viewer.submit("/account/delete", sure="yes")).status_code == 200
    async with person(market.platform, "north.example") as nobody:
        assert (await nobody.api("GET", "/membership"))["membership"] is None
    assert sum(each["amount"] for each in market.sandbox.charges) == 499
