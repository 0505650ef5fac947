"""Settings of billing: who the bills are from, and the services that move the money."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from runtime.sections import Positive, SafeAddress, Secret, Section


class Issuer(Section, frozen=True):
    # Who the invoices are from, as tax law wants it on them; `id` leads their numbers (MQ-2026-000001).
    id: Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,8}$")] = "MQ"
    name: str = ""
    address: str = ""
    email: str = ""
    tax_id: str = ""
    country: Annotated[str, Meta(pattern=r"^([A-Z]{2})?$")] = ""
    # Where bank transfers go: shown on invoices that are paid by hand.
    bank: str = ""
    # The time zone whose years count the invoices.
    zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (LookupError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.zone}") from None


class Billing(Section, frozen=True):
    issuer: Issuer = Issuer()
    # Seconds after a period's end in which late usage still comes into its invoice.
    grace_seconds: Annotated[int, Meta(ge=0)] = 86_400
    # A tenant that is more periods behind than this is reported and waits for `marquee billing run --force`.
    lag_threshold: Positive = 60
    # An operator's balance below so many minor units is not paid out but carried to the next statement.
    least_payout: Positive = 1_000
    # The look of invoices and of letters about them: a colour (#rrggbb) and a logo (SVG, PNG, JPEG or WebP).
    accent: Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    logo: Path | None = None
    # A directory of fonts (OTF, TTF) for scripts that the PDFs' own lack, such as Chinese, Japanese and Korean.
    fonts: Path | None = None


class Stripe(Section, frozen=True):
    # The secret (or a restricted) key of the platform's Stripe account. Empty: no Stripe.
    secret_key: Secret | None = None
    # The signing secrets of the webhook endpoint; two while one is being replaced.
    webhook_secrets: tuple[Secret, ...] = ()
    # Another address than Stripe's own: https, or this machine, where a sandbox may listen.
    api_base: SafeAddress | None = None
    # Whether Checkout offers stablecoins for payments in USD; the account needs the capability.
    crypto: bool = False

    def __post_init__(self) -> None:
        if (self.secret_key is None) != (not self.webhook_secrets):
            raise ValueError("secret_key and webhook_secrets belong together")


class Btcpay(Section, frozen=True):
    # A BTCPay Server: its address, the id of the store, a key that may create and view invoices. Empty: none.
    url: SafeAddress | None = None
    store: str | None = None
    api_key: Secret | None = None
    # The secret of the store's webhook.
    webhook_secret: Secret | None = None

    def __post_init__(self) -> None:
        given = [each is not None for each in (self.url, self.store, self.api_key, self.webhook_secret)]
        if any(given) and not all(given):
            raise ValueError("url, store, api_key and webhook_secret belong together: set all four or none")
