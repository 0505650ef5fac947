"""The page of a bill, over HTTP: seen and paid by whoever has its address, and by nobody else."""

from __future__ import annotations

import base64

import pytest

from billing.payments import carrying
from billing.payments.by_hand import mark_paid
from billing.payments.carrying import carry_small
from runtime.cycle import billing_desk
from sandbox.stripe import terms
from tests.billing.stage import ACTOR
from tests.runtime.counter import DAY, Counter


async def test_a_bill_is_seen_and_paid_by_card(counter: Counter) -> None:
    scope = await counter.tenant("north")
    answer = await counter.http.get(counter.path("north"))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy + answer.text
    invoice = await counter.invoice(scope)
    for said in (
        "$10.00",
        invoice.number or "",
        "Pay by card or stablecoins",
        "Pay with Bitcoin",
        "IBAN DE02 1203 0000",
    ):
        assert said in answer.text
    assert "Nordlicht &lt;Verleih&gt;" in answer.text
    gone = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert gone.status_code == 303
    assert gone.headers["Location"].startswith(counter.stripe.url)
    assert gone.headers["Referrer-Policy"] == "no-referrer"
    counter.stripe.desk.pay(await counter.reference(scope))
    # No webhook has come; the payer is back first.
    back = await counter.http.get(f"{counter.path('north')}/look")
    assert (back.status_code, back.headers["Location"]) == (303, counter.path("north"))
    page = await counter.page("north")
    assert "Nothing is left to pay of it." in page
    assert "/by/" not in page


async def test_nobody_pays_twice(counter: Counter) -> None:
    scope = await counter.tenant("north")
    first = await counter.http.post(f"{counter.path('north')}/by/stripe")
    again = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert first.headers["Location"] == again.headers["Location"]
    counter.stripe.desk.pay(await counter.reference(scope))
    for gateway in ("stripe", "btcpay"):
        late = await counter.http.post(f"{counter.path('north')}/by/{gateway}")
        assert (late.status_code, late.headers["Location"]) == (303, counter.path("north"))
    assert [each["amount"] for each in counter.stripe.charges] == [1_000]
    assert len(counter.btcpay.invoices) == 0
    assert (await counter.invoice(scope)).state == "paid"


async def test_who_changes_their_mind_pays_by_the_other_way(counter: Counter) -> None:
    scope = await counter.tenant("north")
    await counter.http.post(f"{counter.path('north')}/by/stripe")
    session = await counter.reference(scope)
    chain = await counter.http.post(f"{counter.path('north')}/by/btcpay")
    assert chain.headers["Location"].startswith(counter.btcpay.url)
    assert counter.stripe.objects("checkout.session")[0]["id"] == session
    assert counter.stripe.objects("checkout.session")[0]["status"] == "expired"
    counter.btcpay.desk.pay(await counter.reference(scope))
    await counter.http.get(f"{counter.path('north')}/look")
    page = await counter.page("north")
    assert "Payment under way" in page
    assert "/by/" not in page
    counter.clock.advance(700)
    counter.btcpay.tick()
    await counter.http.get(f"{counter.path('north')}/look")
    assert "Nothing is left to pay of it." in await counter.page("north")


async def test_a_page_of_another_amount_is_given_up(counter: Counter) -> None:
    scope = await counter.tenant("north")
    before = await counter.http.post(f"{counter.path('north')}/by/stripe")
    cashier = counter.platform.services.cashier
    await mark_paid(cashier, scope, "0", reference="bank-1", amount=400, actor=ACTOR)
    assert "$6.00" in await counter.page("north")
    after = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert after.headers["Location"] != before.headers["Location"]
    counter.stripe.desk.pay(await counter.reference(scope))
    await counter.http.get(f"{counter.path('north')}/look")
    assert [each["amount"] for each in counter.stripe.charges] == [600]
    assert (await counter.invoice(scope)).state == "paid"


async def test_a_card_is_saved_for_later_bills(counter: Counter) -> None:
    scope = await counter.tenant("north")
    gone = await counter.http.post(f"{counter.path('north')}/card")
    assert gone.headers["Location"].startswith(counter.stripe.url)
    saving = counter.stripe.objects("checkout.session")[0]
    assert saving["mode"] == "setup"
    counter.stripe.desk.pay(saving["id"])
    await counter.http.get(f"{counter.path('north')}/look")
    contracts = billing_desk(counter.platform.stores).contracts
    contract = await contracts.get(scope)
    assert contract is not None
    assert (contract.gateway, contract.method is not None) == ("stripe", True)
    assert "A card is saved" in await counter.page("north")
    cashier = counter.platform.services.cashier
    await mark_paid(cashier, scope, "0", reference="bank-1", actor=ACTOR)
    # An old letter's address puts no other card in its place.
    assert "/card" not in await counter.page("north")
    later = await counter.http.post(f"{counter.path('north')}/card")
    assert later.headers["Location"] == counter.path("north")


async def test_a_suspended_site_is_paid_for_and_open_again(counter: Counter) -> None:
    scope = await counter.tenant("north")
    await counter.dun_for(45)
    async with counter.platform.client("north.localhost") as viewer:
        counter.platform.stores.resolver.forget("north")
        assert (await viewer.get("/")).status_code == 503
        page = await counter.page("north")
        assert "is suspended" in page
        assert "Overdue" in page
        await counter.http.post(f"{counter.path('north')}/by/stripe")
        counter.stripe.desk.pay(await counter.reference(scope))
        await counter.http.get(f"{counter.path('north')}/look")
        counter.platform.stores.resolver.forget("north")
        assert (await viewer.get("/")).status_code == 200
    assert "is suspended" not in await counter.page("north")


