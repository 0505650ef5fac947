"""Invoices: made, found again, paid in full, in parts, too much, too late, or not at all."""

from typing import Any

import httpx
import pytest

from sandbox.btcpay import BtcpaySandbox
from tests.sandbox.receiver import Receiver


async def made(client: httpx.AsyncClient, order: str = "t1:7", **told: Any) -> Any:
    body = {"amount": "20.00", "currency": "USD", "metadata": {"orderId": order}, **told}
    answer = await client.post("/invoices", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def present(client: httpx.AsyncClient, invoice: Any) -> tuple[str, str]:
    now = (await client.get(f"/invoices/{invoice['id']}")).json()
    return now["status"], now["additionalStatus"]


async def test_an_invoice_is_made_and_found_by_its_order(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    first, second = await made(client), await made(client, "t1:8")
    assert (first["status"], first["amount"], first["type"]) == ("New", "20.00", "Standard")
    assert first["checkoutLink"].startswith(sandbox.url)
    assert first["expirationTime"] - first["createdTime"] == 900

    async def found(**asked: Any) -> list[str]:
        return [each["id"] for each in (await client.get("/invoices", params=asked)).json()]

    assert await found(orderId="t1:7") == [first["id"]]
    assert await found(orderId=["t1:7", "t1:8"]) == [second["id"], first["id"]]
    assert await found(take=1) == [second["id"]]
    assert await found(skip=1) == [first["id"]]
    assert await found(status="Settled") == []
    assert await found(textSearch="T1:8") == [second["id"]]
    assert await found(startDate=first["createdTime"] + 1) == []
    await client.delete(f"/invoices/{first['id']}")
    assert await found() == [second["id"]]
    assert await found(includeArchived="true") == [second["id"], first["id"]]
    await client.post(f"/invoices/{first['id']}/unarchive")
    assert len(await found()) == 2


async def test_the_same_order_twice_makes_two(client: httpx.AsyncClient) -> None:
    assert (await made(client))["id"] != (await made(client))["id"]


async def test_an_invoice_is_paid_and_settles_when_the_network_confirms(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"])
    assert await present(client, invoice) == ("Processing", "None")
    sandbox.advance(600)
    assert await present(client, invoice) == ("Settled", "None")
    await sandbox.delivered()
    assert receiver.types == [
        "InvoiceCreated",
        "InvoiceReceivedPayment",
        "InvoiceProcessing",
        "InvoicePaymentSettled",
        "InvoiceSettled",
    ]
    last = receiver.events[-1]
    assert (last["invoiceId"], last["storeId"], last["metadata"]) == (invoice["id"], "shop", {"orderId": "t1:7"})
    assert (last["manuallyMarked"], last["overPaid"]) == (False, False)
    assert sandbox.moved() == {"t1:7": "20.00"}


async def test_lightning_settles_at_once(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"], method="BTC-LN")
    assert await present(client, invoice) == ("Settled", "None")
    chain, lightning = (await client.get(f"/invoices/{invoice['id']}/payment-methods")).json()
    assert (chain["paymentMethodId"], chain["payments"], chain["due"]) == ("BTC-CHAIN", [], "0E-8")
    assert (lightning["paymentMethodPaid"], lightning["payments"][0]["status"]) == ("0.00040000", "Settled")


async def test_parts_add_up(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"], "5")
    assert await present(client, invoice) == ("New", "PaidPartial")
    sandbox.desk.pay(invoice["id"])
    assert await present(client, invoice) == ("Processing", "None")
    sandbox.desk.confirm(invoice["id"])
    assert await present(client, invoice) == ("Settled", "None")


async def test_a_part_is_not_enough_and_the_invoice_expires(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"], "19.99")
    sandbox.advance(900)
    assert await present(client, invoice) == ("Expired", "PaidPartial")
    await sandbox.delivered()
    expired = next(event for event in receiver.events if event["type"] == "InvoiceExpired")
    assert expired["partiallyPaid"] is True
    sandbox.desk.pay(invoice["id"])
    assert await present(client, invoice) == ("Expired", "PaidLate")


async def test_too_much_is_told(client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"], "25")
    sandbox.advance(600)
    assert await present(client, invoice) == ("Settled", "PaidOver")
    await sandbox.delivered()
    assert receiver.events[2]["overPaid"] is True


async def test_a_late_payment_leaves_the_invoice_expired_for_the_merchant_to_judge(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    invoice = await made(client)
    sandbox.advance(901)
    sandbox.desk.pay(invoice["id"])
    assert await present(client, invoice) == ("Expired", "PaidLate")
    await sandbox.delivered()
    received = next(event for event in receiver.events if event["type"] == "InvoiceReceivedPayment")
    assert received["afterExpiration"] is True
    assert "InvoicePaidAfterExpiration" in receiver.types
    marked = await client.post(f"/invoices/{invoice['id']}/status", json={"status": "Settled"})
    assert (marked.json()["status"], marked.json()["additionalStatus"]) == ("Settled", "Marked")
    again = await client.post(f"/invoices/{invoice['id']}/status", json={"status": "Settled"})
    assert again.status_code == 422
    await sandbox.delivered()
    assert (receiver.types[-1], receiver.events[-1]["manuallyMarked"]) == ("InvoiceSettled", True)
    sandbox.advance(2 * 86_400)
    with pytest.raises(ValueError):
        sandbox.desk.pay(invoice["id"])


async def test_a_payment_spent_twice_makes_the_invoice_invalid(
    client: httpx.AsyncClient, sandbox: BtcpaySandbox, receiver: Receiver
) -> None:
    invoice = await made(client)
    sandbox.desk.pay(invoice["id"])
    sandbox.desk.lose(invoice["id"])
    sandbox.advance(600)
    assert await present(client, invoice) == ("Invalid", "None")
    assert sandbox.moved() == {"t1:7": "0"}
    await sandbox.delivered()
    assert (receiver.types[-1], receiver.events[-1]["manuallyMarked"]) == ("InvoiceInvalid", False)


async def test_a_tolerance_lets_a_little_less_pass(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client, checkout={"paymentTolerance": 1, "speedPolicy": "HighSpeed"})
    sandbox.desk.pay(invoice["id"], "19.80")
    assert await present(client, invoice) == ("Settled", "None")


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"currency": "dollars"}, "currency"),
        ({"metadata": "none"}, "metadata"),
        ({"checkout": {"speedPolicy": "Warp"}}, "checkout.speedPolicy"),
        ({"checkout": {"paymentMethods": ["SHELLS"]}}, "checkout.paymentMethods"),
        ({"checkout": {"expirationMinutes": 0}}, "expirationMinutes"),
    ],
)
async def test_what_cannot_be_taken_is_named(client: httpx.AsyncClient, told: dict[str, Any], path: str) -> None:
    answer = await client.post("/invoices", json={"amount": "20", "currency": "USD", **told})
    assert (answer.status_code, answer.json()[0]["path"]) == (422, path)


async def test_strangers_and_other_stores_are_kept_out(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client)
    place = f"{sandbox.url}/api/v1/stores"
    for headers in ({}, {"authorization": "token no"}, {"authorization": "Bearer key"}):
        async with httpx.AsyncClient(headers=headers) as stranger:
            assert (await stranger.get(f"{place}/shop/invoices")).status_code == 401
    assert (await client.get(f"{place}/other/invoices/{invoice['id']}")).json()["code"] == "invoice-not-found"
    assert (await client.get(f"{place}/elsewhere/invoices")).status_code == 403
    assert (await client.get(f"{place}/other/invoices")).json() == []
    assert (await client.get("/nothing")).status_code == 404
    assert (await client.post("/invoices", content=b"\xff{")).status_code == 400


async def test_it_is_paid_on_its_page(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client, "t1/7", checkout={"redirectURL": "https://site.test/{InvoiceId}?o={OrderId}"})
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(invoice["checkoutLink"])
        assert "20.00 USD" in page.text
        assert f"https://site.test/{invoice['id']}?o=t1%2F7" in page.text
        page = await browser.post(invoice["checkoutLink"], data={"how": "part"})
        assert "10.000 USD to pay" in page.text
        page = await browser.post(invoice["checkoutLink"], data={"how": "lightning"})
        assert "Processing;" in page.text
        assert (await browser.get(f"{sandbox.url}/i/nothing")).status_code == 404


async def test_a_refund_is_claimed_by_the_payer(client: httpx.AsyncClient, sandbox: BtcpaySandbox) -> None:
    invoice = await made(client)
    early = await client.post(f"/invoices/{invoice['id']}/refund", json={"refundVariant": "Fiat"})
    assert (early.status_code, early.json()["code"]) == (400, "non-refundable")
    sandbox.desk.pay(invoice["id"], method="BTC-LN")
    told = {"refundVariant": "Custom", "customAmount": "5", "customCurrency": "USD", "name": "7-c1"}
    pull = (await client.post(f"/invoices/{invoice['id']}/refund", json=told)).json()
    assert (pull["amount"], pull["currency"], pull["name"]) == ("5", "USD", "7-c1")
    place = f"{sandbox.url}/api/v1/pull-payments/{pull['id']}"
    assert (await client.get(f"{place}/payouts")).json() == []
    sandbox.desk.claim(pull["id"], "2")
    async with httpx.AsyncClient() as browser:
        assert (await browser.post(pull["viewLink"])).status_code == 200
        assert (await browser.post(pull["viewLink"])).status_code == 400
    claims = (await client.get(f"{place}/payouts")).json()
    assert [(each["originalAmount"], each["state"]) for each in claims] == [("2", "Completed"), ("3", "Completed")]
    assert [each["id"] for each in (await client.get("/pull-payments")).json()] == [pull["id"]]
    then = await client.post(f"/invoices/{invoice['id']}/refund", json={"refundVariant": "RateThen"})
    assert (then.json()["amount"], then.json()["currency"]) == ("0.0004", "BTC")
    for bad in ({"refundVariant": "Gift"}, {"refundVariant": "Custom"}):
        assert (await client.post(f"/invoices/{invoice['id']}/refund", json=bad)).status_code == 422
