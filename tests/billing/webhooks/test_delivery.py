"""Webhooks over the wire, as unkind as they come: the books are right all the same."""

from __future__ import annotations

import socket
from typing import Any

from billing.payments.charging import begin
from billing.payments.reconciling import reconcile
from billing.webhooks.inbox import GATEWAY_EVENT, Inbox
from billing.webhooks.routes import webhook_routes
from billing.webhooks.work import work
from runtime.health import Health
from runtime.jobs import work_one
from runtime.platform_site import platform_app
from runtime.serving import Manners, serving
from storage import jobs as storage_jobs
from storage.indexes import build_indexes
from storage.jobs import Job, Jobs
from storage.valkey import Cache
from tests.billing.payments.till import BACK, SECRET, purchase, till_on
from tests.billing.stage import Stage

BOUGHT = 6
PRICE, FEE = 2_420, 100


async def test_duplicates_losses_shuffles_and_forgeries_end_in_the_same_books(stage: Stage, cache: Cache) -> None:
    await build_indexes(stage.database, storage_jobs.INDEXES)
    jobs = Jobs(stage.database, stage.clock)
    async with till_on(stage, cache) as till:
        routes = webhook_routes(till.cashier.gateways.get, Inbox(stage.database, jobs, stage.clock), stage.clock)
        app: Any = platform_app(Health({}), routes)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        async def handle(job: Job) -> None:
            await work(till.cashier, job.payload)

        async with serving(app, listener, protocol="httptools", manners=Manners(5, 1)):
            till.sandbox.listen(f"http://127.0.0.1:{port}/webhooks/stripe", SECRET)
            till.sandbox.webhook_faults.set(
                duplicate_every=2,
                lose_every=5,
                wrong_secret_every=4,
                reencode_every=3,
                garble_every=7,
                order="shuffled",
            )
            scope = await till.tenant("north", card=None)
            for number in range(BOUGHT):
                order = purchase(scope, key=f"north:m:p{number}", subject=f"p{number}")
                page = await begin(till.cashier, scope, order, gateway="stripe", back=BACK)
                till.sandbox.desk.pay(page.reference or "", "visa")
            for _ in range(4):
                await till.sandbox.delivered()
                while await work_one(jobs, GATEWAY_EVENT, handle, clock=stage.clock):
                    continue
                till.later(1_800)
            told = [subject for what, subject in till.told.heard if what == "paid"]
            assert told
            await reconcile(till.cashier)
        books = await till.balances(scope)
        assert (books["memberships"], books["tax"]) == (-2_000 * BOUGHT, -420 * BOUGHT)
        assert (books["cash.stripe"], books["fees.gateway"]) == ((PRICE - FEE) * BOUGHT, FEE * BOUGHT)