async def test_what_is_no_address_of_a_bill_is_nothing(counter: Counter) -> None:
    scope = await counter.tenant("north")
    await counter.tenant("south", grace=30 * DAY)
    ours, theirs = counter.path("north"), counter.path("nobody")
    assert (await counter.invoice((await counter.site("south")).scope)).state == "draft"
    altered = base64.urlsafe_b64encode(base64.urlsafe_b64decode(ours[5:] + "==").replace(b"north", b"south")).decode()
    nothing = await counter.http.get("/nothing-here", headers={"Accept": "text/html"})
    for path in (theirs, counter.path("south"), counter.path("north", "9"), f"/pay/{altered.rstrip('=')}", "/pay/x"):
        for more in ("", "/invoice.pdf", "/look"):
            answer = await counter.http.get(path + more, headers={"Accept": "text/html"})
            assert (answer.status_code, answer.text) == (404, nothing.text)
        for more in ("/card", "/by/stripe"):
            assert (await counter.http.post(path + more)).status_code == 404
    assert (await counter.http.post(f"{ours}/by/manual")).headers["Location"] == ours
    assert (await counter.http.post(f"{ours}/by/elsewhere")).headers["Location"] == ours
    async with counter.platform.client("north.localhost") as viewer:
        assert (await viewer.get(ours)).status_code == 404
    assert (await counter.invoice(scope)).due == 1_000


async def test_the_pdf_is_there_and_the_page_speaks_the_tenants_language(counter: Counter) -> None:
    scope = await counter.tenant("north", locale="de")
    page = await counter.page("north")
    assert '<html lang="de">' in page
    assert "Mit Bitcoin bezahlen" in page
    answer = await counter.http.get(f"{counter.path('north')}/invoice.pdf")
    assert answer.content.startswith(b"%PDF")
    assert f"{(await counter.invoice(scope)).number}.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_what_the_gateway_says_is_too_small_is_carried_and_called_so(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counter.tenant("north", gateway="stripe")
    monkeypatch.setitem(terms.LEAST, "usd", 2_000)
    answer = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert (answer.status_code, answer.headers.get("Location")) == (303, counter.path("north"))
    page = await counter.page("north")
    assert "Carried to your account" in page
    assert "$10.00 is too small to be charged by itself" in page
    assert "/by/" not in page


async def test_what_the_gateway_refused_as_too_small_is_not_offered_until_it_is_carried(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counter.tenant("north", gateway="stripe")
    monkeypatch.setitem(terms.LEAST, "usd", 2_000)

    async def is_changed(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "carry", is_changed)
        answer = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert answer.headers.get("Location") == counter.path("north")
    page = await counter.page("north")
    assert ("/by/stripe" in page, "/by/btcpay" in page) == (False, True)
    assert "An amount this small cannot be paid by card." in page
    assert await carry_small(counter.platform.services.cashier) == 1
    assert "Carried to your account" in await counter.page("north")


async def test_what_was_mostly_paid_is_paid_and_its_rest_is_carried(counter: Counter) -> None:
    scope = await counter.tenant("north", gateway="stripe")
    cashier = counter.platform.services.cashier
    await mark_paid(cashier, scope, "0", reference="bank-1", amount=970, actor=ACTOR)
    assert await carry_small(cashier) == 1
    page = await counter.page("north")
    for said in ("Settled", "Paid on", "Nothing is left to pay of it.", "$0.30 is too small to be charged by itself"):
        assert said in page
    assert "Carried to your account" not in page


@pytest.mark.parametrize("fate", ["drop_before", "drop_after", "error_before", "error_after"])
async def test_a_gateway_without_an_answer_is_told(counter: Counter, fate: str) -> None:
    await counter.tenant("north")
    counter.stripe.faults.always(fate)
    answer = await counter.http.post(f"{counter.path('north')}/by/stripe")
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    counter.stripe.faults.clear()
    counter.clock.advance(61)
    assert (await counter.http.post(f"{counter.path('north')}/by/stripe")).status_code == 303


async def test_a_session_nobody_was_told_of_brings_no_second_payment(counter: Counter) -> None:
    scope = await counter.tenant("north")
    counter.stripe.faults.next("drop_after", method="POST", path="/v1/checkout/sessions", times=9)
    assert (await counter.http.post(f"{counter.path('north')}/by/stripe")).status_code == 503
    counter.stripe.faults.clear()
    assert (await counter.http.post(f"{counter.path('north')}/by/stripe")).status_code == 303
    counter.stripe.desk.pay(await counter.reference(scope))
    await counter.http.get(f"{counter.path('north')}/look")
    assert [each["amount"] for each in counter.stripe.charges] == [1_000]
    assert len(counter.stripe.objects("checkout.session")) == 1


async def test_gateways_are_not_asked_without_end(counter: Counter) -> None:
    await counter.tenant("north")
    answers = [await counter.http.post(f"{counter.path('north')}/card") for _ in range(20)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert (await counter.http.get(f"{counter.path('north')}/look")).status_code == 303
    assert (await counter.http.get(counter.path("north"))).status_code == 200
