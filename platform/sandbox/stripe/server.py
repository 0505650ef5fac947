"""The sandbox as a whole: start it, turn its knobs, ask what it saw."""

from collections.abc import Callable, Mapping
from typing import Any, Self, final

from sandbox.http.clock import Clock
from sandbox.http.exchange import Answer, Request
from sandbox.http.faults import Rule
from sandbox.http.server import HttpSandbox
from sandbox.http.store import Document

from . import attempts, charges
from .api import Api
from .events import endpoint_made, posted, signed
from .model import StripeOptions
from .render import shown
from .world import World


@final
class StripeSandbox(HttpSandbox):
    """Stripe on loopback: `async with StripeSandbox(StripeOptions(...)) as sandbox`; clients talk to `sandbox.url`.

    `faults` and `webhook_faults` may be turned at any time; `counters` count requests by route ("POST /v1/refunds"),
    answers by status ("status 402") and replays ("replayed").
    """

    def __init__(self, options: StripeOptions | None = None, *, clock: Clock | None = None) -> None:
        self.options = options or StripeOptions()
        super().__init__(
            data=self.options.data,
            port=self.options.port,
            clock=clock,
            sign=signed,
            retry_seconds=self.options.retry_seconds,
        )
        self.world = World(self.options, self.store, self.clock, self.timers, self.outbox)
        self._api = Api(self.world, self.counters)

    async def start(self) -> Self:
        """Listen. Raises OSError for a used port."""
        await super().start()
        self.world.url = self.url
        if self.options.webhook_url:
            self.listen(self.options.webhook_url, self.options.webhook_secret)
        return self

    def listen(self, url: str, secret: str, kinds: tuple[str, ...] = ("*",)) -> None:
        """Post events to a URL from now on, signed with the secret; the same URL again only changes its secret."""
        known = next((each for each in self.world.all("webhook_endpoint") if each["url"] == url), None)
        if known is None:
            endpoint_made(self.world, url, kinds, secret)
        else:
            self.world.change(known, _secret=secret)
        self.store.commit()

    def objects(self, kind: str) -> list[Document]:
        """All objects of a kind ("charge", "payment_intent", "refund", …) as the API shows them, oldest first."""
        return [shown(each) for each in self.world.all(kind)]

    @property
    def charges(self) -> list[Document]:
        """Charges that went through, oldest first."""
        return [each for each in self.objects("charge") if each["status"] == "succeeded"]

    @property
    def events(self) -> list[Document]:
        """All events, oldest first."""
        return self.objects("event")

    def moved(self, name: str) -> dict[str, int]:
        """Minor units charged and not refunded, summed up by the value of this entry of the metadata."""
        sums: dict[str, int] = {}
        for charge in self.charges:
            value = charge["metadata"].get(name)
            if value is not None:
                sums[value] = sums.get(value, 0) + charge["amount_captured"] - charge["amount_refunded"]
        return sums

    def redeliver(self, event: str) -> None:
        """Post an event again to whoever listens. Raises LookupError for one that there is not."""
        found = self.store.get("event", event)
        if found is None:
            raise LookupError(event)
        for endpoint in self.world.all("webhook_endpoint"):
            posted(self.world, found, endpoint)
        self.tick()

    def settle(self, intent: str, *, well: bool = True) -> None:
        """Let a payment that is under way arrive now, or fail."""
        attempts.settled(self.world, intent, well=well)
        self.tick()

    def deeds(self) -> Mapping[str, Callable[[str], object]]:
        """What timers do."""
        return {
            "cost_known": lambda key: charges.cost_known(self.world, key),
            "settled": lambda key: attempts.settled(self.world, key),
        }

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """What can be commanded over HTTP."""
        return {
            "objects": self.objects,
            "charges": lambda: self.charges,
            "moved": self.moved,
            "redeliver": self.redeliver,
            "settle": self.settle,
        }

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """A request of the API."""
        return await self._api.answer(request, rule)
