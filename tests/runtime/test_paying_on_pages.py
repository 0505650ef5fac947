"""The page of a bill, over HTTP: seen and paid by whoever has its address, and by nobody else."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from msgspec import Struct, structs

from billing.contracts.beginning import Opening
from billing.contracts.model import BillTo
from billing.dunning.stepping import dun
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.payments.by_hand import mark_paid
from billing.payments.repository import PaymentRepository
from billing.periods.cycle import run_cycle
from billing.plans.repository import Plans
from runtime.cycle import billing_desk
from runtime.dunning import collections_of
from runtime.keys import pay_addresses
from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from sandbox.stripe import StripeOptions, StripeSandbox
from storage.scope import TenantScope
from tenancy.resolver import ResolvedTenant
from tests.billing.stage import ACTOR, monthly
from tests.support.clock import FakeClock
from tests.support.platform import Composed, composed, open_site, settings_of

HOST = "platform.localhost"
DAY = 86_400.0


class Counter(Struct):
    """A platform with gateways that stand in, and ways to its bills."""

    platform: Composed
    stripe: StripeSandbox
    btcpay: BtcpaySandbox
    clock: FakeClock
    http: httpx.AsyncClient

    async def tenant(self, tenant_id: str, *, locale: str = "en", grace: float = 0.0) -> TenantScope:
        """A tenant whose first invoice has just been issued, or is a draft while there is grace."""
        stores = self.platform.stores
        await open_site(stores, tenant_id, f"{tenant_id}.localhost")
        desk = billing_desk(stores)
        await Plans(stores.database).publish(monthly())
        tenant = await stores.tenants.get(tenant_id)
        assert tenant is not None
        scope = (await self.site(tenant_id)).scope
        start = datetime.fromtimestamp(self.clock(), UTC).replace(tzinfo=None) - timedelta(days=40)
        await desk.contracts.begin(scope, tenant, monthly().ref, Opening(anchor=start), actor=ACTOR)
        to = BillTo(name="Nordlicht <Verleih>", email="ann@north.example", locale=locale)
        await desk.contracts.set_bill_to(scope, to, actor=ACTOR)
        if grace:
            desk = structs.replace(desk, rules=structs.replace(desk.rules, grace_seconds=int(grace)))
        await run_cycle(desk, datetime.fromtimestamp(self.clock(), UTC).replace(tzinfo=None))
        return scope

    async def site(self, tenant_id: str) -> ResolvedTenant:
        found = await self.platform.stores.resolver.by_id(tenant_id)
        assert found is not None
        return found

    def path(self, tenant_id: str, invoice_id: str = "0") -> str:
        stores = self.platform.stores
        return f"/pay/{pay_addresses(stores.settings, stores.home).token(tenant_id, invoice_id)}"

    async def page(self, tenant_id: str, invoice_id: str = "0") -> str:
        answer = await self.http.get(self.path(tenant_id, invoice_id))
        assert answer.status_code == 200, answer.text
        return answer.text

    async def invoice(self, scope: TenantScope, invoice_id: str = "0") -> Invoice:
        found = await InvoiceRepository(self.platform.stores.database, scope).get(invoice_id)
        assert found is not None
        return found

    async def reference(self, scope: TenantScope) -> str:
        """The gateway's id of the latest payment."""
        made = await PaymentRepository(self.platform.stores.database, scope).about("invoice", "0")
        return made[-1].reference or ""

    async def dun_for(self, days: int) -> None:
        collections = collections_of(self.platform.stores)
        for _ in range(days):
            self.clock.advance(DAY)
            await dun(collections, self.platform.services.cashier)


@pytest.fixture
async def counter(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock
) -> AsyncIterator[Counter]:
    shop = BtcpayOptions(api_keys=("key",), stores=("shop",), confirmed_after=600)
    async with StripeSandbox(StripeOptions(), clock=clock) as stripe, BtcpaySandbox(shop, clock=clock) as btcpay:
        settings = settings_of(
            tmp_path,
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database_name,
            STRIPE__SECRET_KEY="sk_test_1",
            STRIPE__WEBHOOK_SECRETS="whsec_here",
            STRIPE__API_BASE=stripe.url,
            STRIPE__CRYPTO="true",
            BTCPAY__URL=btcpay.url,
            BTCPAY__STORE="shop",
            BTCPAY__API_KEY="key",
            BTCPAY__WEBHOOK_SECRET="hush",
            BILLING__GRACE_SECONDS="0",
            BILLING__ISSUER__NAME="Lantern Media Platform",
            BILLING__ISSUER__BANK="IBAN DE02 1203 0000\nBIC BYLADEM1001",
        )
        async with composed(settings, clock=clock) as platform, platform.client(HOST) as http:
            yield Counter(platform, stripe, btcpay, clock, http)


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
