"""SetupIntents: a method saved for later without a payment: https://docs.stripe.com/api/setup_intents"""

import secrets
from typing import Final

from sandbox.http.store import Document

from .attempts import asked, asks_for_authentication
from .cards import card_error
from .customers import living
from .errors import StripeError, refused
from .lists import PAGING, listed
from .methods import card_of, resolved
from .params import Params
from .render import shown
from .terms import NAMING, automatic, method_types, of_customer
from .world import World

_UNDONE: Final = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(world: World, params: Params) -> Document:
    """A new intent, tried at once where `confirm` says so."""
    params.only(
        *("customer", "payment_method", "automatic_payment_methods", "usage", "confirm", *NAMING),
        *("return_url", "description", "metadata", "payment_method_options", "mandate_data", "expand"),
    )
    customer = params.text("customer")
    if customer:
        living(world, customer)
    method = params.text("payment_method")
    if method:
        method = of_customer(resolved(world, method), customer)["id"]
    intent = made(world, params, customer, method)
    return _confirmed(world, intent, params) if params.flag("confirm") else intent


def made(world: World, params: Params, customer: str | None, method: str | None) -> Document:
    """An intent that nobody has tried."""
    intent = world.make(
        "seti",
        application=None,
        automatic_payment_methods=automatic(params),
        cancellation_reason=None,
        client_secret=None,
        customer=customer,
        description=params.text("description"),
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=params.merged(),
        next_action=None,
        on_behalf_of=None,
        payment_method=method,
        payment_method_options={},
        payment_method_types=method_types(params, None, kept=True),
        single_use_mandate=None,
        status="requires_confirmation" if method else "requires_payment_method",
        usage=params.one_of("usage", "off_session", "on_session") or "off_session",
        _return_url=None,
    )
    world.change(intent, client_secret=f"{intent['id']}_secret_{secrets.token_urlsafe(18)}")
    world.tell("setup_intent.created", intent)
    return intent


def retrieve(world: World, params: Params, key: str) -> Document:
    """An intent as it is now."""
    params.only("expand", "client_secret")
    return world.get("setup_intent", key)


def update(world: World, params: Params, key: str) -> Document:
    """A changed intent."""
    params.only("description", "metadata", "expand")
    intent = world.get("setup_intent", key)
    description = params.text("description") if "description" in params else intent["description"]
    world.change(intent, metadata=params.merged(intent["metadata"]), description=description)
    return intent


def confirm(world: World, params: Params, key: str) -> Document:
    """Try to save the method."""
    params.only("payment_method", "return_url", "mandate_data", "client_secret", "expand")
    intent = world.get("setup_intent", key)
    _still(intent, "confirm", {"requires_payment_method", "requires_confirmation"})
    if method := params.text("payment_method"):
        world.change(intent, payment_method=of_customer(resolved(world, method), intent["customer"])["id"])
    return _confirmed(world, intent, params)


def cancel(world: World, params: Params, key: str) -> Document:
    """Give it up."""
    params.only("cancellation_reason", "expand")
    intent = world.get("setup_intent", key)
    _still(intent, "cancel", _UNDONE)
    world.change(intent, status="canceled", cancellation_reason=params.text("cancellation_reason"), next_action=None)
    world.tell("setup_intent.canceled", intent)
    return intent


def list_all(world: World, params: Params) -> Document:
    """A page of intents."""
    params.only(*PAGING, "customer", "payment_method")
    wanted = {name: params.text(name) for name in ("customer", "payment_method")}
    return listed(world, "setup_intent", "/v1/setup_intents", params, **wanted)


def attempt(world: World, intent: Document, method: Document, *, authenticated: bool = False) -> StripeError | None:
    """Try to save the method; gives the error that the caller has to hear."""
    card = card_of(method)
    if not authenticated and asks_for_authentication(card, off_session=False, set_up=False):
        asked(world, intent, "3d_secure")
        return None
    if card.decline and not card.attaches:
        return declined(world, intent, card_error(card.decline))
    world.change(method, _set_up=True)
    if intent["customer"] and method["customer"] is None:
        world.change(method, customer=intent["customer"])
        world.tell("payment_method.attached", method)
    world.change(intent, status="succeeded", next_action=None, last_setup_error=None)
    world.tell("setup_intent.succeeded", intent)
    return None


def declined(world: World, intent: Document, error: StripeError) -> StripeError:
    """The method cannot be saved; the intent waits for another."""
    world.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error=dict(error.body),
    )
    world.tell("setup_intent.setup_failed", intent)
    error.body["setup_intent"] = shown(intent)
    return error


def not_authenticated(world: World, intent: Document) -> None:
    """The cardholder failed 3-D Secure, or left."""
    message = "The provided PaymentMethod has failed authentication."
    declined(world, intent, refused(message, "setup_intent_authentication_failure"))


def _confirmed(world: World, intent: Document, params: Params) -> Document:
    if intent["payment_method"] is None:
        raise refused(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            "setup_intent_unexpected_state",
            setup_intent=shown(intent),
        )
    world.change(intent, _return_url=params.text("return_url"))
    if error := attempt(world, intent, world.get("payment_method", intent["payment_method"])):
        raise error
    return intent


def _still(intent: Document, verb: str, states: set[str]) -> None:
    if intent["status"] not in states:
        raise refused(
            f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}.",
            "setup_intent_unexpected_state",
            setup_intent=shown(intent),
        )
