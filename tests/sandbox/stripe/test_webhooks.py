"""Events, their signatures, and what can happen to them on the way."""

import httpx
import pytest
import stripe

from sandbox.stripe import StripeSandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe.paying import SECRET, pay
from tests.support.clock import FakeClock


def is_genuine(receiver: Receiver, number: int = 0) -> bool:
    request = receiver.requests[number]
    try:
        stripe.WebhookSignature.verify_header(request.body, request.headers["stripe-signature"], SECRET, None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def stamp(receiver: Receiver) -> int:
    return int(receiver.requests[0].headers["stripe-signature"].split(",")[0].removeprefix("t="))


async def test_events_come_signed_and_in_order(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    intent = await pay(client, key="t1:1", metadata={"invoice": "1"})
    await sandbox.delivered()
    assert receiver.types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert all(is_genuine(receiver, number) for number in range(3))
    event = stripe.Event.construct_from(receiver.events[2], None)
    assert (event.data.object["id"], event.data.object["metadata"]["invoice"]) == (intent.id, "1")
    assert event.request is not None
    assert event.request.idempotency_key == "t1:1"
    assert (await client.v1.events.retrieve_async(event.id)).type == "payment_intent.succeeded"


async def test_events_are_listed_newest_first_by_type_and_time(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    await pay(client)
    sandbox.advance(100)
    await pay(client)
    listed = await client.v1.events.list_async({"type": "charge.succeeded"})
    assert len(listed.data) == 2
    assert listed.data[0].created == listed.data[1].created + 100
    later = await client.v1.events.list_async({"created": {"gt": listed.data[1].created}, "limit": 100})
    assert {event.created for event in later.data} == {listed.data[0].created}
    assert [event.id async for event in (await client.v1.events.list_async({"limit": 2})).auto_paging_iter()] == [
        event["id"] for event in reversed(sandbox.events)
    ]
    both = await client.v1.events.list_async({"types": ["charge.succeeded", "payment_intent.succeeded"]})
    assert len(both.data) == 4


async def test_a_refused_webhook_comes_again(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    await client.v1.customers.create_async({})
    await sandbox.delivered()
    assert (len(receiver.requests), len(sandbox.outbox.waiting)) == (1, 1)
    sandbox.advance(5)
    await sandbox.delivered()
    sandbox.advance(60)
    await sandbox.delivered()
    assert ([event["id"] for event in receiver.events], sandbox.outbox.waiting) == ([receiver.events[0]["id"]] * 3, [])


async def test_webhooks_come_twice(sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver) -> None:
    sandbox.webhook_faults.set(duplicate_every=2)
    await pay(client)
    await sandbox.delivered()
    assert receiver.types == [
        "payment_intent.created",
        "charge.succeeded",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


async def test_webhooks_come_in_another_order(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.webhook_faults.set(order="reversed", hold=3)
    await pay(client)
    await sandbox.delivered()
    assert receiver.types == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


async def test_webhooks_come_late_or_never_or_when_they_are_let(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver, clock: FakeClock
) -> None:
    sandbox.webhook_faults.set(delay_seconds=30, lose_every=2)
    await pay(client)
    await sandbox.delivered()
    assert receiver.types == []
    clock.advance(30)
    await sandbox.delivered()
    assert receiver.types == ["payment_intent.created", "payment_intent.succeeded"]
    sandbox.webhook_faults.clear()
    sandbox.webhook_faults.set(paused=True)
    await pay(client)
    await sandbox.delivered()
    assert len(receiver.requests) == 2
    sandbox.webhook_faults.set(paused=False)
    await sandbox.delivered()
    assert len(receiver.requests) == 5


@pytest.mark.parametrize("knob", ["wrong_secret_every", "reencode_every", "garble_every"])
async def test_webhooks_that_are_not_genuine(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver, knob: str
) -> None:
    sandbox.webhook_faults.set(**{knob: 2})
    await pay(client)
    await sandbox.delivered()
    assert [is_genuine(receiver, number) for number in range(3)] == [True, False, True]


@pytest.mark.parametrize("offset", [3600, -301])
async def test_webhooks_signed_at_another_time(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver, clock: FakeClock, offset: int
) -> None:
    sandbox.webhook_faults.set(timestamp_offset_seconds=offset)
    await client.v1.customers.create_async({})
    await sandbox.delivered()
    assert is_genuine(receiver)
    assert stamp(receiver) == clock() + offset


async def test_an_event_is_posted_again_by_hand(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    await client.v1.customers.create_async({})
    sandbox.redeliver(sandbox.events[0]["id"])
    await sandbox.delivered()
    assert receiver.types == ["customer.created"] * 2
    with pytest.raises(LookupError):
        sandbox.redeliver("evt_nothing")


async def test_endpoints_are_made_with_a_secret_of_their_own(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    made = await client.v1.webhook_endpoints.create_async(
        {"url": f"{receiver.url}/second", "enabled_events": ["charge.succeeded"]}
    )
    assert made.secret is not None
    await pay(client)
    await sandbox.delivered()
    second = [request for request in receiver.requests if request.path.endswith("/second")]
    assert len(second) == 1
    stripe.WebhookSignature.verify_header(second[0].body, second[0].headers["stripe-signature"], made.secret, None)
    await client.v1.webhook_endpoints.update_async(made.id, {"disabled": True})
    await client.v1.webhook_endpoints.delete_async(made.id)
    assert len((await client.v1.webhook_endpoints.list_async()).data) == 1
    await pay(client)
    await sandbox.delivered()
    assert len(receiver.requests) == 7


async def test_knobs_are_turned_over_http(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/_sandbox/") as control:
        assert (await control.post("webhooks", json={"paused": True})).json()["gives"]["paused"]
        assert (await control.post("fail_next", json={"fate": "rate_limit"})).status_code == 200
        with pytest.raises(stripe.RateLimitError):
            await client.v1.customers.list_async()
        before = (await control.get("now")).json()["gives"]
        await control.post("advance", json={"seconds": 60})
        assert (await control.get("now")).json()["gives"] == before + 60
        await pay(client, metadata={"invoice": "3"})
        assert (await control.post("moved", json={"name": "invoice"})).json()["gives"] == {"3": 2000}
        assert (await control.get("counters")).json()["gives"]["POST /v1/payment_intents"] == 1
        await control.post("clear")
        for verb, told in (("explode", {}), ("fail_next", {"fate": "burn"}), ("webhooks", {"hodl": 1}), ("pay", {})):
            assert (await control.post(verb, json=told)).status_code in {400, 404}
        assert (await control.post("advance", json={"seconds": -1})).status_code == 400
        assert (await control.post("dispute", json={"charge": "ch_nothing"})).status_code == 400
