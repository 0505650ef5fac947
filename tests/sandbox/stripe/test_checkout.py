"""Checkout by its pages, as a browser without scripts walks them."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from sandbox.stripe import StripeSandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe.paying import pay

BACK = "https://site.test/thanks?session={CHECKOUT_SESSION_ID}"


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as window:
        yield window


async def opened(client: stripe.StripeClient, **told: Any) -> stripe.checkout.Session:
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {"currency": "usd", "unit_amount": 1250, "product_data": {"name": "A year <of films>"}},
                "quantity": 2,
            }
        ],
        "success_url": BACK,
        "cancel_url": "https://site.test/left",
        "metadata": {"purchase": "p1"},
        "payment_intent_data": {"metadata": {"purchase": "p1"}, "setup_future_usage": "off_session"},
        **told,
    }
    return await client.v1.checkout.sessions.create_async(cast("SessionCreateParams", params))


async def submit(browser: httpx.AsyncClient, url: str | None, **form: str) -> httpx.Response:
    assert url is not None
    return await browser.post(url, data=form)


async def test_a_session_is_paid_on_its_page(
    sandbox: StripeSandbox, client: stripe.StripeClient, browser: httpx.AsyncClient, receiver: Receiver
) -> None:
    session = await opened(client)
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 2500)
    assert session.url is not None
    page = await browser.get(session.url)
    assert "25.00 USD" in page.text
    assert "A year &lt;of films&gt;" in page.text
    assert 'href="https://site.test/left"' in page.text
    sent = await submit(browser, session.url, card="visa", email="viewer@home.test")
    assert (sent.status_code, sent.headers["location"]) == (303, f"https://site.test/thanks?session={session.id}")
    done = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent", "line_items"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details is not None
    assert done.customer_details.email == "viewer@home.test"
    intent: Any = done.payment_intent
    assert (intent.metadata.purchase, intent.amount_received, intent.customer) == ("p1", 2500, done.customer)
    assert done.line_items is not None
    assert done.line_items.data[0].quantity == 2
    await sandbox.delivered()
    assert receiver.types[-2:] == ["payment_intent.succeeded", "checkout.session.completed"]
    assert (await browser.get(session.url)).status_code == 410
    again = await pay(client, intent.payment_method, customer=str(done.customer), off_session=True)
    assert again.status == "succeeded"


async def test_a_declined_card_leaves_the_session_open_for_another(
    client: stripe.StripeClient, browser: httpx.AsyncClient
) -> None:
    session = await opened(client)
    refused = await submit(browser, session.url, card="chargeDeclined")
    assert refused.status_code == 200
    assert "Your card was declined." in refused.text
    assert (await client.v1.checkout.sessions.retrieve_async(session.id)).status == "open"
    assert (await submit(browser, session.url, card="visa")).status_code == 303
    done = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert done.payment_status == "paid"


@pytest.mark.parametrize("outcome", ["complete", "fail"])
async def test_three_d_secure_has_a_page_of_its_own(
    client: stripe.StripeClient, browser: httpx.AsyncClient, outcome: str
) -> None:
    session = await opened(client)
    sent = await submit(browser, session.url, card="authenticationRequired")
    question = sent.headers["location"]
    assert "Is it you" in (await browser.get(question)).text
    answered = await submit(browser, question, outcome=outcome)
    done = await client.v1.checkout.sessions.retrieve_async(session.id)
    if outcome == "complete":
        assert (answered.status_code, done.status, done.payment_status) == (303, "complete", "paid")
    else:
        assert "failed authentication" in answered.text
        assert (done.status, done.payment_status) == ("open", "unpaid")
    assert (await browser.get(question)).status_code == 410


async def test_crypto_completes_the_session_and_is_paid_later(
    sandbox: StripeSandbox, client: stripe.StripeClient, browser: httpx.AsyncClient, receiver: Receiver
) -> None:
    session = await opened(client, allowed_payment_method_types=["crypto"], payment_intent_data={})
    wallet = (await submit(browser, session.url, card="crypto")).headers["location"]
    assert (await submit(browser, wallet, outcome="complete")).status_code == 303
    done = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    sandbox.advance(60)
    assert (await client.v1.checkout.sessions.retrieve_async(session.id)).payment_status == "paid"
    await sandbox.delivered()
    assert receiver.types[-1] == "checkout.session.async_payment_succeeded"


async def test_a_method_is_saved_without_a_payment(
    client: stripe.StripeClient, browser: httpx.AsyncClient, customer: stripe.Customer
) -> None:
    session = await client.v1.checkout.sessions.create_async(
        {
            "mode": "setup",
            "customer": customer.id,
            "currency": "eur",
            "success_url": BACK,
            "setup_intent_data": {"metadata": {"tenant": "t1"}},
        }
    )
    assert session.payment_status == "no_payment_required"
    await submit(browser, session.url, card="visa")
    done = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["setup_intent"]})
    intent: Any = done.setup_intent
    assert (done.status, intent.status, intent.metadata.tenant) == ("complete", "succeeded", "t1")
    assert (await pay(client, intent.payment_method, customer=customer.id, off_session=True)).status == "succeeded"


async def test_a_session_expires_by_itself_or_by_command(
    sandbox: StripeSandbox, client: stripe.StripeClient, browser: httpx.AsyncClient
) -> None:
    first, second = await opened(client), await opened(client)
    gone = await client.v1.checkout.sessions.expire_async(first.id)
    assert (gone.status, gone.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.checkout.sessions.expire_async(first.id)
    sandbox.advance(86_400)
    assert (await client.v1.checkout.sessions.retrieve_async(second.id)).status == "expired"
    assert (await submit(browser, second.url, card="visa")).status_code in {400, 410}
    assert sandbox.charges == []


async def test_it_is_paid_in_one_line_where_no_page_matters(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    session = await opened(client)
    assert sandbox.desk.pay(session.id)["payment_status"] == "paid"
    assert sandbox.moved("purchase") == {"p1": 2500}


@pytest.mark.parametrize(
    "told",
    [
        {"line_items": []},
        {"success_url": ""},
        {"mode": "subscription"},
        {"allowed_payment_method_types": ["shells"]},
        {"expires_at": 5},
        {"payment_intent_data": {"colour": "red"}},
        {"customer": "cus_nobody"},
    ],
)
async def test_sessions_that_cannot_be(client: stripe.StripeClient, told: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await opened(client, **told)


async def test_pages_that_there_are_not(sandbox: StripeSandbox, browser: httpx.AsyncClient) -> None:
    for path in ("/c/pay/cs_test_nothing", "/3d_secure/pi_nothing", "/elsewhere"):
        assert (await browser.get(sandbox.url + path)).status_code == 404


async def test_a_payee_is_onboarded_on_a_page(client: stripe.StripeClient, browser: httpx.AsyncClient) -> None:
    account = await client.v1.accounts.create_async({"type": "express"})
    link = await client.v1.account_links.create_async(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://site.test/again",
            "return_url": "https://site.test/done",
        }
    )
    assert (await browser.get(link.url)).status_code == 200
    assert (await browser.post(link.url)).headers["location"] == "https://site.test/done"
    assert (await client.v1.accounts.retrieve_async(account.id)).details_submitted


async def test_three_d_secure_outside_of_checkout_leads_back(
    client: stripe.StripeClient, browser: httpx.AsyncClient
) -> None:
    intent = await pay(client, "pm_card_authenticationRequired", return_url="https://site.test/back?a=b")
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    answered = await submit(browser, intent.next_action.redirect_to_url.url, outcome="complete")
    where = httpx.URL(answered.headers["location"])
    assert dict(where.params)["redirect_status"] == "succeeded"
    assert dict(where.params)["payment_intent"] == intent.id


async def test_a_card_is_kept_where_crypto_may_pay_as_well(
    sandbox: StripeSandbox, client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    told = {
        "customer": customer.id,
        "payment_intent_data": {},
        "adaptive_pricing": {"enabled": False},
        "payment_method_options": {"card": {"setup_future_usage": "off_session"}},
    }
    session = await opened(client, **told)
    assert session.payment_method_types == ["card", "crypto"]
    sandbox.desk.pay(session.id)
    [method] = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    assert (await pay(client, method.id, customer=customer.id, off_session=True)).status == "succeeded"
    kept = await opened(client)
    assert kept.payment_method_types == ["card"]
