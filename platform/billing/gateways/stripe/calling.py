"""The client of Stripe's library, and what its errors mean for us."""

from __future__ import annotations

from types import TracebackType

import stripe
from stripe import HTTPXClient, StripeClient

from billing.gateways.protocol import AmountTooSmall, GatewayRefused, GatewayUnavailable, UnknownObject

TIMEOUT_SECONDS = 8.0
RETRIES = 1


def client_of(secret_key: str, api_base: str | None, retries: int) -> tuple[StripeClient, HTTPXClient]:
    """A client that waits and retries within bounds, and its connections, which somebody has to close."""
    connections = HTTPXClient(timeout=TIMEOUT_SECONDS)
    # Timings of our other calls are none of its business.
    stripe.enable_telemetry = False
    client = StripeClient(
        secret_key,
        http_client=connections,
        max_network_retries=retries,
        base_addresses={"api": api_base} if api_base else {},
    )
    return client, connections


class Asking:
    """`with asking:` around the library's calls. A declined card passes through: it is an answer.

    What leaves open whether it was done is GatewayUnavailable, a refusal GatewayRefused.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        match error:
            case None | stripe.CardError():
                return
            case stripe.AuthenticationError() | stripe.PermissionError():
                # Nobody's fault who pays: it is asked again once the key is right.
                raise GatewayUnavailable("Stripe does not accept the key (setting stripe.secret_key)") from error
            case stripe.IdempotencyError() | stripe.RateLimitError():
                raise GatewayUnavailable(_said(error)) from error
            case stripe.InvalidRequestError() if error.http_status == _NOT_FOUND:
                raise UnknownObject(_said(error)) from error
            case stripe.InvalidRequestError() if error.code == _TOO_SMALL:
                raise AmountTooSmall(_said(error)) from error
            case stripe.InvalidRequestError() if error.http_status != _CONFLICT:
                raise GatewayRefused(_said(error)) from error
            case stripe.StripeError():
                raise GatewayUnavailable(_said(error)) from error
            case _:
                return


def _said(error: stripe.StripeError) -> str:
    return f"Stripe: {error.user_message or type(error).__name__}"


_NOT_FOUND = 404
_CONFLICT = 409
_TOO_SMALL = "amount_too_small"
asking = Asking()
