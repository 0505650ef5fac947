"""One payment's trouble is no other's."""

from __future__ import annotations

import pytest

from billing.gateways.protocol import Order, Outcome
from billing.payments.by_hand import mark_paid
from billing.payments.collecting import collect
from billing.payments.reconciling import follow, reconcile
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
