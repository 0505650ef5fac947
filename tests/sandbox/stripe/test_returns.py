"""Refunds, disputes, transfers, the balance and the search."""

from typing import Any

import pytest
import stripe
from stripe.params import ChargeSearchParams

from sandbox.stripe import StripeOptions, StripeSandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe.paying import client_of, pay
from tests.support.clock import FakeClock


async def test_a_charge_is_refunded_in_parts_and_not_twice(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    intent = await pay(client, metadata={"invoice": "7"})
    part = await client.v1.refunds.create_async(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"credit_note": "7-c1"}},
        {"idempotency_key": "refund:7-c1"},
    )
    assert (part.status, part.amount, part.metadata and part.metadata["credit_note"]) == ("succeeded", 500, "7-c1")
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1501})
    assert too_much.value.param == "amount"
    rest = await client.v1.refunds.create_async({"charge": str(intent.latest_charge)})
    assert rest.amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as again:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert again.value.code == "charge_already_refunded"
    charge = await client.v1.charges.retrieve_async(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded, sandbox.moved("invoice")) == (2000, True, {"7": 0})
    listed = await client.v1.refunds.list_async({"payment_intent": intent.id})
    assert [each.amount for each in listed.data] == [1500, 500]
    await sandbox.delivered()
    assert receiver.types[3:] == ["charge.refunded", "refund.created"] * 2


async def test_what_was_not_paid_is_not_refunded(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "allowed_payment_method_types": ["card"]}
    )
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.refunds.create_async({"payment_intent": intent.id})


