"""Webhooks of Stripe: who may speak, what is believed of it, and that nothing is booked twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import httpx
import pytest
from msgspec import Struct

from billing.gateways.protocol import Gateway
from billing.payments.charging import begin, charge
from billing.payments.methods import save_method
from billing.payments.orphans import Orphans
from billing.webhooks.inbox import GATEWAY_EVENT, EventRepository, Inbox
from billing.webhooks.routes import BODY_BYTES, webhook_routes
from billing.webhooks.work import work
from runtime.health import Health
from runtime.jobs import work_one
from runtime.platform_site import platform_app
from storage import jobs as storage_jobs
from storage.errors import StorageUnavailable
from storage.indexes import build_indexes
from storage.jobs import Job, Jobs
from storage.valkey import Cache
from tests.billing.payments.till import BACK, DUE, SECRET, Till, purchase, till_on
from tests.billing.stage import Stage

PATH = "/webhooks/stripe"


class Door(Struct):
    """The platform's host in front of a till, and the worker behind it."""

    till: Till
    client: httpx.AsyncClient
    jobs: Jobs

    async def post(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        return await self.client.post(PATH, content=body, headers=dict(headers))

    async def deliver(self, event: Mapping[str, Any], *, secret: str = SECRET, late: int = 0) -> httpx.Response:
        """An event as Stripe posts it, signed `late` seconds ago."""
        body = json.dumps(event).encode()
        return await self.post(body, signed(body, int(self.till.stage.clock()) - late, secret))

    async def work(self) -> int:
        """Works all jobs that wait; how many there were."""

        async def handle(job: Job) -> None:
            await work(self.till.cashier, job.payload)

        count = 0
        while await work_one(self.jobs, GATEWAY_EVENT, handle, clock=self.till.stage.clock):
            count += 1
        return count

    async def outcome(self, event_id: str) -> str | None:
        found = await EventRepository(self.till.stage.database).get(f"stripe:{event_id}")
        return None if found is None else found.outcome

    def news(self, kind: str) -> dict[str, Any]:
        """The latest event of a kind."""
        return next(each for each in reversed(self.till.sandbox.events) if each["type"] == kind)


def signed(body: bytes, stamp: int, *secrets: str) -> dict[str, str]:
    proofs = [hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets]
    return {"Stripe-Signature": ",".join([f"t={stamp}", *(f"v1={proof}" for proof in proofs)])}


@pytest.fixture
async def door(stage: Stage, cache: Cache) -> AsyncIterator[Door]:
    async with till_on(stage, cache) as till:
        await build_indexes(stage.database, storage_jobs.INDEXES)
        jobs = Jobs(stage.database, stage.clock)
        gateways: Mapping[str, Gateway] = till.cashier.gateways
        routes = webhook_routes(gateways.get, Inbox(stage.database, jobs, stage.clock), stage.clock)
        app = cast("Any", platform_app(Health({}), routes))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://platform.localhost") as client:
            yield Door(till, client, jobs)


async def paid(door: Door) -> tuple[Any, dict[str, Any]]:
    """A purchase that was paid on the page, and the event that says so."""
    scope = await door.till.tenant("north", card=None)
    page = await begin(door.till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.reference is not None
    door.till.sandbox.desk.pay(page.reference, "visa")
    return scope, door.news("payment_intent.succeeded")


async def test_an_event_is_answered_at_once_and_worked_once(door: Door) -> None:
    scope, event = await paid(door)
    answer = await door.deliver(event)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not (await door.till.payment(scope, "north:m:p1")).is_paid
    assert (await door.deliver(event)).status_code == 200
    assert await door.work() == 1
    assert (await door.till.payment(scope, "north:m:p1")).is_paid
    assert (await door.deliver(event)).status_code == 200
    assert await door.work() == 0
    assert await door.outcome(event["id"]) == "applied"
    assert (await door.till.balances(scope))["memberships"] == -2_000


async def test_all_events_backwards_and_twice_lead_to_the_same_books(door: Door) -> None:
    scope, _ = await paid(door)
    dispute = door.till.sandbox.desk.dispute(door.till.sandbox.charges[0]["id"])
    door.till.sandbox.desk.decide(dispute["id"], won=True)
    for event in [*reversed(door.till.sandbox.events), *door.till.sandbox.events]:
        assert (await door.deliver(event)).status_code == 200
    await door.work()
    books = await door.till.balances(scope)
    assert books == {
        "receivable": DUE,
        "memberships": -2_000,
        "tax": -420,
        "cash.stripe": 2_420 - 100 - 1_500,
        "fees.gateway": 1_600,
    }
    assert (await door.till.payment(scope, "north:m:p1")).kept == 2_420


@pytest.mark.parametrize(
    ("late", "status"), [(299, 200), (300, 200), (301, 400), (86_400, 400), (-60, 200), (-61, 400), (-86_400, 400)]
)
async def test_what_is_too_old_or_from_the_future_is_refused(door: Door, late: int, status: int) -> None:
    _, event = await paid(door)
    assert (await door.deliver(event, late=late)).status_code == status


async def test_a_replay_years_later_changes_nothing(door: Door) -> None:
    scope, event = await paid(door)
    await door.deliver(event)
    await door.work()
    books = await door.till.balances(scope)
    body = json.dumps(event).encode()
    headers = signed(body, int(door.till.stage.clock()), SECRET)
    door.till.stage.clock.advance(301)
    assert (await door.post(body, headers)).status_code == 400
    assert (await door.till.balances(scope), await door.work()) == (books, 0)


async def test_only_the_secret_signs_and_one_of_several_is_enough(door: Door) -> None:
    _, event = await paid(door)
    assert (await door.deliver(event, secret="whsec_other")).status_code == 400
    assert (await door.deliver(event, secret="")).status_code == 400
    body = json.dumps(event).encode()
    headers = signed(body, int(door.till.stage.clock()), "whsec_other", SECRET)
    assert (await door.post(body, headers)).status_code == 200


async def test_other_bytes_than_were_signed_are_refused(door: Door) -> None:
    _, event = await paid(door)
    body = json.dumps(event).encode()
    headers = signed(body, int(door.till.stage.clock()), SECRET)
    for other in (json.dumps(event, indent=2).encode(), body + b" ", body.replace(b"pi_", b"PI_"), b""):
        assert (await door.post(other, headers)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"text"',
        b"\xff\xfe{}",
        b'{"id": "\xff"}',
        b'{"id": 1, "type": "a", "created": 1, "data": {}}',
        b'{"id": "a", "type": "a", "created": 1e99, "data": {}, "object": "event"}',
        b'{"id": "a", "type": "a", "created": 99999999999999, "data": {}, "object": "event"}',
        b'{"id": "a", "type": "a", "created": 1, "data": {}, "object": "list"}',
        b'{"id": "a", "type": "a", "created": 1, "object": "event", "data": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
)
async def test_what_cannot_be_read_is_a_bad_request_though_it_is_signed(door: Door, body: bytes) -> None:
    answer = await door.post(body, signed(body, int(door.till.stage.clock()), SECRET))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=",
        "t=1",
        "v1=ab",
        "t=abc,v1=ab",
        "t=-1,v1=ab",
        "t=1,t=2,v1=ab",
        "t=٣,v1=ab",
        "t=1,v1=é",
        "=,=,=",
        ",",
        "t=1" * 9_999,
    ],
)
async def test_a_header_that_is_none_is_a_bad_request(door: Door, header: str) -> None:
    answer = await door.client.post(PATH, content=b"{}", headers={b"stripe-signature": header.encode()})
    assert answer.status_code == 400


