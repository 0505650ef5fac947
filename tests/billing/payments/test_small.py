"""What is too small for the gateway is charged with the next invoice, and what is owed from before as well."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec import structs
from stripe import InvalidRequestError

from billing.checking.tenant import check_tenant
from billing.gateways.least import least_charge
from billing.gateways.protocol import GatewayRefused
from billing.gateways.stripe.amounts import LEAST
from billing.invoices.crediting import credit
from billing.invoices.repository import InvoiceRepository
from billing.payments import carrying
from billing.payments.by_hand import mark_paid
from billing.payments.carrying import carry_small
from billing.payments.charging import begin, charge, pay_link
from billing.payments.collecting import collect
from billing.payments.errors import NothingDue, TooSmall
from billing.payments.model import Payment
from billing.payments.reconciling import follow, reconcile
from billing.payments.refunding import refund
from billing.payments.repository import PaymentRepository
from billing.plans.model import Plan
from sandbox.stripe import terms
from storage.indexes import build_indexes
from storage.mongo import driver_of
from storage.scope import TenantScope
from tests.billing.payments.till import BACK, DUE, Till, purchase
from tests.billing.stage import ACTOR, START, at, monthly

SMALL = 30
NOW = datetime.fromisoformat("2030-01-01")


async def small(till: Till, plan: Plan | None = None, *, gateway: str = "stripe", currency: str = "USD") -> TenantScope:
    """A tenant whose months cost 30 cents."""
    scope = await till.stage.add_tenant("north", currency=currency)
    await till.stage.begin(scope, plan or monthly(base=SMALL), anchor=START)
    if gateway == "stripe":
        await till.save(scope, "visa")
    return scope


async def month(till: Till, until: str) -> None:
    """Time goes on, and what is issued is charged."""
    till.stage.set_time(at(until))
    await till.stage.run()
    await collect(till.cashier)


async def standing(till: Till, scope: TenantScope, invoice_id: str) -> tuple[str, int, int, int]:
    """State, what credit paid of it, what was carried on, and what is due."""
    invoice = await till.invoice(scope, invoice_id)
    return invoice.state, invoice.credited, invoice.carried, invoice.due


async def proven(till: Till, scope: TenantScope) -> None:
    assert (await check_tenant(till.stage.database, scope, NOW)).findings == []


async def test_small_invoices_are_charged_together_with_the_one_that_makes_enough(till: Till) -> None:
    scope = await small(till)
    await month(till, "2026-02-01")
    assert await standing(till, scope, "0") == ("paid", 0, SMALL, 0)
    assert (till.charged, await till.balances(scope)) == ([], {"credit": SMALL})
    with pytest.raises(NothingDue):
        await charge(till.cashier, scope, "0")
    await month(till, "2026-03-01")
    assert await standing(till, scope, "1") == ("paid", -SMALL, 0, 0)
    assert till.charged == [2 * SMALL]
    assert set(await till.balances(scope)) == {"cash.stripe", "fees.gateway"}
    await month(till, "2026-05-01")
    assert till.charged == [2 * SMALL, 2 * SMALL], "one charge for each pair of months"
    await proven(till, scope)


async def test_what_is_finer_than_the_gateway_charges_is_charged_with_the_next(till: Till) -> None:
    scope = await small(till, monthly(base=12_345, currency="KWD"), currency="KWD")
    await month(till, "2026-02-01")
    await collect(till.cashier)
    assert till.charged == [12_340]
    assert await standing(till, scope, "0") == ("paid", 0, 5, 0)
    await month(till, "2026-03-01")
    assert till.charged == [12_340, 12_350]
    assert await standing(till, scope, "1") == ("paid", -5, 0, 0)
    await proven(till, scope)


async def test_a_page_asks_for_what_the_gateway_can_charge(till: Till) -> None:
    scope = await small(till, monthly(base=12_345, currency="KWD"), gateway="manual", currency="KWD")
    till.stage.set_time(at("2026-02-01"))
    await till.stage.run()
    page = await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    assert page.amount == 12_340
    assert (await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")).id == page.id


@pytest.fixture
def krona(monkeypatch: pytest.MonkeyPatch) -> int:
    """No minimum is published for it: it is what half a euro comes to, which asking alone tells."""
    monkeypatch.setitem(terms.LEAST, "isk", 7_000)
    assert least_charge("stripe", "ISK") == 0
    return 7_000


async def test_what_the_gateway_says_is_too_small_is_carried_until_it_is_enough(till: Till, krona: int) -> None:
    scope = await small(till, monthly(base=40, currency="ISK"), currency="ISK")
    failed: list[str] = []

    async def hears(scope: TenantScope, payment: Payment) -> None:
        failed.append(payment.id)

    till.cashier = structs.replace(till.cashier, hooks=structs.replace(till.told.hooks, charge_failed=(hears,)))
    await month(till, "2026-02-01")
    assert await standing(till, scope, "0") == ("paid", 0, 40, 0)
    refused = await till.payment(scope, "north:0")
    assert (refused.state, "7000" in (refused.reason or "")) == ("failed", True)
    assert till.told.heard[-1] == ("settled", "0")
    await month(till, "2026-03-01")
    assert await standing(till, scope, "1") == ("paid", -40, 0, 0)
    assert (till.charged, failed) == ([8_000], []), "nobody is told of what nobody could charge"
    await proven(till, scope)


async def test_who_dies_when_the_gateway_has_refused_it_carries_it_once(till: Till, krona: int) -> None:
    scope = await small(till, monthly(base=40, currency="ISK"), currency="ISK")
    till.told.fails = 1
    await month(till, "2026-02-01")
    await month(till, "2026-02-02")
    await follow(till.cashier)
    assert await standing(till, scope, "0") == ("paid", 0, 40, 0)
    assert (await till.payment(scope, "north:0")).state == "failed"
    assert (till.charged, await till.balances(scope)) == ([], {"credit": 40})
    await proven(till, scope)


async def test_one_that_was_changed_meanwhile_is_found_by_the_next_tick(
    till: Till, krona: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await small(till, monthly(base=40, currency="ISK"), currency="ISK")

    async def is_changed(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "carry", is_changed)
        await month(till, "2026-02-01")
    assert await standing(till, scope, "0") == ("issued", 0, 0, 40)
    assert (await till.invoice(scope)).too_small == 40
    assert await carry_small(till.cashier) == 1
    assert await standing(till, scope, "0") == ("paid", 0, 40, 0)


async def test_a_page_that_the_gateway_refuses_to_open_carries_it_too(till: Till, krona: int) -> None:
    scope = await small(till, monthly(base=40, currency="ISK"), currency="ISK")
    contracts = till.stage.desk.contracts
    await contracts.set_payment(scope, gateway="stripe", customer=None, method=None, actor=ACTOR)
    await month(till, "2026-02-01")
    with pytest.raises(GatewayRefused):
        await pay_link(till.cashier, scope, "0", back=BACK)
    assert await standing(till, scope, "0") == ("paid", 0, 40, 0)


async def test_who_pays_by_transfer_owes_what_a_card_could_not_pay(till: Till, krona: int) -> None:
    scope = await small(till, monthly(base=40, currency="ISK"), gateway="manual", currency="ISK")
    await month(till, "2026-02-01")
    with pytest.raises(GatewayRefused):
        await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    assert await standing(till, scope, "0") == ("issued", 0, 0, 40)


async def test_three_that_are_tiny_add_up_over_months(till: Till) -> None:
    scope = await small(till, monthly(base=20))
    for until in ("2026-02-01", "2026-03-01", "2026-04-01"):
        await month(till, until)
    assert [await standing(till, scope, str(n)) for n in range(3)] == [
        ("paid", 0, 20, 0),
        ("paid", -20, 40, 0),
        ("paid", -40, 0, 0),
    ]
    assert till.charged == [60]
    await proven(till, scope)


async def test_the_last_one_of_a_contract_is_nobodys_trouble(till: Till) -> None:
    scope = await small(till)
    await till.stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await month(till, "2026-06-01")
    assert await standing(till, scope, "0") == ("paid", 0, SMALL, 0)
    assert (till.charged, await till.balances(scope)) == ([], {"credit": SMALL})
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=SMALL, actor=ACTOR)
    assert await till.balances(scope) == {"cash.bank": SMALL}, "who pays it after all owes nothing"
    await proven(till, scope)


async def test_who_pays_by_transfer_is_asked_for_any_amount(till: Till) -> None:
    scope = await small(till, gateway="manual")
    await month(till, "2026-02-01")
    assert await standing(till, scope, "0") == ("issued", 0, 0, SMALL)
    with pytest.raises(TooSmall, match=r"\$0\.30 is less than stripe takes: \$0\.50 at least"):
        await pay_link(till.cashier, scope, "0", back=BACK, gateway="stripe")
    assert till.sandbox.objects("checkout.session") == []


async def test_a_viewers_order_below_it_is_refused_before_anything_is_written(till: Till) -> None:
    scope = await small(till, gateway="manual")
    with pytest.raises(TooSmall):
        await begin(till.cashier, scope, purchase(scope, amount=49, tax=0), gateway="stripe", back=BACK)
    assert await PaymentRepository(till.stage.database, scope).newest() == []


@pytest.mark.parametrize("left", [1, 49, 50, 51])
async def test_what_a_transfer_leaves_open_is_carried_where_it_is_too_small(till: Till, left: int) -> None:
    scope = await till.tenant("north")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE - left, actor=ACTOR)
    await collect(till.cashier)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due) == ("paid", 0)
    assert (till.charged, invoice.carried) == (([], left) if left < 50 else ([left], 0))
    assert ("settled", "0") in till.told.heard
    await month(till, "2026-03-01")
    assert till.charged[-1] == DUE + invoice.carried
    await proven(till, scope)


async def test_what_credit_notes_and_refunds_leave_open_is_carried_each_time(till: Till) -> None:
    scope = await till.tenant("north")
    await credit(till.stage.desk.office, scope, "0", amount=DUE - 40, reason="sorry", actor=ACTOR)
    assert await carry_small(till.cashier) == 1
    assert await carry_small(till.cashier) == 0
    await month(till, "2026-03-01")
    assert till.charged == [DUE + 40]
    await refund(till.cashier, scope, "north:1", 45, actor=ACTOR)
    assert (await till.invoice(scope, "1")).due == 45
    await refund(till.cashier, scope, "north:1", 3, actor=ACTOR)
    assert await carry_small(till.cashier) == 1
    await refund(till.cashier, scope, "north:1", 7, actor=ACTOR)
    assert await carry_small(till.cashier) == 1
    assert await standing(till, scope, "1") == ("paid", -40, 55, 0)
    await proven(till, scope)
    await month(till, "2026-04-01")
    assert till.charged == [DUE + 40, DUE + 55]
    await proven(till, scope)


async def test_what_the_gateway_took_back_of_spent_credit_is_asked_for_with_the_next_invoice(till: Till) -> None:
    """Paid twice, the second time as credit that paid the next invoice; then both payments go back."""
    scope = await till.tenant("north")
    await collect(till.cashier)
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE, actor=ACTOR)
    await month(till, "2026-03-01")
    assert await standing(till, scope, "1") == ("paid", DUE, 0, 0)
    dispute = till.sandbox.desk.dispute(till.sandbox.charges[0]["id"])
    till.sandbox.desk.decide(dispute["id"], won=False)
    await reconcile(till.cashier)
    assert (await till.invoice(scope)).due == DUE
    await refund(till.cashier, scope, "north:0:hand:R1", DUE - 100, reference="B1", actor=ACTOR)
    assert (await till.balances(scope))["credit"] == DUE - 100
    await proven(till, scope)
    await month(till, "2026-04-01")
    assert (await till.invoice(scope, "2")).credited == -(DUE - 100)
    assert till.charged[1:] == [2 * DUE - 100]
    assert "credit" not in await till.balances(scope)
    await proven(till, scope)


async def test_a_bill_that_comes_out_negative_pays_debts_and_asks_for_nothing(till: Till) -> None:
    scope = await small(till)
    await month(till, "2026-02-01")
    await credit(till.stage.desk.office, scope, "0", reason="all of it", actor=ACTOR)
    assert "credit" not in await till.balances(scope), "a credit note takes a debt as well"
    await proven(till, scope)


async def test_the_small_ones_are_found_by_an_index(till: Till) -> None:
    await build_indexes(till.stage.database, carrying.INDEXES)
    scope = await till.tenant("north")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE - 1, actor=ACTOR)
    assert await carry_small(till.cashier) == 1


async def test_what_was_refused_is_listed_only_while_it_is_open(till: Till) -> None:
    await build_indexes(till.stage.database, carrying.INDEXES)
    scope = await till.tenant("north", card=None)
    await InvoiceRepository(till.stage.database, scope).note_too_small("0", "manual", DUE)
    invoices = driver_of(till.stage.database)["invoices"]

    async def listed() -> int:
        return len(await invoices.find({"_id.owner": scope.owner}).hint("invoices_refused").to_list())

    assert await listed() == 1
    assert await carry_small(till.cashier) == 1
    assert await listed() == 0


async def test_whoever_dies_before_it_is_told_loses_nothing(till: Till) -> None:
    scope = await till.tenant("north")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE - 1, actor=ACTOR)
    till.told.fails = 1
    with pytest.raises(RuntimeError):
        await carry_small(till.cashier)
    assert await standing(till, scope, "0") == ("paid", 0, 1, 0)
    await proven(till, scope)


def test_the_least_amounts_are_those_that_the_stand_in_holds_us_to() -> None:
    assert {name.lower(): least for name, least in LEAST.items()} == terms.LEAST
    assert [least_charge("stripe", each) for each in ("USD", "EUR", "GBP", "JPY", "HUF", "XYZ")] == [
        50,
        50,
        30,
        50,
        17_500,
        0,
    ]
    assert [least_charge(each, "USD") for each in ("manual", "btcpay")] == [0, 0]


@pytest.mark.parametrize(("currency", "amount"), [("usd", 49), ("gbp", 29), ("jpy", 49), ("huf", 17_499)])
async def test_the_stand_in_refuses_less_as_stripe_does(till: Till, currency: str, amount: int) -> None:
    with pytest.raises(InvalidRequestError, match="must be at least") as refused:
        await till.stripe.v1.payment_intents.create_async({"amount": amount, "currency": currency})
    assert refused.value.code == "amount_too_small"
