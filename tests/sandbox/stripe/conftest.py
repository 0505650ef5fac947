"""A sandbox under a fake clock, a client of it, and somebody who hears its webhooks."""

from collections.abc import AsyncIterator

import pytest
import stripe

from sandbox.stripe import StripeOptions, StripeSandbox
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.stripe.paying import SECRET, client_of
from tests.support.clock import FakeClock


@pytest.fixture(scope="module")
async def lasting_receiver() -> AsyncIterator[Receiver]:
    async with receiving() as somebody:
        yield somebody


@pytest.fixture
def receiver(lasting_receiver: Receiver) -> Receiver:
    lasting_receiver.requests.clear()
    lasting_receiver.answers.clear()
    return lasting_receiver


@pytest.fixture
async def sandbox(clock: FakeClock, receiver: Receiver) -> AsyncIterator[StripeSandbox]:
    options = StripeOptions(webhook_url=receiver.url, webhook_secret=SECRET)
    async with StripeSandbox(options, clock=clock) as running:
        yield running


@pytest.fixture
async def client(sandbox: StripeSandbox) -> AsyncIterator[stripe.StripeClient]:
    async with client_of(sandbox) as talking:
        yield talking


@pytest.fixture
async def customer(client: stripe.StripeClient) -> stripe.Customer:
    return await client.v1.customers.create_async({"email": "owner@site.test", "metadata": {"tenant": "t1"}})
