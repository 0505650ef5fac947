"""Webhooks on their way, lost answers, restarts, and the command."""

import hashlib
import hmac
import signal
from pathlib import Path

import httpx
import pytest

from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from tests.sandbox.btcpay.conftest import SECRET
from tests.sandbox.btcpay.test_invoices import made
from tests.sandbox.processes import running
from tests.sandbox.receiver import Receiver
from tests.support.clock import FakeClock


def is_genuine(receiver: Receiver, number: int = 0, secret: str = SECRET) -> bool:
    request = receiver.requests[number]
    wanted = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    return request.headers["btcpay-sig"] == f"sha256={wanted}"


async def test_webhooks_are_signed_and_come_again_under_another_delivery_id(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    receiver.answers = [500]
    await made(client)
    await sandbox.delivered()
    sandbox.advance(10)
    await sandbox.delivered()
    first, second = receiver.events
    assert is_genuine(receiver, 0)
    assert is_genuine(receiver, 1)
    assert (first["isRedelivery"], second["isRedelivery"]) == (False, True)
    assert second["originalDeliveryId"] == first["deliveryId"] != second["deliveryId"]


@pytest.mark.parametrize("knob", ["wrong_secret_every", "reencode_every", "garble_every"])
async def test_webhooks_that_are_not_genuine(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver, knob: str
) -> None:
    sandbox.webhook_faults.set(**{knob: 2})
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"])
    await sandbox.delivered()
    assert [is_genuine(receiver, number) for number in range(3)] == [True, False, True]


async def test_webhooks_come_twice_backwards_or_not_at_all(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    sandbox.webhook_faults.set(order="reversed", hold=3, duplicate_every=3, lose_every=2)
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"])
    await sandbox.delivered()
    assert receiver.types == ["InvoiceProcessing", "InvoiceCreated", "InvoiceCreated"]


async def test_webhooks_are_kept_by_store_and_sent_again_on_demand(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    told = {"url": f"{receiver.url}/own", "secret": "own", "authorizedEvents": {"specificEvents": ["InvoiceCreated"]}}
    hook = (await client.post("/webhooks", json=told)).json()
    assert hook["secret"] == "own"
    assert "secret" not in (await client.get(f"/webhooks/{hook['id']}")).json()
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"])
    await sandbox.delivered()
    [delivery] = (await client.get(f"/webhooks/{hook['id']}/deliveries")).json()
    assert (delivery["status"], delivery["httpCode"]) == ("HttpSuccess", 200)
    place = f"/webhooks/{hook['id']}/deliveries/{delivery['id']}"
    assert (await client.get(f"{place}/request")).json()["type"] == "InvoiceCreated"
    again = (await client.post(f"{place}/redeliver")).json()
    await sandbox.delivered()
    own = [number for number, request in enumerate(receiver.requests) if request.path.endswith("/own")]
    assert len(own) == 2
    assert receiver.events[own[1]]["deliveryId"] == again
    assert is_genuine(receiver, own[1], "own")
    await client.put(f"/webhooks/{hook['id']}", json={"enabled": False})
    await made(client)
    await client.delete(f"/webhooks/{hook['id']}")
    assert hook["id"] not in {each["id"] for each in (await client.get("/webhooks")).json()}
    assert (await client.get(f"/webhooks/{hook['id']}")).status_code == 404
    assert (await client.post("/webhooks", json={})).status_code == 422


@pytest.mark.parametrize(
    ("fate", "status", "count"),
    [("rate_limit", 429, 0), ("unavailable", 503, 0), ("error_before", 500, 0), ("error_after", 500, 1)],
)
async def test_requests_fail_before_or_after_the_deed(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, fate: str, status: int, count: int
) -> None:
    sandbox.faults.next(fate, method="POST", path="/invoices")
    answer = await client.post("/invoices", json={"amount": "20", "currency": "USD"})
    assert (answer.status_code, len(sandbox.invoices)) == (status, count)
    assert (await client.get("/invoices")).status_code == 200


@pytest.mark.parametrize(
    ("fate", "count"), [("drop_before", 0), ("drop_after", 1), ("hang_before", 0), ("hang_after", 1)]
)
async def test_a_lost_answer_is_made_good_by_looking_for_the_order(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, fate: str, count: int
) -> None:
    sandbox.faults.next(fate, path="/invoices")
    with pytest.raises(httpx.HTTPError):
        await client.post("/invoices", json={"amount": "20", "metadata": {"orderId": "7"}}, timeout=0.3)
    assert len((await client.get("/invoices", params={"orderId": "7"})).json()) == count


async def test_everything_is_there_after_a_restart(tmp_path: Path, clock: FakeClock, receiver: Receiver) -> None:
    options = BtcpayOptions(data=tmp_path, webhook_url=receiver.url, webhook_secret=SECRET)
    async with BtcpaySandbox(options, clock=clock) as sandbox, client_of(sandbox) as client:
        sandbox.webhook_faults.set(paused=True)
        invoice = await made(client)
        sandbox.desk.pay(invoice["id"])
    async with BtcpaySandbox(options, clock=clock) as sandbox, client_of(sandbox) as client:
        await sandbox.delivered()
        assert receiver.types == ["InvoiceCreated", "InvoiceReceivedPayment", "InvoiceProcessing"]
        sandbox.advance(600)
        assert (await client.get(f"/invoices/{invoice['id']}")).json()["status"] == "Settled"


async def test_it_runs_as_a_process_and_is_commanded_over_http(tmp_path: Path) -> None:
    with running("sandbox.btcpay", tmp_path / "ready", "--store", "shop") as (process, url):
        async with httpx.AsyncClient(headers={"authorization": "token any"}) as client:
            told = {"amount": "20", "currency": "EUR", "metadata": {"orderId": "7"}}
            invoice = (await client.post(f"{url}/api/v1/stores/shop/invoices", json=told)).json()
            control = f"{url}/_sandbox"
            assert (await client.post(f"{control}/pay", json={"invoice": invoice["id"]})).status_code == 200
            await client.post(f"{control}/advance", json={"seconds": 600})
            assert (await client.get(f"{control}/moved")).json() == {"gives": {"7": "20"}}
            assert (await client.get(f"{control}/invoices")).json()["gives"][0]["status"] == "Settled"
            assert (await client.post(f"{control}/pay", json={"invoice": "nothing"})).status_code == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def client_of(sandbox: BtcpaySandbox) -> httpx.AsyncClient:
    base = f"{sandbox.url}/api/v1/stores/shop"
    return httpx.AsyncClient(base_url=base, headers={"authorization": "token key"})
