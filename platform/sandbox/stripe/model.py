"""How a sandbox Stripe is set up, and what its clients may do to it."""

from pathlib import Path

import msgspec

API_VERSION = "2026-10-28.endive"
DAY = 86_400.0
KINDS = {
    "acct": "account",
    "ch": "charge",
    "cs_test": "checkout.session",
    "cus": "customer",
    "du": "dispute",
    "evt": "event",
    "pi": "payment_intent",
    "pm": "payment_method",
    "re": "refund",
    "seti": "setup_intent",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "txn": "balance_transaction",
    "we": "webhook_endpoint",
}
"""What an object is, by the beginning of its id."""


class StripeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts are in minor units, times in seconds of the sandbox's clock.

    data: folder that keeps the state; without it all is forgotten. api_keys: who may call; None: any `sk_…` or `rk_…`.
    denied: what a restricted key (`rk_…`) may not ask for, by the first step of the path ("refunds").
    webhook_url: where events are posted, signed with `webhook_secret`. fee_bps + fee_fixed of every card charge,
    crypto_fee_bps of every crypto one. fee_after: how late a charge's balance transaction is known (Stripe: up to an
    hour, by `charge.updated`). processing_for: how long a crypto payment or a pending refund takes. available_after:
    until a charge can be transferred. search_lag: until the search finds a new object. idempotency_for:
    how long keys are kept. retry_seconds: pauses before a refused webhook comes again.
    """

    data: Path | None = None
    port: int = 0
    api_keys: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"  # noqa: S105 - a stand-in's, known to everybody
    fee_bps: int = 290
    fee_fixed: int = 30
    crypto_fee_bps: int = 150
    dispute_fee: int = 1500
    fee_after: float = 0.0
    processing_for: float = 60.0
    available_after: float = 2 * DAY
    search_lag: float = 0.0
    idempotency_for: float = DAY
    session_for: float = DAY
    retry_seconds: tuple[float, ...] = (5, 60, 300, 1800, 7200, 18_000, 36_000, 43_200, 43_200, 43_200)
