"""The page of a bill, tried from outside: other hosts, bent addresses, other methods, other people's windows."""

from __future__ import annotations

import asyncio

import pytest

from billing.payments.reconciling import follow
from tenancy.desk import put_tenant
from tests.attacks.billing.odd import ODD_HOSTS, ODD_TAILS
from tests.billing.stage import ACTOR
from tests.runtime.counter import HOST, Counter

FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize("tail", ODD_TAILS)
async def test_a_bent_address_is_unknown(counter: Counter, tail: str) -> None:
    await counter.tenant("north")
    for path in (f"{counter.path('north')}{tail}", f"/pay{tail}", f"/pay/{tail}"):
        for method in ("GET", "POST"):
            answer = await counter.http.request(method, path)
            assert answer.status_code in {303, 400, 404, 405}, (method, path, answer.text)
            assert "$10.00" not in answer.text
    assert counter.stripe.objects("checkout.session") == []


async def test_a_page_is_the_same_whatever_the_query_says(counter: Counter) -> None:
    await counter.tenant("north")
    plain = await counter.page("north")
    for query in (
        "?amount=1",
        "?invoice=1",
        "?tenant=south",
        "?return_to=//evil.example",
        "?_method=DELETE",
        "?" + "a=" * 9,
    ):
        answer = await counter.http.get(counter.path("north") + query)
        assert (answer.status_code, answer.text) == (200, plain)
        answer = await counter.http.get(f"{counter.path('north')}/look{query}")
        assert answer.headers["Location"] == counter.path("north")


async def test_nothing_is_paid_by_reading(counter: Counter) -> None:
    await counter.tenant("north")
    for tail in ("/by/stripe", "/card"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            answer = await counter.http.request(method, counter.path("north") + tail)
            assert answer.status_code in {204, 405}
        spoofed = await counter.http.get(counter.path("north") + tail, headers={"X-HTTP-Method-Override": "POST"})
        assert spoofed.status_code == 405
    assert counter.stripe.objects("checkout.session") == []


async def test_programs_that_look_at_links_may_ask_for_the_head_alone(counter: Counter) -> None:
    await counter.tenant("north")
    for tail in ("", "/invoice.pdf"):
        answer = await counter.http.head(counter.path("north") + tail)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ODD_HOSTS)
async def test_the_way_back_leads_to_the_platform_alone(counter: Counter, host: str) -> None:
    await counter.tenant("north")
    headers = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = await counter.http.post(f"{counter.path('north')}/by/stripe", headers=headers)
    assert answer.status_code in {303, 400, 404}
    sessions = counter.stripe.objects("checkout.session")
    assert bool(sessions) == (answer.status_code == 303)
    for session in sessions:
        for name in ("success_url", "cancel_url"):
            assert session[name].startswith((f"http://{HOST}/pay/", f"http://{HOST}:8443/pay/"))


async def test_a_bill_is_no_page_of_a_site_and_a_site_none_of_the_platforms(counter: Counter) -> None:
    await counter.tenant("north")
    async with counter.platform.client("north.localhost") as site:
        for path in (counter.path("north"), f"{counter.path('north')}/invoice.pdf", "/webhooks/stripe"):
            assert (await site.get(path)).status_code in {404, 405}
        for path in (f"{counter.path('north')}/by/stripe", f"{counter.path('north')}/card", "/webhooks/stripe"):
            assert (await site.post(path)).status_code == 404
    for path in ("/premium", "/account", "/api/v1/membership"):
        assert (await counter.http.get(path)).status_code == 404


async def test_twenty_who_pay_at_once_pay_once(counter: Counter) -> None:
    scope = await counter.tenant("north")
    path = counter.path("north")
    answers = await asyncio.gather(*(counter.http.post(f"{path}/by/stripe") for _ in range(10)))
    assert {each.status_code for each in answers} <= {303, 503}
    led = {each.headers["Location"] for each in answers if each.status_code == 303}
    assert len({each for each in led if each != path}) == 1
    both = [*("stripe",) * 5, *("btcpay",) * 5]
    counter.clock.advance(61)
    answers = await asyncio.gather(*(counter.http.post(f"{path}/by/{each}") for each in both))
    assert {each.status_code for each in answers} <= {303, 429, 503}
    live = [each["id"] for each in counter.stripe.objects("checkout.session") if each["status"] == "open"]
    waiting = [each for each in counter.btcpay.invoices if each["status"] == "New"]
    assert len(live) + len(waiting) == 1
    if live:
        counter.stripe.desk.pay(live[0])
    else:
        counter.btcpay.desk.pay(waiting[0]["id"])
        counter.clock.advance(700)
        counter.btcpay.tick()
    counter.clock.advance(900)
    await follow(counter.platform.services.cashier)
    assert (await counter.invoice(scope)).state == "paid"


async def test_bodies_are_not_read_and_not_long(counter: Counter) -> None:
    await counter.tenant("north")
    path = f"{counter.path('north')}/by/stripe"
    for body in (b"\xff\xfe", b"amount=1&gateway=btcpay&return_to=//evil.example", b"{", b"a" * 4_000):
        answer = await counter.http.post(path, content=body)
        assert answer.headers["Location"].startswith(counter.stripe.url)
    session = counter.stripe.objects("checkout.session")[0]
    assert session["amount_total"] == 1_000
    assert len(counter.stripe.objects("checkout.session")) == 1


async def test_a_page_of_another_site_cannot_show_or_script_it(counter: Counter) -> None:
    await counter.tenant("north")
    answer = await counter.http.get(counter.path("north"), headers=FOREIGN)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    pdf = await counter.http.get(f"{counter.path('north')}/invoice.pdf", headers=FOREIGN)
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"
    assert pdf.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "email", ["no address", "a@b", "x@y.example\r\nBcc: z@y.example", "", "a" * 300 + "@b.example"]
)
async def test_an_odd_address_in_a_tenants_document_keeps_nobody_from_paying(counter: Counter, email: str) -> None:
    document = {"_id": "odd", "domain": "odd.localhost", "plan": "fixed_fee", "status": "active", "owner_email": email}
    await put_tenant(counter.platform.stores.desk, document, actor=ACTOR)
    scope = await counter.billed("odd")
    for way in ("by/stripe", "card"):
        gone = await counter.http.post(f"{counter.path('odd')}/{way}")
        assert gone.headers["Location"].startswith(counter.stripe.url)
    counter.stripe.desk.pay(await counter.reference(scope))
    await counter.http.get(f"{counter.path('odd')}/look")
    assert (await counter.invoice(scope)).state == "paid"
