"""The sandbox as a whole: start it, turn its knobs, ask what it saw."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Self, final

from sandbox.http.clock import Clock
from sandbox.http.exchange import Answer, Request
from sandbox.http.faults import Rule
from sandbox.http.server import HttpSandbox
from sandbox.http.store import Document

from . import payments, webhooks
from .api import Api
from .desk import Desk
from .model import BtcpayOptions
from .pages import answered
from .world import ANY_STORE, World, shown, signed


@final
class BtcpaySandbox(HttpSandbox):
    """BTCPay on loopback: `async with BtcpaySandbox(BtcpayOptions(...)) as sandbox`; clients talk to `sandbox.url`.

    `desk`: what payers and the network do. `faults` and `webhook_faults` may be turned at any time; `counters` count
    requests by route ("POST /api/v1/stores/{store}/invoices") and answers by status ("status 422").
    """

    def __init__(self, options: BtcpayOptions | None = None, *, clock: Clock | None = None) -> None:
        self.options = options or BtcpayOptions()
        super().__init__(
            data=self.options.data,
            port=self.options.port,
            clock=clock,
            sign=signed,
            retry_seconds=self.options.retry_seconds,
            renew=lambda delivery: webhooks.renewed(self.world, delivery),
        )
        self.world = World(self.options, self.store, self.clock, self.timers, self.outbox)
        self.desk = Desk(self.world)
        self._api = Api(self.world, self.counters)

    async def start(self) -> Self:
        """Listen. Raises OSError for a used port."""
        await super().start()
        self.world.url = self.url
        if self.options.webhook_url:
            self.listen(self.options.webhook_url, self.options.webhook_secret)
        return self

    def listen(self, url: str, secret: str, store: str = ANY_STORE) -> None:
        """Post events of a store (or every one) to a URL from now on; the same URL again only changes its secret."""
        known = next((each for each in self.store.all("webhook") if each["url"] == url), None)
        if known is None:
            webhooks.made(self.world, store, url, secret)
        else:
            known["_secret"] = secret
            self.world.save("webhook", known)
        self.store.commit()

    @property
    def invoices(self) -> list[Document]:
        """All invoices, oldest first."""
        return [shown(each) for each in self.store.all("invoice")]

    def moved(self) -> dict[str, str]:
        """What came in and was not lost, in the invoices' currency, by order."""
        sums: dict[str, Decimal] = {}
        for invoice in self.store.all("invoice"):
            order = str(invoice["metadata"].get("orderId", ""))
            sums[order] = sums.get(order, Decimal(0)) + payments.paid(invoice)
        return {order: str(amount) for order, amount in sums.items()}

    def deeds(self) -> Mapping[str, Callable[[str], object]]:
        """What timers do."""
        world = self.world
        return {
            "confirmed": lambda both: payments.confirmed(world, *both.split(" ")),
            "expired": lambda key: payments.expired(world, key),
            "unwatched": lambda key: payments.unwatched(world, key),
        }

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """What can be commanded over HTTP."""
        return {
            "invoices": lambda: self.invoices,
            "moved": self.moved,
            "listen": self.listen,
            **self.desk.verbs(),
        }

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """A request of the API, or for a page."""
        if request.path.startswith("/api/"):
            return await self._api.answer(request, rule)
        return answered(self.world, request)
