"""A site is not closed while the payment for it is under way, and not kept open by one for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec import Struct

from billing.gateways.btcpay.gateway import BtcpayGateway
from billing.payments.charging import pay_link
from billing.payments.model import Payment
from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.dunning.collector import Collector, collector_on
from tests.billing.payments.till import BACK
from tests.billing.stage import Stage, at

HOLD = "2026-03-01T01:00"
MINUTE_BEFORE = "2026-03-01T00:59"


class Chain(Struct):
    """A collector, and a BTCPay Server whose payments take as long to be confirmed as we like."""

    collector: Collector
    server: BtcpaySandbox

    async def paid(self, scope: TenantScope) -> Payment:
        """What is due is on its way."""
        page = await pay_link(self.collector.cashier, scope, "0", back=BACK, gateway="btcpay")
        self.server.desk.pay(page.reference or "")
        return page

    async def tick_at(self, when: str) -> None:
        self.collector.stage.set_time(at(when))
        self.server.tick()
        await self.collector.tick()


@pytest.fixture
async def chain(stage: Stage, cache: Cache) -> AsyncIterator[Chain]:
    options = BtcpayOptions(api_keys=("key",), stores=("shop",), confirmed_after=30 * 86_400)
    async with BtcpaySandbox(options, clock=stage.clock) as server:
        collector = await collector_on(stage, cache)
        gateway = BtcpayGateway(url=server.url, store="shop", api_key="key", webhook_secret="sandbox")
        collector.cashier = collector.over(gateway)
        yield Chain(collector, server)
        await gateway.close()


async def test_a_payment_that_nobody_told_of_is_found_before_the_site_is_closed(chain: Chain) -> None:
    collector = chain.collector
    scope = await collector.tenant("north")
    await collector.until(MINUTE_BEFORE)
    page = await chain.paid(scope)
    await chain.tick_at(HOLD)
    assert await collector.status(scope) == "past_due"
    assert (await collector.dunning(scope)).next_at == at(HOLD) + timedelta(hours=1)
    chain.server.desk.confirm(page.reference or "")
    await chain.tick_at("2026-03-01T02:00")
    assert (await collector.stage.invoice(scope, "0")).state == "paid"
    assert await collector.status(scope) == "active"
    assert "site.suspend" not in await collector.deeds(scope)
    assert not [each for each in collector.outbox.subjects if "suspended" in each and "will" not in each]


async def test_a_payment_that_came_to_nothing_closes_it_an_hour_later(chain: Chain) -> None:
    collector = chain.collector
    scope = await collector.tenant("north")
    await collector.until(MINUTE_BEFORE)
    page = await chain.paid(scope)
    await chain.tick_at(HOLD)
    chain.server.desk.lose(page.reference or "")
    await chain.tick_at("2026-03-01T02:00")
    assert await collector.status(scope) == "suspended"


async def test_a_page_that_nobody_pays_on_keeps_nothing_open(chain: Chain) -> None:
    collector = chain.collector
    scope = await collector.tenant("north")
    await collector.until(MINUTE_BEFORE)
    await pay_link(collector.cashier, scope, "0", back=BACK, gateway="btcpay")
    await chain.tick_at(HOLD)
    assert await collector.status(scope) == "suspended"


async def test_what_is_under_way_for_ever_keeps_it_open_for_three_days_and_no_longer(chain: Chain) -> None:
    collector = chain.collector
    scope = await collector.tenant("north")
    await collector.until(MINUTE_BEFORE)
    await chain.paid(scope)
    await chain.tick_at(HOLD)
    chain.server.faults.always("unavailable")
    await collector.until("2026-03-04T00:59")
    assert await collector.status(scope) == "past_due"
    await collector.until("2026-03-04T01:01")
    assert await collector.status(scope) == "suspended"
