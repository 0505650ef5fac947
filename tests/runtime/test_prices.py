"""What the gateways that are set up would not take is told by `marquee doctor`, whenever it was set."""

from __future__ import annotations

import json

import pytest

from billing.gateways.btcpay.gateway import BtcpayGateway
from billing.gateways.manual.gateway import ManualGateway
from billing.gateways.stripe.gateway import StripeGateway
from runtime.cli import run
from runtime.prices import price_remarks
from tenancy.model import MembershipOffer, Tenant
from tests.billing.stage import monthly
from tests.support.cli import Capture, said


def prices(capsys: Capture) -> list[tuple[str, str]]:
    """What the doctor says of prices."""
    run(["doctor", "--json"])
    found = json.loads(capsys.readouterr().out)
    return [(each["verdict"], each["said"]) for each in found if each["what"] == "prices"]


@pytest.mark.usefixtures("home")
def test_prices_that_were_set_before_stripe_was_are_told_of(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    for tenant in ("acme", "dear", "shut"):
        said(capsys, "tenant", "create", tenant, "--domain", f"{tenant}.example")
    said(capsys, "tenant", "set", "acme", "membership.enabled=true", "membership.monthly=30", "membership.yearly=500")
    said(capsys, "tenant", "set", "dear", "membership.enabled=true", "membership.monthly=500")
    said(capsys, "tenant", "set", "shut", "membership.monthly=30")
    assert prices(capsys) == [], "by transfer anything can be paid"
    monkeypatch.setenv("MARQUEE_STRIPE__SECRET_KEY", "sk_test_1")
    monkeypatch.setenv("MARQUEE_STRIPE__WEBHOOK_SECRETS", '["whsec_1"]')
    monkeypatch.setenv("MARQUEE_STRIPE__API_BASE", "http://127.0.0.1:9")
    assert prices(capsys) == [("bad", "acme: membership.monthly: $0.30 is less than can be charged, $0.50 (stripe)")]
    said(capsys, "tenant", "set", "acme", "membership.monthly=50")
    assert prices(capsys) == [("ok", "every price of sites and plans can be charged")]


async def test_what_one_gateway_takes_is_noted_and_small_plans_are() -> None:
    stripe = StripeGateway(secret_key="sk_test_1", webhook_secrets=["whsec_1"])
    btcpay = BtcpayGateway(url="http://127.0.0.1:9", store="shop", api_key="key", webhook_secret="s")
    offer = MembershipOffer(enabled=True, monthly=30)
    site = Tenant(id="acme", domain="acme.example", membership=offer, currency="USD")
    plans = [monthly(id="tiny", base=20), monthly(id="free", base=0), monthly(id="fine", base=50)]
    try:
        said = [(each.verdict, each.said) for each in price_remarks([ManualGateway(), stripe, btcpay], [site], plans)]
    finally:
        await stripe.close()
        await btcpay.close()
    assert said == [
        ("note", "acme: membership.monthly: $0.30 is less than can be charged, $0.50 (stripe)"),
        ("note", "tiny@1: $0.20 alone is less than can be charged, $0.50: carried until it is enough"),
    ]
