"""A gateway whose questions wait for each other, which tells how many were asked at once."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from msgspec import Struct, field, structs

from billing.gateways.protocol import Gateway
from billing.payments.cashier import Cashier

PATIENCE_SECONDS = 20


class Turnstile(Struct):
    """Lets nobody through before as many wait as are to be there at once, and counts them."""

    wanted: int
    inside: int = 0
    most: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_through(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside >= self.wanted:
            self.full.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.full.wait()
        # Whoever would come in beside has the time to.
        await asyncio.sleep(0.02)
        self.inside -= 1


class _Slow:
    def __init__(self, gateway: Gateway, turnstile: Turnstile, verb: str) -> None:
        self._gateway, self._turnstile, self._verb = gateway, turnstile, verb

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._gateway, name)
        if name != self._verb:
            return verb

        async def asked(*given: Any, **options: Any) -> Any:
            await self._turnstile.pass_through()
            return await verb(*given, **options)

        return asked


def slowed(cashier: Cashier, verb: str, turnstile: Turnstile) -> Cashier:
    """The cashier, whose Stripe is asked this verb through the turnstile."""
    gateway = cast("Gateway", _Slow(cashier.gateway("stripe"), turnstile, verb))
    return structs.replace(cashier, gateways={**cashier.gateways, "stripe": gateway})
