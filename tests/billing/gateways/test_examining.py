"""What `marquee doctor` sees of how a gateway is set up."""

from __future__ import annotations

from billing.gateways.btcpay.gateway import BtcpayGateway
from billing.gateways.remarks import Listener, of_webhook
from billing.gateways.stripe.examining import EVENTS
from billing.gateways.stripe.gateway import StripeGateway
from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from sandbox.stripe import StripeOptions, StripeSandbox

HERE = "https://platform.example/webhooks/stripe"
THERE = "https://platform.example/webhooks/btcpay"


async def stripe_said(options: StripeOptions, key: str = "sk_test_1", *, crypto: bool = False) -> list[tuple[str, str]]:
    async with StripeSandbox(options) as sandbox:
        gateway = StripeGateway(
            secret_key=key, webhook_secrets=["whsec_1"], api_base=sandbox.url, crypto=crypto, retries=0
        )
        try:
            return [(each.verdict, each.said) for each in await gateway.examine(HERE)]
        finally:
            await gateway.close()


async def btcpay_said(options: BtcpayOptions, key: str = "key") -> list[tuple[str, str]]:
    async with BtcpaySandbox(options) as sandbox:
        gateway = BtcpayGateway(url=sandbox.url, store="shop", api_key=key, webhook_secret="s")
        try:
            return [(each.verdict, each.said) for each in await gateway.examine(THERE)]
        finally:
            await gateway.close()


async def test_an_account_at_stripe_that_is_set_up_is_told_with_its_country_and_currency() -> None:
    said = await stripe_said(StripeOptions(webhook_url=HERE), crypto=True)
    assert said == [
        ("note", "account acct_sandbox: US, USD; test mode, no money moves"),
        ("ok", "the key may do all that is needed"),
        ("ok", f"the webhook {HERE} is told of all that is needed"),
    ]
    live = await stripe_said(StripeOptions(webhook_url=HERE), "sk_live_1")
    assert live[0] == ("ok", "account acct_sandbox: US, USD; live")


async def test_what_a_restricted_key_lacks_is_named() -> None:
    lacking = StripeOptions(webhook_url=HERE, denied=("refunds", "disputes", "transfers", "webhook_endpoints"))
    said = await stripe_said(lacking, "rk_live_1")
    assert [verdict for verdict, _ in said] == ["ok", "bad", "bad", "note", "note"]
    assert [text for verdict, text in said if verdict == "bad"] == [
        "the key may not write Charges and Refunds",
        "the key may not read Disputes",
    ]


async def test_a_key_that_is_not_accepted_and_a_service_that_is_away_are_told() -> None:
    assert await stripe_said(StripeOptions(api_keys=("sk_test_other",))) == [
        ("bad", "Stripe does not accept the key (setting stripe.secret_key)")
    ]
    gone = StripeGateway(secret_key="sk_test_1", webhook_secrets=["s"], api_base="http://127.0.0.1:9", retries=0)
    [(verdict, said)] = [(each.verdict, each.said) for each in await gone.examine(HERE)]
    assert (verdict, said.startswith("no answer from Stripe")) == ("bad", True)
    await gone.close()


async def test_looking_makes_and_changes_nothing_at_stripe() -> None:
    async with StripeSandbox(StripeOptions(webhook_url=HERE)) as sandbox:
        gateway = StripeGateway(secret_key="sk_test_1", webhook_secrets=["s"], api_base=sandbox.url, retries=0)
        await gateway.examine(HERE)
        await gateway.close()
        kinds = ("customer", "checkout.session", "payment_intent", "refund", "transfer", "event")
        assert [sandbox.objects(kind) for kind in kinds] == [[]] * len(kinds)


async def test_a_store_of_btcpay_that_is_set_up_is_told() -> None:
    said = await btcpay_said(BtcpayOptions(webhook_url=THERE, stores=("shop",)))
    assert [verdict for verdict, _ in said] == ["ok", "ok", "ok"]
    assert said[0][1].endswith(": synchronized")


async def test_what_a_key_of_btcpay_lacks_is_named() -> None:
    some = ("btcpay.store.canviewinvoices:shop", "btcpay.store.cancreateinvoice", "btcpay.store.canmodifyinvoices:b")
    said = await btcpay_said(BtcpayOptions(permissions=some))
    assert [text for verdict, text in said if verdict == "bad"] == [
        "the key lacks the permission “Modify invoices” for store shop",
        f"no webhook posts to {THERE}",
    ]
    assert (await btcpay_said(BtcpayOptions(api_keys=("other",))))[1] == (
        "bad",
        "BTCPay does not accept the key (setting btcpay.api_key)",
    )
    assert (await btcpay_said(BtcpayOptions(stores=("elsewhere",))))[-1] == (
        "bad",
        "the key opens no store shop (setting btcpay.store)",
    )


def test_a_webhook_counts_where_it_is_at_our_address_enabled_and_told_of_everything_needed() -> None:
    def verdict(*listeners: Listener) -> str:
        return of_webhook(HERE, listeners, EVENTS).said.removeprefix(f"the webhook {HERE} ")

    assert verdict(Listener("https://elsewhere.example/webhooks/stripe", True, None)) == f"no webhook posts to {HERE}"
    assert verdict(Listener(HERE, False, None)) == "is disabled"
    some = EVENTS - {"refund.failed", "charge.refunded"}
    assert verdict(Listener(HERE, True, some)) == "is not told of charge.refunded, refund.failed"
    assert verdict(Listener(HERE, True, some), Listener(HERE, True, EVENTS - some)) == "is told of all that is needed"
    assert verdict(Listener("http://platform.example:8080/webhooks/stripe", True, None)) == (
        "is told of all that is needed"
    )
