"""Finds payments at Stripe: by what they say of themselves, and all that were made or touched of late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import stripe
from stripe import ListObject, PaymentIntent, StripeClient
from stripe.params import EventListParams

from billing.gateways.protocol import Order, Outcome
from billing.gateways.stripe.calling import asking
from billing.gateways.stripe.reading import (
    EXPAND,
    id_of,
    metadata_in,
    outcome_of_intent,
    outcome_of_session,
    outcome_of_transfer,
)
from storage.moments import epoch_of

_PAGE: Final = 100
# A refund that the bank sends back fails within 30 days.
_ENDING_SECONDS: Final = 35 * 86_400


async def payment_of(client: StripeClient, order: Order) -> Outcome | None:
    """The payment of an order's key: by the customer's list, which is exact, else by the search, a minute behind."""
    intents = await _of_customer(client, order)
    if not intents:
        query = f"metadata['key']:'{_quoted(order.key)}'"
        with asking:
            found = await client.v1.payment_intents.search_async({"query": query, "limit": _PAGE})
        intents = [each for each in found.data if metadata_in(each).get("key") == order.key]
    if not intents:
        return await _session_of(client, order)
    # Of several the one that brought money.
    best = max(intents, key=lambda each: (each.amount_received, each.created))
    return await outcome_of_id(client, best.id)


async def payments_since(client: StripeClient, since: datetime) -> AsyncIterator[Outcome]:
    """PaymentIntents made since, those whose refund or dispute may have ended since, and transfers reversed since."""
    start = int(epoch_of(since))
    seen: set[str] = set()
    with asking:
        refunds = await client.v1.refunds.list_async({"created": {"gte": start - _ENDING_SECONDS}, "limit": _PAGE})
        disputes = await client.v1.disputes.list_async({"created": {"gte": start}, "limit": _PAGE})
        touched = {id_of(each.payment_intent) async for each in refunds.auto_paging_iter()}
        touched |= {id_of(each.payment_intent) async for each in disputes.auto_paging_iter()}
        intents = await client.v1.payment_intents.list_async(
            {"created": {"gte": start}, "limit": _PAGE, "expand": [f"data.{each}" for each in EXPAND]}
        )
    async for intent in _paged(intents):
        seen.add(intent.id)
        yield await outcome_of_intent(client, intent, refunded=intent.id in touched)
    for reference in touched - seen:
        if reference is not None:
            yield await outcome_of_id(client, reference)
    for reference in await _reversed_since(client, start):
        with asking:
            transfer = await client.v1.transfers.retrieve_async(reference)
        yield outcome_of_transfer(transfer)


async def _reversed_since(client: StripeClient, start: int) -> list[str]:
    """Transfers, by their events: a list of them does not tell when one was reversed. None for a key that sees none."""
    wanted: EventListParams = {"type": "transfer.reversed", "created": {"gte": start}, "limit": _PAGE}
    with asking:
        try:
            events = await client.v1.events.list_async(wanted)
        except stripe.PermissionError:
            return []
        told = [each.data.object async for each in events.auto_paging_iter()]
    return list(dict.fromkeys(str(each["id"]) for each in told))


async def outcome_of_id(client: StripeClient, reference: str) -> Outcome:
    """The outcome of the PaymentIntent of this id. Raises UnknownObject."""
    with asking:
        intent = await client.v1.payment_intents.retrieve_async(reference, {"expand": EXPAND})
    return await outcome_of_intent(client, intent)


async def _of_customer(client: StripeClient, order: Order) -> list[PaymentIntent]:
    if order.customer is None:
        return []
    with asking:
        listed = await client.v1.payment_intents.list_async({"customer": order.customer, "limit": _PAGE})
        return [each async for each in listed.auto_paging_iter() if metadata_in(each).get("key") == order.key]


async def _session_of(client: StripeClient, order: Order) -> Outcome | None:
    """A page that nobody has paid on has no PaymentIntent yet."""
    if order.customer is None:
        return None
    with asking:
        listed = await client.v1.checkout.sessions.list_async({"customer": order.customer, "limit": _PAGE})
    for session in listed.data:
        if session.mode == "payment" and metadata_in(session).get("key") == order.key:
            return await outcome_of_session(client, session)
    return None


async def _paged(found: ListObject[PaymentIntent]) -> AsyncIterator[PaymentIntent]:
    pages = found.auto_paging_iter()
    while True:
        with asking:
            try:
                intent = await anext(pages)
            except StopAsyncIteration:
                return
        yield intent


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