async def test_a_body_without_end_is_refused_before_it_is_read(door: Door) -> None:
    answer = await door.post(b"x" * (BODY_BYTES + 1), {})
    assert answer.status_code == 413


async def test_objects_of_nobody_and_unknown_ones_are_taken_and_let_go(door: Door) -> None:
    _, event = await paid(door)
    for number, subject in enumerate(
        [
            {"object": "payment_intent", "id": "pi_of_somebody_else"},
            {"object": "payment_intent", "id": ""},
            {"object": "payment_intent", "id": {"$gt": ""}},
            {"object": "payout", "id": "po_1"},
            {"object": "charge", "payment_intent": None},
            "text",
        ]
    ):
        assert (await door.deliver({**event, "id": f"evt_{number}", "data": {"object": subject}})).status_code == 200
    assert await door.work() == 6
    assert [await door.outcome(f"evt_{number}") for number in range(6)] == ["unknown"] + ["ignored"] * 5


async def test_what_the_event_says_of_the_object_is_not_believed(door: Door) -> None:
    north, event = await paid(door)
    south = await door.till.tenant("south", card="authenticationRequired")
    await charge(door.till.cashier, south, "0")
    intent = event["data"]["object"]
    about = {"tenant": "south", "purpose": "invoice", "subject": "0", "key": "south:0"}
    lies = {**intent, "metadata": about, "amount": 1, "amount_received": DUE, "currency": "eur"}
    assert (await door.deliver({**event, "data": {"object": lies}})).status_code == 200
    await door.work()
    assert (await door.till.invoice(south)).due == DUE
    assert (await door.till.payment(north, "north:m:p1")).received == 2_420


