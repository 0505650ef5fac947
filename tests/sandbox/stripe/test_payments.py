"""Customers, methods, payment intents, charges and what they cost."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeSandbox
from tests.sandbox.stripe.paying import client_of, pay, saved


async def test_a_card_is_charged_and_its_fee_is_told(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = await pay(
        client,
        customer=customer.id,
        metadata={"invoice": "7"},
        description="Invoice 7",
        expand=["latest_charge.balance_transaction"],
    )
    assert (intent.status, intent.amount_received, intent.metadata["invoice"]) == ("succeeded", 2000, "7")
    charge: Any = intent.latest_charge
    assert (charge.paid, charge.metadata.invoice, charge.payment_method_details.card.last4) == (True, "7", "4242")
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (88, 1912)
    again = await client.v1.payment_intents.retrieve_async(intent.id)
    assert again.latest_charge == charge.id


async def test_a_saved_card_is_charged_while_the_customer_is_away(
    client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    method = await saved(client, customer.id)
    listed = await client.v1.customers.payment_methods.list_async(customer.id, {"type": "card"})
    assert [each.id for each in listed.data] == [method]
    intent = await pay(client, method, customer=customer.id, off_session=True)
    assert intent.status == "succeeded"


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
async def test_a_declined_card_is_a_card_error_and_leaves_the_intent_open(
    client: stripe.StripeClient, customer: stripe.Customer, card: str, code: str, decline: str | None
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        await pay(client, card, customer=customer.id, off_session=True)
    error: Any = caught.value.error
    assert (caught.value.http_status, error.code, error.to_dict().get("decline_code")) == (402, code, decline)
    intent = await client.v1.payment_intents.retrieve_async(error.payment_intent["id"], {"expand": ["latest_charge"]})
    failed: Any = intent.latest_charge
    assert (intent.status, intent.payment_method, failed.status) == ("requires_payment_method", None, "failed")
    assert intent.last_payment_error is not None
    paid = await client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


async def test_a_card_that_declines_later_can_be_saved(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    method = await saved(client, customer.id, "pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError):
        await pay(client, method, customer=customer.id, off_session=True)
    with pytest.raises(stripe.CardError):
        await client.v1.payment_methods.attach_async("pm_card_chargeDeclined", {"customer": customer.id})


async def test_three_d_secure_is_asked_for_and_passed(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    intent = await pay(client, "pm_card_authenticationRequired", return_url="https://site.test/back")
    assert intent.next_action is not None
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    sandbox.desk.authenticate(intent.id)
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_three_d_secure_that_fails_leaves_the_intent_open(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    intent = await pay(client, "pm_card_authenticationRequired")
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    sandbox.desk.authenticate(intent.id, well=False)
    failed = await client.v1.payment_intents.retrieve_async(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_card_set_up_with_three_d_secure_needs_it_no_more_when_the_customer_is_away(
    sandbox: StripeSandbox, client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    setup = await client.v1.setup_intents.create_async(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "allowed_payment_method_types": ["card"],
            "confirm": True,
        }
    )
    assert setup.status == "requires_action"
    sandbox.desk.authenticate(setup.id)
    method = (await client.v1.setup_intents.retrieve_async(setup.id)).payment_method
    assert (await pay(client, str(method), customer=customer.id, off_session=True)).status == "succeeded"


async def test_crypto_is_sent_on_a_page_and_arrives_later(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    method = await client.v1.payment_methods.create_async({"type": "crypto"})
    intent = await pay(client, method.id, allowed_payment_method_types=["crypto"], return_url="https://site.test/back")
    assert intent.status == "requires_action"
    sandbox.desk.authenticate(intent.id)
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "processing"
    sandbox.advance(60)
    arrived = await client.v1.payment_intents.retrieve_async(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    )
    charge: Any = arrived.latest_charge
    assert (arrived.status, charge.balance_transaction.fee) == ("succeeded", 30)


async def test_a_bank_debit_is_under_way_and_may_fail(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    told: dict[str, Any] = {"allowed_payment_method_types": ["us_bank_account"]}
    good = await pay(client, "pm_usBankAccount_success", **told)
    bad = await pay(client, "pm_usBankAccount_insufficientFunds", **told)
    by_hand = await pay(client, "pm_usBankAccount_success", **told)
    assert {good.status, bad.status, by_hand.status} == {"processing"}
    sandbox.desk.settle(by_hand.id, well=False)
    sandbox.advance(61)
    statuses = [(await client.v1.payment_intents.retrieve_async(each.id)).status for each in (good, bad, by_hand)]
    assert statuses == ["succeeded", "requires_payment_method", "requires_payment_method"]


async def test_money_can_be_held_and_taken_in_part(client: stripe.StripeClient) -> None:
    intent = await pay(client, capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2000)
    taken = await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 1500})
    assert (taken.status, taken.amount_received) == ("succeeded", 1500)


async def test_an_intent_is_cancelled_once(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async(
        {"amount": 500, "currency": "eur", "allowed_payment_method_types": ["card"]}
    )
    gone = await client.v1.payment_intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert gone.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert caught.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"amount": 49}, "amount"),
        ({"amount": 100_000_000}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"currency": "dollars"}, "currency"),
        ({"allowed_payment_method_types": ["shells"]}, "allowed_payment_method_types"),
        ({"payment_method": "pm_card_nobody"}, "payment_method"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"amuont": 3}, "amuont"),
        ({"metadata": {"k": "v" * 501}}, "metadata"),
        ({"confirm": "perhaps"}, "confirm"),
        ({"allowed_payment_method_types": ["crypto"], "currency": "eur"}, "allowed_payment_method_types"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"amount": 150_001, "currency": "isk"}, "amount"),
        (
            {"allowed_payment_method_types": ["crypto"], "setup_future_usage": "off_session"},
            "allowed_payment_method_types",
        ),
    ],
)
async def test_what_cannot_be_taken_is_named(
    sandbox: StripeSandbox, client: stripe.StripeClient, told: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await pay(client, **told)
    assert caught.value.param == param
    assert sandbox.charges == []


async def test_another_customers_card_cannot_be_charged(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    method = await saved(client, customer.id)
    other = await client.v1.customers.create_async({})
    for told in ({}, {"customer": other.id}):
        with pytest.raises(stripe.InvalidRequestError):
            await pay(client, method, **told)


async def test_automatic_methods_need_an_address_to_come_back_to(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.payment_intents.create_async(
            {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        )
    assert caught.value.param == "return_url"
    paid = await client.v1.payment_intents.create_async(
        {
            "amount": 500,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert paid.status == "succeeded"


async def test_customers_change_are_listed_and_deleted(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    changed = await client.v1.customers.update_async(
        customer.id, {"name": "Site", "metadata": {"tenant": "", "a": "b"}}
    )
    assert changed.metadata is not None
    assert (changed.name, changed.metadata.to_dict()) == ("Site", {"a": "b"})
    assert [each.id for each in (await client.v1.customers.list_async({"email": "owner@site.test"})).data] == [
        customer.id
    ]
    method = await saved(client, customer.id)
    await client.v1.payment_methods.detach_async(method)
    with pytest.raises(stripe.InvalidRequestError):
        await pay(client, method)
    assert (await client.v1.customers.delete_async(customer.id)).deleted
    with pytest.raises(stripe.InvalidRequestError):
        await pay(client, customer=customer.id)


async def test_keys_that_are_none_are_not_let_in(sandbox: StripeSandbox) -> None:
    async with client_of(sandbox, "pk_test_public") as stranger:
        with pytest.raises(stripe.AuthenticationError) as caught:
            await stranger.v1.customers.list_async()
    assert caught.value.http_status == 401
