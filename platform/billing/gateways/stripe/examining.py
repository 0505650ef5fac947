"""Is the account at Stripe set up so that money comes in? For `marquee doctor`; nothing is changed there."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Final

import stripe
from stripe import Account, StripeClient, WebhookEndpoint

from billing.gateways.remarks import Listener, Remark, of_webhook

EVENTS: Final = frozenset(
    f"{group}.{each}"
    for group, names in {
        "payment_intent": ("succeeded", "payment_failed", "processing", "requires_action", "canceled"),
        "checkout.session": ("completed", "async_payment_succeeded", "async_payment_failed", "expired"),
        "charge": ("refunded", "updated"),
        "charge.dispute": ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
        "refund": ("created", "updated", "failed"),
        "transfer": ("reversed",),
    }.items()
    for each in names
)
"""What the webhook endpoint has to be told of."""
# There is nothing of this id: who may change it is told so, and who may not is told that instead.
_NONE: Final = "none"


async def examined(client: StripeClient, key: str, webhook: str, *, crypto: bool) -> tuple[Remark, ...]:
    """The account, the key and the webhook endpoint, as far as the key may see them."""
    try:
        account = await _account(client, key, crypto=crypto)
        return (*account, *await _permissions(client), await _webhook(client, webhook))
    except stripe.AuthenticationError:
        return (Remark("bad", "Stripe does not accept the key (setting stripe.secret_key)"),)
    except stripe.StripeError as error:
        return (Remark("bad", f"no answer from Stripe: {error.user_message or type(error).__name__}"),)


async def _account(client: StripeClient, key: str, *, crypto: bool) -> list[Remark]:
    live = "_live_" in key
    mode = "live" if live else "test mode, no money moves"
    try:
        account = await client.v1.accounts.retrieve_current_async()
    except stripe.PermissionError:
        # Stripe shows the account to whole keys alone.
        return [Remark("ok" if live else "note", f"the key is accepted; {mode}")]
    currency = (account.default_currency or "").upper()
    said = [Remark("ok" if live else "note", f"account {account.id}: {account.country}, {currency}; {mode}")]
    if not account.charges_enabled:
        said.append(Remark("bad", "the account takes no payments yet: complete its details in Stripe's dashboard"))
    if crypto and not _can(account, "crypto_payments"):
        said.append(Remark("bad", "stripe.crypto is set, but stablecoins are not switched on in Stripe's dashboard"))
    return said


def _can(account: Account, capability: str) -> bool:
    return account.capabilities is not None and account.capabilities.to_dict().get(capability) == "active"


async def _permissions(client: StripeClient) -> list[Remark]:
    api = client.v1
    needed: Mapping[str, Awaitable[object]] = {
        "write Customers": api.customers.update_async(_NONE),
        "write Checkout Sessions": api.checkout.sessions.expire_async(_NONE),
        "write PaymentIntents": api.payment_intents.cancel_async(_NONE),
        "write Charges and Refunds": api.refunds.update_async(_NONE),
        "read Disputes": api.disputes.list_async({"limit": 1}),
        "read Balance": api.balance_transactions.list_async({"limit": 1}),
    }
    lacking = [name for name, asking in needed.items() if not await _may(asking)]
    said = [Remark("bad", f"the key may not {name}") for name in lacking]
    if not await _may(api.transfers.update_async(_NONE)):
        said.append(Remark("note", "the key may not write Transfers: payouts are made by hand"))
    return said or [Remark("ok", "the key may do all that is needed")]


async def _may(asking: Awaitable[object]) -> bool:
    try:
        await asking
    except stripe.PermissionError:
        return False
    except stripe.InvalidRequestError:
        return True
    return True


async def _webhook(client: StripeClient, webhook: str) -> Remark:
    try:
        listed = await client.v1.webhook_endpoints.list_async({"limit": 100})
    except stripe.PermissionError:
        return Remark("note", "the key may not read Webhook Endpoints: whether one is there was not looked at")
    return of_webhook(webhook, [_listener(each) for each in listed.data], EVENTS)


def _listener(endpoint: WebhookEndpoint) -> Listener:
    told = frozenset(endpoint.enabled_events)
    return Listener(endpoint.url, endpoint.status == "enabled", None if "*" in told else told)
