"""Payments as a process composes them: settings, the platform's host, the job and the ticks."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest

from billing.gateways.protocol import Order
from billing.payments.charging import begin
from billing.payments.repository import PaymentRepository
from billing.webhooks.inbox import GATEWAY_EVENT
from runtime.errors import SettingsError
from runtime.handlers import handlers_of
from runtime.jobs import work_one
from runtime.loading import load_settings
from runtime.ticks import ticks_of
from sandbox.stripe import StripeOptions, StripeSandbox
from tests.support.gateways import STRIPE_SECRET, stripe_at
from tests.support.platform import composed, open_site, settings_of

HOST = "platform.localhost"


async def test_a_purchase_is_paid_through_the_platforms_host(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str
) -> None:
    async with StripeSandbox(StripeOptions()) as sandbox:
        settings = settings_of(
            tmp_path,
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database_name,
            **stripe_at(sandbox) | {"STRIPE__WEBHOOK_SECRETS": f"whsec_old,{STRIPE_SECRET}"},
        )
        async with composed(settings) as platform, platform.client(HOST) as client:
            site = await open_site(platform.stores, "north", "north.localhost")
            cashier = platform.services.cashier
            order = Order(
                key="north:m:p1",
                tenant_id="north",
                purpose="membership",
                subject="p1",
                amount=900,
                currency="USD",
                description="A month",
            )
            page = await begin(cashier, site.scope, order, gateway="stripe", back="https://north.localhost/")
            sandbox.desk.pay(page.reference or "", "visa")
            event = next(each for each in sandbox.events if each["type"] == "payment_intent.succeeded")
            body = json.dumps(event).encode()
            stamp = str(int(time.time()))
            proof = hmac.new(STRIPE_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            headers = {"Stripe-Signature": f"t={stamp},v1={proof}"}
            answer = await client.post("/webhooks/stripe", content=body, headers=headers)
            assert answer.status_code == 200
            handler = handlers_of(platform.services)[GATEWAY_EVENT]
            while await work_one(platform.stores.jobs, GATEWAY_EVENT, handler, clock=platform.stores.clock):
                continue
            payment = await PaymentRepository(platform.stores.database, site.scope).get("north:m:p1")
            assert payment is not None
            assert (payment.state, payment.received) == ("succeeded", 900)
            async with platform.client("north.localhost") as elsewhere:
                posted = await elsewhere.post("/webhooks/stripe", content=body, headers=headers)
                assert posted.status_code in {404, 405}
            ticks = {tick.name: tick for tick in ticks_of(platform.services)}
            for name in ("charge invoices", "follow payments", "reconcile payments"):
                await ticks[name].verb()


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"STRIPE__SECRET_KEY": "sk"}, "belong together"),
        ({"STRIPE__WEBHOOK_SECRETS": "whsec"}, "belong together"),
        ({"STRIPE__API_BASE": "http://stripe.example"}, "stripe.api_base"),
        ({"STRIPE__API_BASE": "http://127.0.0.1.evil.example"}, "stripe.api_base"),
        ({"BTCPAY__URL": "https://pay.example"}, "belong together"),
        ({"BTCPAY__URL": "http://pay.example"}, "btcpay.url"),
        ({"BILLING__ISSUER__ZONE": "Mars/Olympus"}, "Mars/Olympus"),
        ({"BILLING__ISSUER__ID": "no spaces"}, "billing.issuer.id"),
        ({"BILLING__LAG_THRESHOLD": "0"}, "billing.lag_threshold"),
    ],
)
def test_settings_that_cannot_be_are_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings({f"MARQUEE_{name}": value for name, value in variables.items()})


def test_secrets_come_out_of_files(tmp_path: Path) -> None:
    for name in ("key", "hooks"):
        (tmp_path / name).write_text(f"{name}_1\n", encoding="utf-8")
    environ = {"MARQUEE_STRIPE__SECRET_KEY_FILE": str(tmp_path / "key")}
    environ["MARQUEE_STRIPE__WEBHOOK_SECRETS_FILE"] = str(tmp_path / "hooks")
    settings = load_settings(environ)
    assert (settings.stripe.secret_key, settings.stripe.webhook_secrets) == ("key_1", ("hooks_1",))
