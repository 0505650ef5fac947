"""Keys, kept answers, and every way in which a request can end."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
import stripe

from sandbox.stripe import StripeSandbox
from tests.sandbox.stripe.paying import client_of, pay
from tests.support.clock import FakeClock

INTENTS = "/v1/payment_intents"


async def test_the_same_request_under_the_same_key_is_answered_once(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    first = await pay(client, key="t1:7")
    again = await pay(client, key="t1:7")
    assert (first.id, len(sandbox.charges)) == (again.id, 1)
    assert first.last_response is not None
    assert again.last_response is not None
    assert "idempotent-replayed" not in first.last_response.headers
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert first.last_response.body == again.last_response.body
    assert sandbox.counters["replayed"] == 1


async def test_a_declined_card_is_declined_again_without_another_attempt(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    told: list[str | None] = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            await pay(client, "pm_card_chargeDeclined", key="t1:8")
        told.append(caught.value.http_body)
    assert told[0] == told[1]
    assert len(sandbox.objects("charge")) == 1


async def test_a_key_is_not_used_for_something_else(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    await pay(client, key="t1:9")
    with pytest.raises(stripe.IdempotencyError) as other_amount:
        await pay(client, key="t1:9", amount=2100)
    with pytest.raises(stripe.IdempotencyError) as other_place:
        await client.v1.customers.create_async({}, {"idempotency_key": "t1:9"})
    assert {other_amount.value.http_status, other_place.value.http_status} == {400}
    assert len(sandbox.charges) == 1


async def test_two_at_once_under_one_key_pay_once(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.faults.next("slow", path=INTENTS, seconds=0.2)
    ended = await asyncio.gather(pay(client, key="t1:10"), pay(client, key="t1:10"), return_exceptions=True)
    errors = [each for each in ended if isinstance(each, stripe.StripeError)]
    assert [(each.http_status, each.error and each.error.code) for each in errors] == [(409, "idempotency_key_in_use")]
    assert len(sandbox.charges) == 1


async def test_the_library_waits_for_the_other_one(sandbox: StripeSandbox) -> None:
    sandbox.faults.next("slow", path=INTENTS, seconds=0.2)
    async with client_of(sandbox, retries=2) as client:
        first, second = await asyncio.gather(pay(client, key="t1:11"), pay(client, key="t1:11"))
    assert first.id == second.id


async def test_a_key_is_forgotten_after_a_day(
    sandbox: StripeSandbox, client: stripe.StripeClient, clock: FakeClock
) -> None:
    first = await pay(client, key="t1:12")
    sandbox.advance(86_399)
    assert (await pay(client, key="t1:12")).id == first.id
    clock.advance(1)
    assert (await pay(client, key="t1:12")).id != first.id


async def test_what_fails_validation_is_not_kept(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await pay(client, key="t1:13", amount=1)
    assert (await pay(client, key="t1:13")).status == "succeeded"


@pytest.mark.parametrize(("fate", "charges"), [("error_before", 0), ("error_after", 1)])
async def test_a_500_is_kept_too_whether_it_was_done_or_not(
    sandbox: StripeSandbox, client: stripe.StripeClient, fate: str, charges: int
) -> None:
    sandbox.faults.next(fate, path=INTENTS)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            await pay(client, key="t1:14")
        assert caught.value.http_status == 500
    assert len(sandbox.charges) == charges


@pytest.mark.parametrize(
    ("fate", "kind", "charges"),
    [
        ("rate_limit", stripe.RateLimitError, 0),
        ("unavailable", stripe.APIError, 0),
        ("drop_before", stripe.APIConnectionError, 0),
        ("drop_after", stripe.APIConnectionError, 1),
        ("hang_before", stripe.APIConnectionError, 0),
        ("hang_after", stripe.APIConnectionError, 1),
    ],
)
async def test_what_was_lost_on_the_way_is_made_good_by_the_same_key(
    sandbox: StripeSandbox, fate: str, kind: type[stripe.StripeError], charges: int
) -> None:
    sandbox.faults.next(fate, path=INTENTS)
    async with client_of(sandbox, timeout=0.3) as client:
        with pytest.raises(kind):
            await pay(client, key="t1:15")
        assert len(sandbox.charges) == charges
        assert (await pay(client, key="t1:15")).status == "succeeded"
    assert len(sandbox.charges) == 1


async def test_the_library_retries_by_itself_under_a_key_of_its_own(sandbox: StripeSandbox) -> None:
    sandbox.faults.next("drop_after", path=INTENTS, times=2)
    async with client_of(sandbox, retries=2) as client:
        assert (await pay(client)).status == "succeeded"
    assert len(sandbox.charges) == 1


async def test_every_third_request_fails_until_the_faults_are_cleared(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    sandbox.faults.always("rate_limit", every=3, method="POST", path=INTENTS)

    async def ends(deed: Callable[[], object]) -> bool:
        try:
            await pay(client)
        except stripe.RateLimitError:
            return False
        return True

    assert [await ends(dict) for _ in range(6)] == [True, True, False, True, True, False]
    sandbox.faults.clear()
    assert all([await ends(dict) for _ in range(3)])


async def test_forms_that_contradict_themselves_are_refused(sandbox: StripeSandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url, headers={"authorization": "Bearer sk_x"}) as raw:
        bent = await raw.post("/v1/customers", content=b"metadata=1&metadata[a]=2")
        latin = await raw.post("/v1/customers", content=b"name=\xff")
        nowhere = await raw.get("/v1/nothing")
    assert (bent.status_code, latin.status_code, nowhere.status_code) == (400, 400, 404)
