"""The gateway that moves nothing by itself: what staff say that the bank did is what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final, final

from billing.gateways.protocol import (
    BadWebhook,
    GatewayEvent,
    Order,
    Outcome,
    Payer,
    Refund,
    Saving,
    Transfer,
    Transferred,
    Unsupported,
)
from billing.gateways.remarks import Remark

NAME: Final = "manual"
_NONE: Final[Mapping[str, Outcome]] = {}
_BY_HAND: Final = "bank transfers are made and told by hand"


@final
class ManualGateway:
    """Nobody can be asked, so nothing is ever in doubt."""

    name = NAME
    charges = False
    pages = False

    async def charge(self, order: Order) -> Outcome:
        """Raises Unsupported."""
        raise Unsupported(f"{order.key}: {_BY_HAND}")

    async def checkout(self, order: Order, *, back: str) -> Outcome:
        """Raises Unsupported."""
        raise Unsupported(f"{order.key} (back to {back}): {_BY_HAND}")

    async def look_up(self, reference: str) -> Outcome:
        """Raises Unsupported."""
        raise Unsupported(f"{reference}: {_BY_HAND}")

    async def find(self, order: Order) -> Outcome | None:
        """None: our own books are all there is of an order."""
        return _NONE.get(order.key)

    async def cancel(self, reference: str) -> Outcome:
        """Raises Unsupported."""
        raise Unsupported(f"{reference}: {_BY_HAND}")

    async def refund(self, reference: str, amount: int, key: str) -> Refund:
        """Raises Unsupported: staff transfer it back and tell the bank's reference."""
        del amount, key
        raise Unsupported(f"{reference}: {_BY_HAND}; send it back first, then say under which reference of the bank")

    async def save_method(self, payer: Payer, *, back: str) -> Saving:
        """Raises Unsupported."""
        raise Unsupported(f"{payer.key} (back to {back}): {_BY_HAND}")

    async def saved(self, reference: str) -> Saving:
        """Raises Unsupported."""
        raise Unsupported(f"{reference}: {_BY_HAND}")

    async def transfer(self, transfer: Transfer) -> Transferred:
        """Raises Unsupported."""
        raise Unsupported(f"{transfer.key}: {_BY_HAND}")

    def event(self, body: bytes, headers: Mapping[str, str], now: float) -> GatewayEvent:
        """Raises BadWebhook: a bank posts none."""
        del body, headers, now
        raise BadWebhook("a bank posts no webhooks")

    async def recent(self, since: datetime) -> AsyncIterator[Outcome]:
        """Nothing: what staff told is in our books."""
        del since
        nothing: tuple[Outcome, ...] = ()
        for outcome in nothing:
            yield outcome

    async def examine(self, webhook: str) -> tuple[Remark, ...]:
        """Nothing can be wrong with it."""
        del webhook
        return ()

    async def close(self) -> None:
        """There are no connections."""
