"""Charging issued invoices by their tenants' saved cards, against bare payments of Stripe's own client.

Both talk to the same stand-in for Stripe, a process of its own that answers at once: what is measured is what a charge
costs here, from the invoice that is due to the payment in the books. A real gateway takes its time and sets the pace.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from msgspec import Struct, field
from pymongo import MongoClient
from stripe import StripeClient

from benchmarks.billing_cycle import billed, indexed
from benchmarks.billing_tenants import DUE, seed
from benchmarks.figures import Figure, figure, interleaved
from benchmarks.processes import child, cpu_seconds
from billing.gateways.stripe.gateway import StripeGateway
from billing.payments.cashier import Cashier
from billing.payments.collecting import collect
from billing.payments.lanes import AT_ONCE, in_lanes
from billing.plans.defaults import publish_defaults
from billing.plans.repository import Plans
from storage.audit import Audit
from storage.events import Events
from storage.moments import epoch_of
from storage.mongo import Database
from storage.valkey import Cache
from tests.sandbox.stripe.paying import client_at, pay, saved
from tests.support.engines import engines

CHARGES: Final = 40
ROUNDS: Final = 9
TARGET: Final = 12.0


class Spent(Struct):
    """What rounds of charges took of this process and of mongod, and by the clock."""

    mongod_pid: int
    seconds: list[float] = field(default_factory=list[float])

    async def on(self, work: Awaitable[object]) -> float:
        """CPU milliseconds of a charge."""
        begun, cpu = time.perf_counter(), self._cpu()
        await work
        self.seconds.append(time.perf_counter() - begun)
        return (self._cpu() - cpu) / CHARGES * 1e3

    @property
    def rate(self) -> float:
        """Charges a second."""
        return CHARGES * len(self.seconds) / sum(self.seconds)

    def _cpu(self) -> float:
        return time.process_time() + cpu_seconds(self.mongod_pid)


async def run() -> list[Figure]:
    """A charge against a bare payment."""
    return await asyncio.to_thread(_on_engines)


def _on_engines() -> list[Figure]:
    with engines(on_disk=True) as (mongodb_uri, redis_url):
        return asyncio.run(_at_the_stand_in(mongodb_uri, redis_url))


async def _at_the_stand_in(mongodb_uri: str, redis_url: str) -> list[Figure]:
    async with child("-m", "sandbox.stripe", "--ready-file", "{ready}") as (_, line):
        url = str(msgspec.json.decode(line)["url"])
        async with client_at(url) as client, _cashier(mongodb_uri, redis_url, url) as cashier:
            mongod_pid = await _issued(cashier.database, mongodb_uri, client)
            return [await _compared(cashier, client, mongod_pid)]


async def _compared(cashier: Cashier, client: StripeClient, mongod_pid: int) -> Figure:
    charged, paid = Spent(mongod_pid), Spent(mongod_pid)

    async def collected() -> None:
        assert await collect(cashier, limit=CHARGES) == CHARGES

    async def bare(number: int) -> None:
        assert (await pay(client)).status == "succeeded", number

    value, baseline, ratio = await interleaved(
        lambda: charged.on(collected()),
        lambda: paid.on(in_lanes(range(CHARGES), bare, lane=int)),
        rounds=ROUNDS,
    )
    how = (
        f"python -m benchmarks billing: {ROUNDS} interleaved rounds of {CHARGES} charges, {AT_ONCE} at once, at the "
        f"sandbox's Stripe, CPU time of this process and mongod; {charged.rate:.0f} a second against {paid.rate:.0f}, "
        f"where a gateway that takes half a second allows {AT_ONCE * 2}"
    )
    name = "Charging an invoice / a bare payment of Stripe's client, CPU time"
    return figure(name, value, baseline, ratio, unit="ms", target=TARGET, how=how)


async def _issued(database: Database, mongodb_uri: str, client: StripeClient) -> int:
    """An invoice that is due for every charge; mongod's pid."""
    tenants = CHARGES * (ROUNDS + 1)
    mongod_pid = await asyncio.to_thread(seed, mongodb_uri, tenants)
    customer = await client.v1.customers.create_async({"name": "Every tenant"})
    card = {"gateway": "stripe", "customer": customer.id, "method": await saved(client, customer.id)}
    with MongoClient[dict[str, Any]](mongodb_uri) as mongo:
        await asyncio.to_thread(mongo[database.name]["contracts"].update_many, {}, {"$set": card})
    await indexed(database)
    await publish_defaults(Plans(database))
    report = await billed(database)
    assert report.issued == tenants, report
    return mongod_pid


@asynccontextmanager
async def _cashier(mongodb_uri: str, redis_url: str, stripe_url: str) -> AsyncGenerator[Cashier]:
    def clock() -> float:
        return epoch_of(DUE)

    database, cache = await Database.connect(mongodb_uri, "billing"), await Cache.connect(redis_url)
    gateway = StripeGateway(secret_key="sk_test_bench", webhook_secrets=["whsec_bench"], api_base=stripe_url)
    try:
        yield Cashier(
            database=database,
            clock=clock,
            audit=Audit(database, clock),
            events=Events(database, cache),
            gateways={gateway.name: gateway},
        )
    finally:
        await gateway.close()
        await cache.close()
        await database.close()
