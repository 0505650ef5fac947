"""Premium paid with Bitcoin: what arrived and stayed is had, and settled, exactly once, whoever dies in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from msgspec import Struct, structs

from accounts.model import Viewer
from billing.checking.tenant import check_tenant
from billing.gateways.btcpay.gateway import BtcpayGateway
from billing.gateways.protocol import Unsupported
from billing.ledger.ledger import Ledger
from billing.memberships.buying import Bought, buy, present
from billing.memberships.desk import Desk
from billing.memberships.ending import refund_purchase
from billing.memberships.model import Purchase
from billing.memberships.renewing import renew_due
from billing.payments.reconciling import reconcile
from billing.payments.refunding import refund
from billing.payments.repository import PaymentRepository
from billing.settlements.closing import settle_periods
from billing.settlements.desk import Desk as SettlementDesk
from billing.settlements.repository import StatementRepository
from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from storage.repository import TenantRepository
from storage.scope import TenantScope
from tests.billing.memberships.club import ACTOR, BACK, MONTH, Club
from tests.billing.stage import at

NET = MONTH - 210


class Chain(Struct):
    """A club whose viewers pay with Bitcoin."""

    club: Club
    server: BtcpaySandbox
    desk: Desk

    async def begin(self, scope: TenantScope, viewer: Viewer) -> Bought:
        tenant = await self.desk.tenants.get(scope.tenant_id)
        assert tenant is not None
        return await buy(self.desk, scope, tenant, viewer, "monthly", back=BACK, gateway="btcpay")

    async def pay(self, bought: Bought, amount: str | None = None) -> None:
        """Pays, and the chain confirms it."""
        self.server.desk.pay(bought.payment.reference or "", amount=amount)
        await self.later(601)

    async def later(self, seconds: float) -> None:
        self.club.stage.clock.advance(seconds)
        self.server.tick()
        await reconcile(self.desk.cashier)

    async def settle(self, until: str) -> None:
        """The month ends, is billed and settled."""
        self.club.stage.set_time(at(until))
        await self.club.stage.run()
        await settle_periods(self.settlements)

    @property
    def settlements(self) -> SettlementDesk:
        return SettlementDesk(cashier=self.desk.cashier, tenants=self.desk.tenants, system=self.desk.system)

    async def proven(self, scope: TenantScope) -> None:
        findings = (await check_tenant(self.club.stage.database, scope, self.club.now)).findings
        assert [each.what for each in findings if not each.what.startswith("stats")] == []


@pytest.fixture
async def chain(club: Club) -> AsyncIterator[Chain]:
    options = BtcpayOptions(api_keys=("key",), stores=("shop",), confirmed_after=600)
    async with BtcpaySandbox(options, clock=club.stage.clock) as server:
        gateway = BtcpayGateway(url=server.url, store="shop", api_key="key", webhook_secret="sandbox")
        cashier = club.desk.cashier
        cashier = structs.replace(cashier, gateways={**cashier.gateways, "btcpay": gateway})
        yield Chain(club, server, structs.replace(club.desk, cashier=cashier))
        await gateway.close()


async def test_a_month_is_had_once_the_chain_says_so_and_settled_without_fees(chain: Chain) -> None:
    scope = await chain.club.site()
    viewer = await chain.club.viewer(scope)
    bought = await chain.begin(scope, viewer)
    chain.server.desk.pay(bought.payment.reference or "")
    _, payment = await present(chain.desk, scope, viewer, bought.purchase.id)
    assert payment is not None
    assert (payment.state, await chain.club.is_premium(scope)) == ("pending", False)
    await chain.later(601)
    purchase = await chain.club.purchase(scope, bought.purchase.id)
    assert (purchase.state, purchase.kept, await chain.club.is_premium(scope)) == ("paid", MONTH, True)
    membership = await chain.club.membership(scope)
    assert (membership.renews, membership.can_be_charged) == (True, False), "it is asked for, not charged"
    await chain.settle("2026-02-02")
    statement = await StatementRepository(chain.club.stage.database, scope).get(0)
    assert statement is not None
    assert (statement.figures.gross, statement.fees, statement.balance) == (NET, 0, NET)
    await chain.proven(scope)


async def test_too_little_buys_nothing_until_the_rest_has_come(chain: Chain) -> None:
    scope = await chain.club.site()
    bought = await chain.begin(scope, await chain.club.viewer(scope))
    await chain.pay(bought, "5.00")
    assert (await chain.club.purchase(scope, bought.purchase.id)).state == "open"
    assert not await chain.club.is_premium(scope)
    await chain.pay(bought, "7.10")
    assert (await chain.club.purchase(scope, bought.purchase.id)).kept == MONTH
    assert await chain.club.revenue(scope) == {"memberships": NET, "tax": 210}
    await chain.proven(scope)


async def test_too_much_buys_no_more_and_is_flagged(chain: Chain) -> None:
    scope = await chain.club.site()
    bought = await chain.begin(scope, await chain.club.viewer(scope))
    await chain.pay(bought, "20.00")
    purchase = await chain.club.purchase(scope, bought.purchase.id)
    assert (purchase.kept, purchase.end) == (MONTH, at("2026-02-01T00:10:01"))
    payment = await chain.club.payment(scope, purchase.id)
    assert (payment.received, payment.flags) == (2_000, ("amount",))
    assert sum((await chain.club.revenue(scope)).values()) == 2_000
    await chain.proven(scope)


async def test_what_comes_after_the_page_has_run_out_counts(chain: Chain) -> None:
    scope = await chain.club.site()
    bought = await chain.begin(scope, await chain.club.viewer(scope))
    await chain.later(3_600)
    assert (await chain.club.payment(scope, bought.purchase.id)).state == "failed"
    await chain.pay(bought)
    purchase = await chain.club.purchase(scope, bought.purchase.id)
    assert (purchase.state, await chain.club.is_premium(scope)) == ("paid", True)
    assert (await chain.club.payment(scope, purchase.id)).flags == ("late",)
    await chain.proven(scope)


async def test_it_goes_back_by_hand_and_the_time_with_it(chain: Chain) -> None:
    scope = await chain.club.site()
    bought = await chain.begin(scope, await chain.club.viewer(scope))
    await chain.pay(bought)
    with pytest.raises(Unsupported, match="send it back from BTCPay first"):
        await refund_purchase(chain.desk, scope, bought.purchase.id, actor=ACTOR)
    payment = await chain.club.payment(scope, bought.purchase.id)
    for _ in range(2):
        await refund(chain.desk.cashier, scope, payment.id, MONTH, reference="tx-7", actor=ACTOR)
    assert (await chain.club.purchase(scope, bought.purchase.id)).state == "reversed"
    assert (await chain.club.is_premium(scope), await chain.club.revenue(scope)) == (False, {})
    await chain.proven(scope)


async def test_what_comes_from_who_has_left_is_shown_to_staff_to_be_sent_back(chain: Chain) -> None:
    scope = await chain.club.site()
    bought = await chain.begin(scope, await chain.club.viewer(scope))
    await PaymentRepository(chain.club.stage.database, scope).give_up("membership", bought.purchase.id, chain.club.now)
    await chain.pay(bought)
    await chain.later(61)
    payment = await chain.club.payment(scope, bought.purchase.id)
    assert "owed" in payment.flags
    await refund(chain.desk.cashier, scope, payment.id, reference="tx-7", actor=ACTOR)
    assert (await chain.club.payment(scope, bought.purchase.id)).kept == 0
    await chain.proven(scope)


class Killed(BaseException):
    """The process is gone."""


async def dying(patch: pytest.MonkeyPatch, after: int, deed: Callable[[], Awaitable[object]]) -> bool:
    """Does it, and dies before the write number `after`; whether it came so far."""
    left = after

    def guarded(write: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def written(*args: object, **more: object) -> object:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return await write(*args, **more)

        return written

    with patch.context() as patched:
        for name in ("_insert", "_update", "_put", "_change", "_update_where"):
            patched.setattr(TenantRepository, name, guarded(getattr(TenantRepository, name)))
        try:
            await deed()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("gateway", ["btcpay", "stripe"])
async def test_what_was_paid_is_had_and_settled_once_whoever_dies_at_whichever_write(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, gateway: str
) -> None:
    """Each step is killed at its first write, then at its second and so on, and then done."""
    scope = await chain.club.site()
    viewer = await chain.club.viewer(scope)
    tenant = await chain.desk.tenants.get(scope.tenant_id)
    assert tenant is not None

    async def begin() -> Bought:
        return await buy(chain.desk, scope, tenant, viewer, "monthly", back=BACK, gateway=gateway)

    async def each_write(deed: Callable[[], Awaitable[object]]) -> int:
        deaths = 0
        while await dying(monkeypatch, deaths, deed):
            # In doubt for a minute: the lost answer is looked for then.
            chain.club.stage.clock.advance(61)
            chain.server.tick()
            deaths += 1
        return deaths

    assert await each_write(begin) >= 2
    bought = await begin()
    if gateway == "btcpay":
        chain.server.desk.pay(bought.payment.reference or "")
    else:
        chain.club.till.sandbox.desk.pay(bought.payment.reference or "", "visa")
    chain.club.stage.clock.advance(901)
    chain.server.tick()
    assert await each_write(lambda: reconcile(chain.desk.cashier)) >= 2
    await reconcile(chain.desk.cashier)
    await renew_due(chain.desk)
    purchase: Purchase = await chain.club.purchase(scope, bought.purchase.id)
    assert (purchase.state, purchase.kept, await chain.club.is_premium(scope)) == ("paid", MONTH, True)
    viewer = await chain.club.role(scope, 42)
    assert [each.until for each in viewer.ours.grants] == [purchase.end]
    assert await chain.club.revenue(scope) == {"memberships": NET, "tax": 210}
    chain.club.stage.set_time(at("2026-02-03"))
    await chain.club.stage.run()
    assert await each_write(lambda: settle_periods(chain.settlements)) >= 2
    await settle_periods(chain.settlements)
    statements = [each async for each in StatementRepository(chain.club.stage.database, scope).all()]
    assert [each.figures.gross for each in statements] == [NET]
    assert (await Ledger(chain.club.stage.database).balances(scope)).get("memberships", 0) == 0
    await chain.proven(scope)
