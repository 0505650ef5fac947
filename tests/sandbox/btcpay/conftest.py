"""A sandbox under a fake clock, a client of it, and somebody who hears its webhooks."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from tests.sandbox.receiver import Receiver, receiving
from tests.support.clock import FakeClock

SECRET = "of the tests"


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
async def sandbox(clock: FakeClock, receiver: Receiver) -> AsyncIterator[BtcpaySandbox]:
    options = BtcpayOptions(
        webhook_url=receiver.url, webhook_secret=SECRET, api_keys=("key",), stores=("shop", "other")
    )
    async with BtcpaySandbox(options, clock=clock) as running:
        yield running


@pytest.fixture
async def client(sandbox: BtcpaySandbox) -> AsyncIterator[httpx.AsyncClient]:
    base = f"{sandbox.url}/api/v1/stores/shop"
    async with httpx.AsyncClient(base_url=base, headers={"authorization": "token key"}, timeout=5) as talking:
        yield talking
