"""Many do the same at the same moment: nothing is given back, taken off or bought more often than it can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from billing.checking.tenant import check_tenant
from billing.gateways.protocol import GatewayUnavailable
from billing.invoices.credit_note import CreditTooLarge
from billing.invoices.crediting import credit
from billing.memberships.ending import refund_purchase
from billing.payments.by_hand import mark_paid
from billing.payments.charging import charge
from billing.payments.errors import BadAmount
from billing.payments.refunding import refund
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.memberships.club import MONTH, Club, club_on
from tests.billing.payments.till import DUE, Till
from tests.billing.stage import ACTOR, Stage


@pytest.fixture
async def club(stage: Stage, cache: Cache) -> AsyncIterator[Club]:
    async with club_on(stage, cache) as made:
        yield made


@pytest.fixture
def till(club: Club) -> Till:
    return club.till


async def findings(till: Till, scope: TenantScope) -> list[str]:
    checked = await check_tenant(till.stage.database, scope, till.stage.desk.now())
    return [each.what for each in checked.findings if not each.what.startswith("stats:")]


async def test_clicking_many_times_at_once_begins_one_purchase_and_one_page(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    begun = await asyncio.gather(*(club.begin(scope, viewer) for _ in range(8)), return_exceptions=True)
    there = [each for each in begun if not isinstance(each, BaseException)]
    assert all(isinstance(each, GatewayUnavailable) for each in begun if isinstance(each, BaseException))
    assert len({each.purchase.id for each in there}) == 1
    assert len({each.payment.url for each in there}) == 1
    assert len(club.till.sandbox.objects("checkout.session")) == 1


async def test_refunds_at_once_give_back_no_more_than_came(club: Club) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    half = MONTH // 2
    done = await asyncio.gather(
        *(refund_purchase(club.desk, scope, purchase.id, amount=half, actor=ACTOR) for _ in range(4)),
        return_exceptions=True,
    )
    assert all(isinstance(each, BadAmount) for each in done if isinstance(each, BaseException))
    await club.news()
    payment = await club.payment(scope, purchase.id)
    assert (payment.refunded, payment.kept) == (2 * half, MONTH - 2 * half)
    assert sum(each["amount"] for each in club.till.sandbox.objects("refund")) == 2 * half
    assert await findings(club.till, scope) == []


async def test_credit_notes_at_once_take_back_no_more_than_was_charged(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    office = till.stage.desk.office
    done = await asyncio.gather(
        *(credit(office, scope, "0", amount=400, reason="an outage", actor=ACTOR) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, CreditTooLarge) for each in done) == 3
    numbers = sorted(each.number or "" for each in done if not isinstance(each, BaseException))
    assert numbers == ["MQ-C-2026-000001", "MQ-C-2026-000002"]
    assert (await till.balances(scope))["credit"] == -800
    assert await findings(till, scope) == []


async def test_two_of_staff_who_book_a_transfer_at_once_book_it_once(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    told = ("R1", "R1", " R1 ", "R2")
    await asyncio.gather(
        *(mark_paid(till.cashier, scope, "0", reference=each, amount=DUE, actor=ACTOR) for each in told)
    )
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due, invoice.paid) == ("paid", 0, DUE)
    # The second transfer is the tenant's credit.
    assert await till.balances(scope) == {"cash.bank": 2 * DUE, "credit": -DUE}
    assert await findings(till, scope) == []


async def test_a_credit_note_a_transfer_and_a_charge_at_once_leave_nothing_over(till: Till) -> None:
    scope = await till.tenant("north")
    await asyncio.gather(
        charge(till.cashier, scope, "0"),
        mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE, actor=ACTOR),
        credit(till.stage.desk.office, scope, "0", amount=DUE, reason="a gift", actor=ACTOR),
    )
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due) == ("paid", 0)
    held = await till.balances(scope)
    assert held["credit"] == -(DUE + sum(till.charged))
    assert await findings(till, scope) == []


async def test_two_payments_refunded_at_once_do_not_spend_the_same_credit(till: Till) -> None:
    scope = await till.tenant("north")
    first = await charge(till.cashier, scope, "0")
    second = await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE, actor=ACTOR)
    await asyncio.gather(
        refund(till.cashier, scope, first.id, actor=ACTOR),
        refund(till.cashier, scope, second.id, actor=ACTOR, reference="BACK"),
    )
    assert (await till.invoice(scope)).due == DUE
    held = await till.balances(scope)
    assert held.get("credit", 0) == 0
    assert await findings(till, scope) == []
