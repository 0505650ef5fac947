"""How a sandbox BTCPay Server is set up, and the words of its API."""

from pathlib import Path
from typing import Final

import msgspec

METHODS: Final = ("BTC-CHAIN", "BTC-LN")
OLD_METHODS: Final = {"BTC": "BTC-CHAIN", "BTC-OnChain": "BTC-CHAIN", "BTC-LightningNetwork": "BTC-LN"}
"""Names from before version 2, which are still taken."""


class BtcpayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Times are in seconds of the sandbox's clock.

    data: folder that keeps the state; without it all is forgotten. api_keys: who may call; None: anybody with a token.
    permissions: what a key says that it may do.
    stores: the stores that there are; None: whichever is asked for. webhook_url: where events of every store are
    posted, signed with `webhook_secret`. rate: one bitcoin in every currency. confirmed_after: how long a payment on
    the chain takes to be settled. retry_seconds: pauses before a refused webhook comes again, as BTCPay's.
    """

    data: Path | None = None
    port: int = 0
    api_keys: tuple[str, ...] | None = None
    permissions: tuple[str, ...] = ("unrestricted",)
    stores: tuple[str, ...] | None = None
    webhook_url: str | None = None
    webhook_secret: str = "sandbox"  # noqa: S105 - a stand-in's, known to everybody
    rate: str = "50000"
    confirmed_after: float = 600.0
    expires_after_minutes: int = 15
    monitored_for_minutes: int = 1440
    retry_seconds: tuple[float, ...] = (10, 60, 600, 600, 600, 600, 600, 600)
