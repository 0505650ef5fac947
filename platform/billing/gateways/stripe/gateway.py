"""Stripe behind the protocol of gateways. https://docs.stripe.com/api"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, final

import stripe
from stripe import PaymentIntent
from stripe.params import CustomerCreateParams

from billing.gateways.protocol import (
    GatewayEvent,
    GatewayRefused,
    Order,
    Outcome,
    Payer,
    Refund,
    Saving,
    Transfer,
    Transferred,
)
from billing.gateways.remarks import Remark
from billing.gateways.stripe.amounts import from_stripe, to_stripe
from billing.gateways.stripe.calling import RETRIES, asking, client_of
from billing.gateways.stripe.examining import examined
from billing.gateways.stripe.finding import outcome_of_id, payment_of, payments_since
from billing.gateways.stripe.paying import checkout_params, intent_params, saving_params
from billing.gateways.stripe.reading import (
    EXPAND,
    NAME,
    id_of,
    metadata_in,
    outcome_of_intent,
    outcome_of_session,
    outcome_of_transfer,
    refund_of,
)
from billing.gateways.stripe.webhook import stripe_event

_PAGE: Final = 100
_SESSION: Final = "cs_"
_TRANSFER: Final = "tr_"
_CANCELLABLE: Final = ("requires_payment_method", "requires_confirmation", "requires_action")


@final
class StripeGateway:
    """`api_base` stands in for Stripe's own address. `crypto`: Checkout takes stablecoins too, where it is in USD.

    `retries` is how often the library by itself asks again for what got no answer.
    """

    name = NAME
    charges = True
    pages = True

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        crypto: bool = False,
        retries: int = RETRIES,
    ) -> None:
        self._client, self._connections = client_of(secret_key, api_base, retries)
        self._key = secret_key
        self._secrets = tuple(webhook_secrets)
        self._crypto = crypto

    async def charge(self, order: Order) -> Outcome:
        """Confirms a PaymentIntent off-session by the saved card."""
        if order.customer is None or order.method is None:
            raise GatewayRefused("no card was saved")
        params = intent_params(order)
        params["expand"] = EXPAND
        try:
            with asking:
                intent = await self._client.v1.payment_intents.create_async(params, {"idempotency_key": order.key})
        except stripe.CardError as declined:
            intent = await self._declined(declined)
        return await outcome_of_intent(self._client, intent, refunded=False)

    async def _declined(self, declined: stripe.CardError) -> PaymentIntent:
        """The PaymentIntent that a decline leaves behind."""
        about = None if declined.error is None else declined.error.payment_intent
        if about is None:
            raise GatewayRefused(declined.user_message or "the card was declined") from declined
        return await self._intent(about.id)

    async def checkout(self, order: Order, *, back: str) -> Outcome:
        """Opens a Checkout session; a card that pays an invoice is kept for the next."""
        customer = order.customer
        if customer is None and order.purpose == "invoice":
            customer = await self._customer(order.tenant_id, order.key, email=order.email)
        params = checkout_params(order, customer, back=back, crypto=self._crypto and order.currency == "USD")
        with asking:
            session = await self._client.v1.checkout.sessions.create_async(params, {"idempotency_key": order.key})
        return await outcome_of_session(self._client, session)

    async def look_up(self, reference: str) -> Outcome:
        """The outcome of a PaymentIntent (`pi_…`), a Checkout session (`cs_…`) or a transfer (`tr_…`)."""
        if reference.startswith(_TRANSFER):
            with asking:
                return outcome_of_transfer(await self._client.v1.transfers.retrieve_async(reference))
        if not reference.startswith(_SESSION):
            return await outcome_of_id(self._client, reference)
        with asking:
            session = await self._client.v1.checkout.sessions.retrieve_async(reference)
        return await outcome_of_session(self._client, session)

    async def find(self, order: Order) -> Outcome | None:
        """By the customer's list, which is exact, and by the search, which may be a minute behind."""
        return await payment_of(self._client, order)

    async def cancel(self, reference: str) -> Outcome:
        """Expires the session, or cancels the PaymentIntent. What is already paid stays paid."""
        try:
            with asking:
                if reference.startswith(_SESSION):
                    await self._client.v1.checkout.sessions.expire_async(reference)
                else:
                    await self._cancel_intent(reference)
        except GatewayRefused:
            # Closed already, one way or the other: it tells which.
            return await self.look_up(reference)
        return await self.look_up(reference)

    async def _cancel_intent(self, reference: str) -> None:
        intent = await self._intent(reference)
        if intent.status not in _CANCELLABLE:
            return
        sessions = await self._client.v1.checkout.sessions.list_async({"payment_intent": reference, "limit": 1})
        if sessions.data and sessions.data[0].status == "open":
            await self._client.v1.checkout.sessions.expire_async(sessions.data[0].id)
        else:
            await self._client.v1.payment_intents.cancel_async(reference)

    async def refund(self, reference: str, amount: int, key: str) -> Refund:
        """Refunds a PaymentIntent; what was asked under the key before is given again, however long ago."""
        intent = await self._intent(reference)
        currency = intent.currency.upper()
        with asking:
            listed = await self._client.v1.refunds.list_async({"payment_intent": reference, "limit": _PAGE})
            made = [each async for each in listed.auto_paging_iter() if metadata_in(each).get("key") == key]
            if made:
                return refund_of(made[0], currency)
            about = {name: value for name, value in metadata_in(intent).items() if name != "key"} | {"key": key}
            refund = await self._client.v1.refunds.create_async(
                {"payment_intent": reference, "amount": to_stripe(amount, currency), "metadata": about},
                {"idempotency_key": f"refund:{key}"},
            )
        return refund_of(refund, currency)

    async def save_method(self, payer: Payer, *, back: str) -> Saving:
        """Opens a Checkout session that saves a card."""
        customer = payer.customer or await self._customer(
            payer.tenant_id, payer.key, name=payer.name, email=payer.email
        )
        with asking:
            session = await self._client.v1.checkout.sessions.create_async(
                saving_params(payer, customer, back=back), {"idempotency_key": payer.key}
            )
        return Saving(
            reference=session.id, tenant_id=payer.tenant_id, state="action", url=session.url, customer=customer
        )

    async def saved(self, reference: str) -> Saving:
        """What became of the session."""
        with asking:
            session = await self._client.v1.checkout.sessions.retrieve_async(reference, {"expand": ["setup_intent"]})
        intent = session.setup_intent
        method = None if intent is None or isinstance(intent, str) else id_of(intent.payment_method)
        done = session.status == "complete" and method is not None
        return Saving(
            reference=session.id,
            tenant_id=metadata_in(session).get("tenant", ""),
            state="succeeded" if done else "failed" if session.status == "expired" else "action",
            url=session.url,
            customer=id_of(session.customer),
            method=method if done else None,
        )

    async def transfer(self, transfer: Transfer) -> Transferred:
        """Transfers to a Connect account; one that was made under the key before is given again."""
        currency = transfer.currency
        with asking:
            listed = await self._client.v1.transfers.list_async({"transfer_group": transfer.key, "limit": 1})
            made = (
                listed.data[0]
                if listed.data
                else await self._client.v1.transfers.create_async(
                    {
                        "amount": to_stripe(transfer.amount, currency),
                        "currency": currency.lower(),
                        "destination": transfer.account,
                        "description": transfer.description,
                        "transfer_group": transfer.key,
                        "metadata": {"tenant": transfer.tenant_id, "purpose": "payout", "key": transfer.key},
                    },
                    {"idempotency_key": transfer.key},
                )
            )
        return Transferred(
            made.id, from_stripe(made.amount, currency), currency, from_stripe(made.amount_reversed, currency)
        )

    def event(self, body: bytes, headers: Mapping[str, str], now: float) -> GatewayEvent:
        """Checks `Stripe-Signature` over the raw body."""
        return stripe_event(body, headers, now, self._secrets)

    def recent(self, since: datetime) -> AsyncIterator[Outcome]:
        """PaymentIntents made since, those whose refund or dispute may have ended, and transfers reversed since."""
        return payments_since(self._client, since)

    async def examine(self, webhook: str) -> tuple[Remark, ...]:
        """The account, what the key may do, and the webhook endpoint."""
        return await examined(self._client, self._key, webhook, crypto=self._crypto)

    async def close(self) -> None:
        """Closes the connections."""
        close: Callable[[], Awaitable[None]] = self._connections.close_async
        await close()

    async def _intent(self, reference: str) -> PaymentIntent:
        with asking:
            return await self._client.v1.payment_intents.retrieve_async(reference, {"expand": EXPAND})

    async def _customer(self, tenant_id: str, key: str, *, name: str = "", email: str | None) -> str:
        """A customer for the tenant. Within a day the same key gives the same one, and a failure of Stripe's again."""
        about: CustomerCreateParams = {"metadata": {"tenant": tenant_id}, "name": name or tenant_id}
        if email:
            about["email"] = email
        with asking:
            made = await self._client.v1.customers.create_async(about, {"idempotency_key": f"customer:{key}"})
        return made.id
