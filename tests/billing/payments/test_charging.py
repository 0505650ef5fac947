"""Asking for money: one charge a period, whatever fails or dies on the way."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from billing.gateways.protocol import GatewayUnavailable, Unsupported
from billing.gateways.stripe.gateway import StripeGateway
from billing.payments.charging import begin, charge, pay_link, resume
from billing.payments.collecting import collect
from billing.payments.errors import NoMethod, NothingDue, StillOpen
from billing.payments.reconciling import follow
from tests.billing.payments.till import BACK, DUE, SECRET, Till, purchase
from tests.billing.stage import ACTOR

INTENTS = "/v1/payment_intents"


async def test_an_invoice_is_charged_once_and_booked_once(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    assert (payment.id, payment.state, payment.received) == ("north:0", "succeeded", DUE)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.paid, invoice.due) == ("paid", DUE, 0)
    fee = 59  # 2.9 % and 30 cents
    assert await till.balances(scope) == {"cash.stripe": DUE - fee, "fees.gateway": fee}
    again = await charge(till.cashier, scope, "0")
    assert (again.id, till.charged) == ("north:0", [DUE])
    assert till.told.heard == [("settled", "0")]
    about = till.sandbox.objects("payment_intent")[0]["metadata"]
    assert about == {"tenant": "north", "purpose": "invoice", "subject": "0", "key": "north:0", "by": "charge"}


async def test_ten_at_once_make_one_charge(till: Till) -> None:
    scope = await till.tenant("north")
    payments = await asyncio.gather(*(charge(till.cashier, scope, "0") for _ in range(10)))
    assert {each.id for each in payments} == {"north:0"}
    assert till.charged == [DUE]
    assert (await till.invoice(scope)).paid == DUE


@pytest.mark.parametrize("fate", ["drop_before", "drop_after", "error_before", "error_after"])
async def test_what_is_in_doubt_is_asked_again_under_its_own_key(till: Till, fate: str) -> None:
    scope = await till.tenant("north")
    till.sandbox.faults.next(fate, method="POST", path=INTENTS)
    payment = await charge(till.cashier, scope, "0")
    assert payment.state == "created"
    assert (await till.invoice(scope)).state == "issued"
    till.stage.clock.advance(60)
    await follow(till.cashier)
    payment = await till.payment(scope, "north:0")
    if payment.state == "created":
        # Stripe answers the same fault under the same key for a day, and nothing was charged.
        till.stage.clock.advance(25 * 3_600)
        await follow(till.cashier)
        payment = await till.payment(scope, "north:0")
    assert (payment.state, till.charged) == ("succeeded", [DUE])
    assert (await till.invoice(scope)).state == "paid"


async def test_an_answer_that_was_lost_a_week_ago_is_found_and_not_charged_again(till: Till) -> None:
    scope = await till.tenant("north")
    till.sandbox.faults.next("drop_after", method="POST", path=INTENTS)
    await charge(till.cashier, scope, "0")
    assert till.charged == [DUE]
    till.stage.clock.advance(7 * 86_400)
    asked = till.sandbox.counters[f"POST {INTENTS}"]
    assert (await charge(till.cashier, scope, "0")).state == "succeeded"
    assert (till.charged, till.sandbox.counters[f"POST {INTENTS}"]) == ([DUE], asked)


async def test_a_decline_is_definite_and_the_next_attempt_has_a_key_of_its_own(till: Till) -> None:
    scope = await till.tenant("north", card="chargeCustomerFail")
    first = await charge(till.cashier, scope, "0")
    assert (first.state, first.reason) == ("failed", "generic_decline")
    assert (await charge(till.cashier, scope, "0")).state == "failed"
    await till.save(scope, "visa")
    second = await charge(till.cashier, scope, "0", attempt=2)
    assert (second.id, second.state) == ("north:0:2", "succeeded")
    assert (till.charged, till.told.heard) == ([DUE], [("settled", "0")])
    with pytest.raises(NothingDue):
        await charge(till.cashier, scope, "0", attempt=3)


async def test_no_attempt_begins_while_an_earlier_one_is_in_doubt(till: Till) -> None:
    scope = await till.tenant("north")
    till.sandbox.faults.always("unavailable", path=INTENTS)
    assert (await charge(till.cashier, scope, "0")).state == "created"
    assert (await charge(till.cashier, scope, "0", attempt=2)).id == "north:0"
    till.sandbox.faults.clear()
    assert (await charge(till.cashier, scope, "0", attempt=2)).id == "north:0"
    assert till.charged == [DUE]


async def test_who_has_to_authenticate_gets_a_page_and_is_charged_there_alone(till: Till) -> None:
    scope = await till.tenant("north", card="authenticationRequired")
    payment = await charge(till.cashier, scope, "0")
    assert (payment.state, payment.reason, payment.url) == ("action", "authentication_required", None)
    page = await pay_link(till.cashier, scope, "0", back=BACK)
    assert (page.id, page.state) == ("north:0:2", "action")
    assert page.url is not None
    assert (await till.payment(scope, "north:0")).state == "failed"
    assert (await pay_link(till.cashier, scope, "0", back=f"{BACK}/elsewhere")).url == page.url
    assert page.reference is not None
    till.sandbox.desk.pay(page.reference, "visa")
    assert (await pay_link(till.cashier, scope, "0", back=BACK)).state == "succeeded"
    assert (till.charged, (await till.invoice(scope)).state) == ([DUE], "paid")


async def test_a_card_that_paid_on_the_page_is_charged_for_the_next_invoice(till: Till) -> None:
    scope = await till.tenant("north", card=None, until="2026-03-01")
    page = await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    assert page.reference is not None
    contract = await till.stage.contract(scope)
    await till.stage.desk.contracts.set_payment(scope, gateway="stripe", customer=None, method=None, actor=ACTOR)
    till.sandbox.desk.pay(page.reference, "visa")
    till.stage.clock.advance(900)
    await follow(till.cashier)
    contract = await till.stage.contract(scope)
    assert contract.method is not None
    assert (await charge(till.cashier, scope, "1")).state == "succeeded"
    assert till.charged == [DUE, DUE]


async def test_a_page_that_ran_out_is_followed_by_another(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    page = await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    till.later(86_500)
    another = await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    assert (page.id, another.id) == ("north:0", "north:0:2")
    assert (await till.payment(scope, "north:0")).reason == "expired"


async def test_a_declined_payer_tries_again_on_the_same_page(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.reference is not None
    with pytest.raises(Exception, match="declined"):
        till.sandbox.desk.pay(page.reference, "chargeDeclined")
    again = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert (again.id, again.state, again.url) == (page.id, "action", page.url)
    till.sandbox.desk.pay(page.reference, "visa")
    assert (await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)).is_paid
    assert till.told.heard == [("paid", "p1")]


async def test_what_is_issued_is_charged_without_being_asked_for(till: Till) -> None:
    scopes = [await till.tenant(f"t{number}") for number in range(5)]
    nobody = await till.tenant("by-hand", card=None)
    assert await collect(till.cashier) == len(scopes)
    assert till.charged == [DUE] * len(scopes)
    assert [(await till.invoice(scope)).state for scope in scopes] == ["paid"] * len(scopes)
    assert (await till.invoice(nobody)).state == "issued"
    assert await collect(till.cashier) == 0


async def test_who_cannot_be_charged_is_told_apart(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    with pytest.raises(NoMethod):
        await charge(till.cashier, scope, "0")
    with pytest.raises(Unsupported):
        await pay_link(till.cashier, scope, "0", back=BACK, gateway="elsewhere")
    with pytest.raises(Unsupported):
        await pay_link(till.cashier, scope, "0", back=BACK, gateway="manual")


async def test_a_page_that_nobody_could_open_is_opened_later_under_its_key(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    till.sandbox.faults.next("drop_after", method="POST", path="/v1/checkout/sessions")
    with pytest.raises(GatewayUnavailable):
        await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.id == "north:m:p1"
    assert len(till.sandbox.objects("checkout.session")) == 1


async def test_a_key_that_stripe_does_not_know_charges_nobody_and_is_no_decline(till: Till) -> None:
    scope = await till.tenant("north")
    till.sandbox.faults.always("rate_limit", path=INTENTS)
    payment = await charge(till.cashier, scope, "0")
    assert payment.state == "created"
    assert structs.asdict(await till.invoice(scope))["due"] == DUE


async def test_stablecoins_are_paid_by_link_and_settle_later(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    gateway = StripeGateway(
        secret_key="sk_test_1", webhook_secrets=[SECRET], api_base=till.sandbox.url, crypto=True, retries=0
    )
    cashier = till.over(gateway)
    page = await pay_link(cashier, scope, "0", back=BACK, gateway="stripe")
    till.sandbox.desk.pay(page.reference or "", "crypto")
    page = await resume(cashier, scope, page)
    assert (page.state, page.received) == ("action", 0)
    till.sandbox.desk.authenticate(till.sandbox.objects("payment_intent")[0]["id"])
    page = await resume(cashier, scope, page)
    assert (page.state, page.received) == ("pending", 0)
    with pytest.raises(StillOpen):
        await pay_link(cashier, scope, "0", back=BACK, gateway="stripe")
    till.later(61)
    page = await resume(cashier, scope, page)
    assert (page.state, page.received, (await till.invoice(scope)).state) == ("succeeded", DUE, "paid")
    # A wallet is not charged again behind its owner's back.
    assert (await till.stage.contract(scope)).method is None
    await gateway.close()
