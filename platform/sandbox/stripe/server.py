"""The sandbox as a whole: start it, turn its knobs, ask what it saw."""

from collections.abc import Callable, Mapping
from typing import Any, Self, final

from sandbox.http.clock import Clock
from sandbox.http.exchange import Answer, Request
from sandbox.http.faults import Rule
from sandbox.http.server import HttpSandbox
from sandbox.http.store import Document

from . import charges, checkout, refunds
from .api import Api
from .desk import Desk
from .events import endpoint_made, posted, signed
from .model import StripeOptions
from .pages import Pages
from .render import shown
from .world import World


@final
class StripeSandbox(HttpSandbox):
    """Stripe on loopback: `async with StripeSandbox(StripeOptions(...)) as sandbox`; clients talk to `sandbox.url`.

    `desk`: what payers, banks and payees do. `faults` and `webhook_faults` may be turned at any time; `counters` count
    requests by route ("POST /v1/refunds"), answers by status ("status 402") and replays ("replayed").
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
        self.desk = Desk(self.world)
        self._api = Api(self.world, self.counters)
        self._pages = Pages(self.world)

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

    def charged(self, name: str, **about: str) -> dict[str, list[int]]:
        """Minor units of each charge that went through, by the value of this entry of the metadata, oldest first.

        `about` are entries that a charge must have beside.
        """
        found: dict[str, list[int]] = {}
        for charge in self.world.all("charge"):
            said = charge["metadata"]
            if charge["status"] == "succeeded" and name in said and about.items() <= said.items():
                found.setdefault(said[name], []).append(charge["amount_captured"])
        return found

    def worth(self) -> dict[str, int]:
        """Minor units that the account holds by currency, less the fees, also what cannot be transferred yet."""
        sums: dict[str, int] = {}
        for each in self.world.all("balance_transaction"):
            sums[each["currency"]] = sums.get(each["currency"], 0) + each["net"]
        return sums

    def redeliver(self, event: str) -> None:
        """Post an event again to whoever listens. Raises LookupError for one that there is not."""
        found = self.store.get("event", event)
        if found is None:
            raise LookupError(event)
        for endpoint in self.world.all("webhook_endpoint"):
            posted(self.world, found, endpoint)
        self.tick()

    def deeds(self) -> Mapping[str, Callable[[str], object]]:
        """What timers do."""
        world = self.world
        return {
            "cost_known": lambda key: charges.cost_known(world, key),
            "disputed": self.desk.disputed,
            "refund_failed": lambda key: refunds.bounced(world, key),
            "refund_pending": lambda key: refunds.arrived(world, key),
            "session_over": lambda key: checkout.over(world, key),
            "settled": self.desk.settle,
        }

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """What can be commanded over HTTP."""
        return {
            "objects": self.objects,
            "charges": lambda: self.charges,
            "moved": self.moved,
            "charged": self.charged,
            "worth": self.worth,
            "redeliver": self.redeliver,
            "listen": self.listen,
            **self.desk.verbs(),
        }

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """A request of the API, or for a page."""
        if request.path.startswith("/v1/"):
            return await self._api.answer(request, rule)
        return self._pages.answer(request)