async def test_an_object_that_names_another_tenants_payment_is_an_orphan(door: Door) -> None:
    _, event = await paid(door)
    south = await door.till.tenant("south", card="authenticationRequired")
    await charge(door.till.cashier, south, "0")
    await door.deliver(event)
    await door.work()
    # Somebody who can change objects at Stripe turns north's money into south's.
    about = {"tenant": "south", "purpose": "invoice", "subject": "0", "key": "south:0"}
    await door.till.stripe.v1.payment_intents.update_async(event["data"]["object"]["id"], {"metadata": about})
    await door.deliver({**event, "id": "evt_turned"})
    await door.work()
    assert await door.outcome("evt_turned") == "orphan"
    assert (await door.till.invoice(south)).due == DUE
    assert len(await Orphans(door.till.stage.database).everything()) == 1


async def test_a_card_that_was_saved_is_charged_from_then_on(door: Door) -> None:
    scope = await door.till.tenant("north", card=None)
    saving = await save_method(door.till.cashier, scope, gateway="stripe", back=BACK)
    door.till.sandbox.desk.pay(saving.reference, "visa")
    await door.deliver(door.news("checkout.session.completed"))
    await door.work()
    contract = await door.till.stage.contract(scope)
    assert (contract.gateway, contract.customer) == ("stripe", saving.customer)
    assert (await charge(door.till.cashier, scope, "0")).is_paid


async def test_while_stripe_is_away_the_event_waits(door: Door) -> None:
    scope, event = await paid(door)
    door.till.sandbox.faults.always("unavailable")
    assert (await door.deliver(event)).status_code == 200
    await door.work()
    assert await door.outcome(event["id"]) is None
    door.till.sandbox.faults.clear()
    door.till.stage.clock.advance(31)
    await door.work()
    assert (await door.till.payment(scope, "north:m:p1")).is_paid


async def test_while_mongodb_is_away_the_gateway_is_asked_to_come_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, event = await paid(door)

    async def away(*_: object) -> bool:
        raise StorageUnavailable("MongoDB cannot be reached")

    monkeypatch.setattr(Inbox, "take", away)
    assert (await door.deliver(event)).status_code == 503


async def test_one_that_was_written_down_by_who_died_then_is_worked(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, event = await paid(door)

    async def die(*_: object, **__: object) -> str:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(Jobs, "enqueue", die)
    assert (await door.deliver(event)).status_code == 503
    monkeypatch.undo()
    assert (await door.deliver(event)).status_code == 200
    assert await door.work() == 1
    assert (await door.till.payment(scope, "north:m:p1")).is_paid


async def test_other_gateways_and_methods_are_not_there(door: Door) -> None:
    assert (await door.client.post("/webhooks/btcpay", content=b"{}")).status_code == 404
    assert (await door.client.post("/webhooks/manual", content=b"{}")).status_code == 404
    assert (await door.client.get(PATH)).status_code == 405
