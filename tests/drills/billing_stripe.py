"""Stripe's stand-in as a process of its own that outlives the schedulers, and the door its webhooks knock at."""

from __future__ import annotations

import random
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from billing.webhooks.inbox import Inbox
from billing.webhooks.routes import webhook_routes
from runtime.health import Health
from runtime.platform_site import platform_app
from runtime.serving import Manners, serving
from storage.jobs import Jobs
from storage.moments import Clock
from storage.mongo import Database
from tests.drills.billing_desks import KEY, SECRET, Desks
from tests.sandbox.processes import running

EVENTS: Final = ("payment_intent.succeeded", "checkout.session.completed")
FATES: Final = ("drop_before", "drop_after", "error_before", "error_after", "unavailable", "rate_limit")


class Stripe(Struct, frozen=True):
    """The process at `url`, its knobs and its own account of the money."""

    url: str
    _client: httpx.AsyncClient

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """Turns a knob or asks for something; see sandbox/http/control.py."""
        answer = await self._client.post(f"{self.url}/_sandbox/{verb}", json=arguments)
        said = answer.json()
        if answer.status_code != 200:
            raise RuntimeError(f"{verb}: {said}")
        return said["gives"]

    async def set_time(self, epoch: float) -> None:
        """Its time goes on to the moment, if it is not there yet."""
        ahead = epoch - float(await self.ask("now"))
        if ahead > 0:
            await self.ask("advance", seconds=ahead)

    async def be_unkind(self, chance: random.Random) -> str:
        """Every few charges, questions and webhooks meet a fate; says which."""
        await self.ask("clear")
        charges, questions = chance.choice(FATES), chance.choice(FATES)
        await self.ask(
            "fail_always", fate=charges, every=chance.randint(2, 5), method="POST", path="/v1/payment_intents"
        )
        await self.ask("fail_always", fate=questions, every=chance.randint(6, 12), method="GET", path="/v1/")
        await self.ask("webhooks", duplicate_every=2, lose_every=chance.randint(3, 6), order="shuffled")
        return f"{charges}, {questions}"

    async def be_kind(self) -> None:
        """All knobs off."""
        await self.ask("clear")


@asynccontextmanager
async def stripe_in(folder: Path) -> AsyncGenerator[Stripe]:
    """A stand-in that keeps its state in the folder."""
    folder.mkdir(parents=True)
    with running("sandbox.stripe", folder / "ready", "--data", folder / "data", "--api-key", KEY) as (_, url):
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            yield Stripe(url, client)


@asynccontextmanager
async def webhooks_taken(
    stripe: Stripe, desks: Desks, database: Database, clock: Clock, due: Clock
) -> AsyncGenerator[None]:
    """The platform's door for webhooks, which the stand-in posts to as long as the block lasts.

    `clock` is the stand-in's, which signatures go by; `due` the schedulers' earliest, at which the jobs are due.
    """
    inbox = Inbox(database, Jobs(database, due), clock)
    app: Any = platform_app(Health({}), webhook_routes(desks.cashier.gateways.get, inbox, clock))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(app, listener, protocol="httptools", manners=Manners(5, 1)):
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/stripe"
            await stripe.ask("listen", url=address, secret=SECRET, kinds=EVENTS)
            yield
