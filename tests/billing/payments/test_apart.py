"""One payment's trouble is no other's."""

from __future__ import annotations

import pytest
from msgspec import structs

from billing.gateways.protocol import Order, Outcome
from billing.payments import reconciling
from billing.payments.by_hand import mark_paid
from billing.payments.cashier import Hooks
from billing.payments.charging import charge
from billing.payments.collecting import collect
from billing.payments.reconciling import follow, reconcile
from billing.payments.repository import PaymentRepository
from storage.scope import TenantScope
from tests.billing.payments.till import Till
from tests.billing.stage import ACTOR


async def test_two_tenants_may_pay_under_the_same_reference(till: Till) -> None:
    for name in ("north", "south"):
        scope = await till.tenant(name, card=None)
        await mark_paid(till.cashier, scope, "0", reference="January", actor=ACTOR)
        assert (await till.invoice(scope)).state == "paid"


async def test_a_hook_that_fails_for_one_keeps_the_news_from_nobody_else(till: Till) -> None:
    for name in ("north", "south"):
        scope = await till.tenant(name, card=None)
        till.told.fails = 1
        with pytest.raises(RuntimeError):
            await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    till.told.fails = 1
    await follow(till.cashier)
    assert till.told.heard == [("settled", "0")]
    await reconcile(till.cashier)
    assert till.told.heard == [("settled", "0")] * 2


async def test_those_whose_news_fail_for_ever_stand_behind_the_others(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def settled(scope: TenantScope, invoice_id: str) -> None:
        if scope.tenant_id == "north":
            raise KeyError(invoice_id)
        heard.append(scope.tenant_id)

    for name in ("north", "south"):
        scope = await till.tenant(name, card=None)
        till.told.fails = 1
        with pytest.raises(RuntimeError):
            await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    monkeypatch.setattr(reconciling, "MOST", 1)
    cashier = structs.replace(till.cashier, hooks=Hooks(invoice_settled=(settled,)))
    for _ in range(2):
        await follow(cashier)
    assert heard == ["south"]


async def test_a_payment_that_cannot_be_read_keeps_no_other_from_being_followed(till: Till) -> None:
    odd, plain = await till.tenant("odd"), await till.tenant("plain")
    for scope in (odd, plain):
        till.sandbox.faults.next("drop_before", method="POST", path="/v1/payment_intents")
        await charge(till.cashier, scope, "0")
    await PaymentRepository(till.stage.database, odd).set("odd:0", attempt="first")
    till.later(61)
    await follow(till.cashier)
    assert (await till.invoice(plain)).state == "paid"


async def test_a_charge_that_cannot_be_made_keeps_no_other_from_being_made(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    await till.tenant("odd")
    plain = await till.tenant("plain")
    stripe = till.cashier.gateways["stripe"]
    charged = stripe.charge

    async def charge(order: Order) -> Outcome:
        if order.tenant_id == "odd":
            raise KeyError("amount")
        return await charged(order)

    with monkeypatch.context() as patched:
        patched.setattr(stripe, "charge", charge)
        await collect(till.cashier)
        assert (await till.invoice(plain)).state == "paid"
        assert len(till.charged) == 1
    # What was in doubt is done once it can be.
    till.later(3_600)
    await follow(till.cashier)
    assert len(till.charged) == 2
