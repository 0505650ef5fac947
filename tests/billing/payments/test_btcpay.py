"""Payments by BTCPay Server: in parts, too much, too late, never settled, and announced by signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import Struct

from billing.gateways.btcpay.gateway import BtcpayGateway
from billing.gateways.protocol import BadWebhook, GatewayUnavailable, Unsupported
from billing.payments.asking import resume
from billing.payments.cashier import Cashier
from billing.payments.charging import begin, pay_link
from billing.payments.errors import StillOpen
from billing.payments.model import Payment
from billing.payments.reconciling import reconcile
from billing.payments.refunding import refund
from billing.webhooks.work import work
from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from storage.scope import TenantScope
from tests.billing.payments.till import BACK, DUE, Till, purchase
from tests.billing.stage import ACTOR

SECRET = "sandbox"


class Shop(Struct):
    """A BTCPay Server beside the till."""

    till: Till
    server: BtcpaySandbox
    gateway: BtcpayGateway
    cashier: Cashier

    async def page(self, scope: TenantScope) -> Payment:
        return await pay_link(self.cashier, scope, "0", back=BACK, gateway="btcpay")

    async def now(self, scope: TenantScope, payment: Payment) -> Payment:
        return await resume(self.cashier, scope, payment)

    def later(self, seconds: float) -> None:
        self.till.stage.clock.advance(seconds)
        self.server.tick()


@pytest.fixture
async def shop(till: Till) -> AsyncIterator[Shop]:
    options = BtcpayOptions(api_keys=("key",), stores=("shop",), confirmed_after=600)
    async with BtcpaySandbox(options, clock=till.stage.clock) as server:
        gateway = BtcpayGateway(url=server.url, store="shop", api_key="key", webhook_secret=SECRET)
        yield Shop(till, server, gateway, till.over(*till.cashier.gateways.values(), gateway))
        await gateway.close()


async def test_an_invoice_is_paid_once_the_chain_says_so(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    assert (page.state, (await shop.page(scope)).url) == ("action", page.url)
    shop.server.desk.pay(page.reference or "")
    page = await shop.now(scope, page)
    assert (page.state, page.received) == ("pending", 0)
    with pytest.raises(StillOpen):
        await shop.page(scope)
    shop.later(601)
    page = await shop.now(scope, page)
    assert (page.state, page.received, page.flags) == ("succeeded", DUE, ())
    assert (await shop.till.invoice(scope)).state == "paid"
    assert await shop.till.balances(scope) == {"cash.btcpay": DUE}


async def test_parts_are_booked_as_they_settle_and_one_too_late_as_well(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    shop.server.desk.pay(page.reference or "", amount="3.33")
    shop.later(601)
    page = await shop.now(scope, page)
    assert (page.state, page.received) == ("action", 333)
    assert ((await shop.till.invoice(scope)).state, (await shop.till.invoice(scope)).due) == ("issued", 667)
    shop.later(900)
    page = await shop.now(scope, page)
    assert (page.state, page.reason) == ("failed", "PaidPartial")
    shop.server.desk.pay(page.reference or "", amount="6.67")
    shop.later(601)
    await reconcile(shop.cashier)
    page = await shop.till.payment(scope, page.id)
    assert (page.state, page.received, page.flags) == ("succeeded", DUE, ("late",))
    assert (await shop.till.invoice(scope)).state == "paid"
    assert await shop.till.balances(scope) == {"cash.btcpay": DUE}


async def test_what_is_over_becomes_credit(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    shop.server.desk.pay(page.reference or "", amount="12.50", method="BTC-LN")
    page = await shop.now(scope, page)
    assert (page.received, page.flags) == (1_250, ("amount",))
    assert await shop.till.balances(scope) == {"cash.btcpay": 1_250, "credit": -250}


async def test_what_never_settles_moves_nothing_and_another_page_is_opened(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    shop.server.desk.pay(page.reference or "")
    shop.server.desk.lose(page.reference or "")
    another = await shop.page(scope)
    assert (page.id, another.id) == ("north:0", "north:0:2")
    assert (await shop.till.payment(scope, "north:0")).state == "failed"
    assert await shop.till.balances(scope) == {"receivable": DUE}


@pytest.mark.parametrize("fate", ["drop_before", "drop_after", "error_before", "error_after"])
async def test_without_an_answer_there_is_one_invoice_all_the_same(shop: Shop, fate: str) -> None:
    scope = await shop.till.tenant("north", card=None)
    shop.server.faults.next(fate, method="POST", path="/api/v1/stores/shop/invoices")
    with pytest.raises(GatewayUnavailable):
        await begin(shop.cashier, scope, purchase(scope), gateway="btcpay", back=BACK)
    page = await begin(shop.cashier, scope, purchase(scope), gateway="btcpay", back=BACK)
    assert (page.id, page.state) == ("north:m:p1", "action")
    assert len(shop.server.invoices) == 1


async def test_refunds_are_sent_by_hand_and_told(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    shop.server.desk.pay(page.reference or "", method="BTC-LN")
    await shop.now(scope, page)
    with pytest.raises(Unsupported):
        await refund(shop.cashier, scope, page.id, 200, actor=ACTOR)
    payment = await refund(shop.cashier, scope, page.id, 200, actor=ACTOR, reference="tx-1")
    assert (payment.refunded, (await shop.till.invoice(scope)).due) == (200, 200)


async def test_webhooks_are_believed_by_their_signature_and_only_for_where_to_look(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    now = shop.till.stage.clock()
    told: dict[str, Any] = {"deliveryId": "d1", "type": "InvoiceSettled", "timestamp": int(now), "storeId": "shop"}
    told["invoiceId"] = page.reference

    def proof(body: bytes, secret: str = SECRET) -> dict[str, str]:
        return {"btcpay-sig": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}

    body = json.dumps(told).encode()
    event = shop.gateway.event(body, proof(body), now)
    assert (event.id, event.reference) == ("d1", page.reference)
    # It says that it is settled; it is not.
    assert await work(shop.cashier, {"gateway": "btcpay", "event": "btcpay:d1", "reference": event.reference}) == (
        "applied"
    )
    assert (await shop.till.invoice(scope)).due == DUE
    elsewhere = json.dumps({**told, "storeId": "other"}).encode()
    assert shop.gateway.event(elsewhere, proof(elsewhere), now).reference is None
    future = json.dumps({**told, "timestamp": int(now) + 61}).encode()
    garbled = b'{"deliveryId": "\xff"}'
    for bad, headers in (
        (body, {}),
        (body, proof(body, "other")),
        (body, {"btcpay-sig": proof(body)["btcpay-sig"].removeprefix("sha256=")}),
        (body, {"btcpay-sig": "sha256=é"}),
        (json.dumps(told, indent=1).encode(), proof(body)),
        (future, proof(future)),
        (garbled, proof(garbled)),
        (b"[]", proof(b"[]")),
    ):
        with pytest.raises(BadWebhook):
            shop.gateway.event(bad, headers, now)


async def test_a_server_that_answers_nonsense_leaves_it_in_doubt(shop: Shop) -> None:
    scope = await shop.till.tenant("north", card=None)
    page = await shop.page(scope)
    shop.server.faults.always("unavailable")
    assert (await shop.now(scope, page)).state == "action"
    report = await reconcile(shop.cashier)
    assert report.unreachable == ["btcpay"]
