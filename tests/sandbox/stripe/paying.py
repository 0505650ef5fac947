"""Clients and payments as the tests make them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import stripe
from stripe.params import PaymentIntentCreateParams

from sandbox.stripe import StripeSandbox

SECRET = "whsec_of_the_tests"


@asynccontextmanager
async def client_of(
    sandbox: StripeSandbox, key: str = "sk_test_tests", *, retries: int = 0, timeout: float = 5
) -> AsyncGenerator[stripe.StripeClient]:
    """The library as it comes, talking to the sandbox."""
    async with client_at(sandbox.url, key, retries=retries, timeout=timeout) as client:
        yield client


@asynccontextmanager
async def client_at(
    url: str, key: str = "sk_test_tests", *, retries: int = 0, timeout: float = 5
) -> AsyncGenerator[stripe.StripeClient]:
    """The library as it comes, talking to an address."""
    connection = stripe.HTTPXClient(timeout=timeout)
    close: Callable[[], Awaitable[None]] = connection.close_async
    try:
        yield stripe.StripeClient(key, base_addresses={"api": url}, http_client=connection, max_network_retries=retries)
    finally:
        await close()


async def pay(
    client: stripe.StripeClient, method: str = "pm_card_visa", *, key: str | None = None, **told: Any
) -> stripe.PaymentIntent:
    """Create and confirm an intent of 20.00 USD by card."""
    params: dict[str, Any] = {
        "amount": 2000,
        "currency": "usd",
        "payment_method": method,
        "allowed_payment_method_types": ["card"],
        "confirm": True,
        **told,
    }
    options: stripe.RequestOptions = {"idempotency_key": key} if key else {}
    return await client.v1.payment_intents.create_async(cast("PaymentIntentCreateParams", params), options)


async def saved(client: stripe.StripeClient, customer: str, method: str = "pm_card_visa") -> str:
    """A method that the customer may be charged by when away."""
    intent = await client.v1.setup_intents.create_async(
        {"customer": customer, "payment_method": method, "allowed_payment_method_types": ["card"], "confirm": True}
    )
    assert intent.status == "succeeded"
    return str(intent.payment_method)