async def test_refunds_are_pending_or_bounce(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    slow = await pay(client, "pm_card_pendingRefund")
    bad = await pay(client, "pm_card_refundFail")
    pending = await client.v1.refunds.create_async({"payment_intent": slow.id})
    bounced = await client.v1.refunds.create_async({"payment_intent": bad.id})
    assert (pending.status, bounced.status) == ("pending", "succeeded")
    sandbox.advance(60)
    assert (await client.v1.refunds.retrieve_async(pending.id)).status == "succeeded"
    assert (await client.v1.refunds.retrieve_async(bounced.id)).status == "failed"
    charge = await client.v1.charges.retrieve_async(str(bad.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)


@pytest.mark.parametrize(("won", "net"), [(True, 1912 - 1500), (False, 1912 - 1500 - 2000)])
async def test_a_dispute_is_opened_and_decided(
    sandbox: StripeSandbox, client: stripe.StripeClient, receiver: Receiver, won: bool, net: int
) -> None:
    intent = await pay(client)
    opened = sandbox.desk.dispute(str(intent.latest_charge), "product_not_received")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert caught.value.code == "charge_disputed"
    sandbox.desk.decide(opened["id"], won=won)
    dispute = await client.v1.disputes.retrieve_async(opened["id"])
    assert (dispute.status, dispute.amount, dispute.reason) == ("won" if won else "lost", 2000, "product_not_received")
    assert sum(each.net for each in dispute.balance_transactions) == net - 1912
    moved = await client.v1.balance_transactions.list_async({"limit": 100})
    assert sum(each.net for each in moved.data) == net
    with pytest.raises(ValueError):
        sandbox.desk.decide(opened["id"], won=won)
    await sandbox.delivered()
    told = receiver.types[3:]
    assert told[:2] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert told[-1] == "charge.dispute.closed"
    assert ("charge.dispute.funds_reinstated" in told) is won


async def test_evidence_decides_and_a_dispute_can_be_given_up(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    first, second = await pay(client, "pm_card_createDispute"), await pay(client, "pm_card_createDispute")
    sandbox.advance(1)
    by_charge = {str(each.charge): each.id for each in (await client.v1.disputes.list_async({"limit": 10})).data}
    won = await client.v1.disputes.update_async(
        by_charge[str(first.latest_charge)], {"evidence": {"uncategorized_text": "winning_evidence"}}
    )
    lost = await client.v1.disputes.close_async(by_charge[str(second.latest_charge)])
    assert (won.status, lost.status) == ("won", "lost")


async def test_a_fee_is_known_later(clock: FakeClock) -> None:
    async with StripeSandbox(StripeOptions(fee_after=30), clock=clock) as sandbox, client_of(sandbox) as client:
        intent = await pay(client, expand=["latest_charge"])
        charge: Any = intent.latest_charge
        assert charge.balance_transaction is None
        sandbox.advance(30)
        known = await client.v1.charges.retrieve_async(charge.id, {"expand": ["balance_transaction"]})
        booking: Any = known.balance_transaction
        assert (booking.fee, sandbox.events[-1]["type"]) == (88, "charge.updated")


async def test_payouts_are_transferred_out_of_what_is_available(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    account = await client.v1.accounts.create_async({"type": "express", "country": "US", "email": "p@site.test"})

    async def transfer(amount: int) -> stripe.Transfer:
        return await client.v1.transfers.create_async(
            {"amount": amount, "currency": "usd", "destination": account.id, "metadata": {"payout": "1"}}
        )

    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await transfer(1000)
    assert unknown.value.code == "insufficient_capabilities_for_transfer"
    sandbox.desk.onboard(account.id)
    assert (await client.v1.accounts.retrieve_async(account.id)).payouts_enabled
    await pay(client)
    with pytest.raises(stripe.InvalidRequestError) as empty:
        await transfer(1000)
    assert empty.value.code == "balance_insufficient"
    sandbox.advance(2 * 86_400)
    made = await transfer(1912)
    assert (made.amount, made.destination, made.metadata["payout"]) == (1912, account.id, "1")
    balance = await client.v1.balance.retrieve_async()
    assert [each.amount for each in balance.available] == [0]
    back = await client.v1.transfers.reversals.create_async(made.id, {"amount": 912})
    assert back.amount == 912
    assert (await client.v1.transfers.retrieve_async(made.id)).amount_reversed == 912
    sandbox.desk.top_up(500)
    assert (await client.v1.balance.retrieve_async()).available[0].amount == 1412
    assert [each.id for each in (await client.v1.transfers.list_async({"destination": account.id})).data] == [made.id]


async def test_payments_are_found_by_their_metadata(client: stripe.StripeClient) -> None:
    paid = await pay(client, metadata={"invoice": "t1:7", "tenant": "t1"})
    await pay(client, metadata={"invoice": "t1:8", "tenant": "t1"}, amount=3000)

    async def found(query: str) -> list[str]:
        rows = await client.v1.payment_intents.search_async({"query": query})
        return [each.id for each in rows.data]

    assert await found("metadata['invoice']:'t1:7'") == [paid.id]
    assert await found("metadata['tenant']:'t1' AND amount<3000 AND status:'succeeded'") == [paid.id]
    assert await found("metadata['tenant']:'t1' AND -metadata['invoice']:'t1:8'") == [paid.id]
    assert len(await found("metadata['invoice']:'t1:7' OR metadata['invoice']:'t1:8'")) == 2
    assert await found('metadata["invoice"]:"t2:7"') == []
    assert await found("customer:null AND amount>=2000 AND amount<=2000") == [paid.id]
    for query in ("invoice is 7", "metadata['a']:'b' AND", "status:'a' AND status:'b' OR status:'c'"):
        with pytest.raises(stripe.InvalidRequestError):
            await found(query)


async def test_the_search_is_behind(clock: FakeClock) -> None:
    async with StripeSandbox(StripeOptions(search_lag=60), clock=clock) as sandbox, client_of(sandbox) as client:
        await pay(client, metadata={"invoice": "1"})
        query: ChargeSearchParams = {"query": "metadata['invoice']:'1'"}
        assert (await client.v1.charges.search_async(query)).data == []
        clock.advance(60)
        assert len((await client.v1.charges.search_async(query)).data) == 1
        assert [each.status async for each in (await client.v1.payment_intents.list_async()).auto_paging_iter()] == [
            "succeeded"
        ]
