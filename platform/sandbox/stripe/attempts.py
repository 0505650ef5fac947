"""What becomes of an attempt to pay: through, declined, 3-D Secure asked for, or under way."""

from sandbox.http.store import Document

from . import charges
from .cards import Card, card_error
from .errors import StripeError, refused
from .methods import card_of
from .render import shown
from .world import World


def asks_for_authentication(card: Card, *, off_session: bool, set_up: bool) -> bool:
    """Whether the cardholder has to be there for this one."""
    match card.authentication:
        case "never":
            return False
        case "always":
            return True
        case "unless_off_session":
            return not off_session
        case "unless_set_up":
            return not (off_session and set_up)


def attempt(
    world: World, intent: Document, method: Document, *, off_session: bool = False, authenticated: bool = False
) -> StripeError | None:
    """Try to pay the intent by the method and change both; gives the error that the caller has to hear."""
    if method["type"] == "crypto" and not authenticated:
        return _wallet_asked(world, intent, off_session=off_session)
    if method["type"] in {"crypto", "us_bank_account"}:
        under_way(world, intent)
        return None
    card = card_of(method)
    if not authenticated and asks_for_authentication(card, off_session=off_session, set_up=method["_set_up"]):
        if off_session or intent["_error_on_action"]:
            return declined(world, intent, method, card_error("authentication_required"))
        asked(world, intent, "3d_secure")
        return None
    if card.decline:
        return declined(world, intent, method, card_error(card.decline))
    paid(world, intent, method)
    return None


def paid(world: World, intent: Document, method: Document) -> None:
    """The money is there, or held where it is captured by hand."""
    held = intent["capture_method"] == "manual"
    charge = charges.succeeded(world, intent, method, captured=not held)
    amount = intent["amount"]
    world.change(
        intent,
        status="requires_capture" if held else "succeeded",
        amount_received=0 if held else amount,
        amount_capturable=amount if held else 0,
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    _keep(world, intent, method)
    world.tell("payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded", intent)
    if reason := card_of(method).dispute:
        world.timers.put(0, "disputed", f"{charge['id']} {reason}")


def declined(world: World, intent: Document, method: Document, error: StripeError) -> StripeError:
    """The attempt failed; the intent waits for another method."""
    charge = charges.failed(world, intent, method, error)
    world.change(method, _used=True)
    error.body |= {"charge": charge["id"], "payment_method": shown(method)}
    _without(world, intent, error, charge["id"])
    return error


def not_authenticated(world: World, intent: Document) -> None:
    """The cardholder failed 3-D Secure, or left."""
    error = refused(
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_intent_authentication_failure",
    )
    if intent["payment_method"]:
        error.body["payment_method"] = shown(world.get("payment_method", intent["payment_method"]))
    _without(world, intent, error, intent["latest_charge"])


def asked(world: World, intent: Document, page: str) -> None:
    """Send the payer to a page of the service: `3d_secure` or `crypto`."""
    url = f"{world.url}/{page}/{intent['id']}"
    redirect = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": intent["_return_url"]}}
    sdk = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}
    world.change(intent, status="requires_action", next_action=redirect if intent["_return_url"] else sdk)
    world.tell(f"{intent['object']}.requires_action", intent)


def under_way(world: World, intent: Document) -> None:
    """A payment that takes its time."""
    world.change(intent, status="processing", next_action=None)
    world.tell("payment_intent.processing", intent)
    world.timers.put(world.options.processing_for, "settled", intent["id"])


def settled(world: World, key: str, *, well: bool = True) -> None:
    """A payment that was under way arrives, or does not; nothing where it is under way no more."""
    intent = world.get("payment_intent", key)
    if intent["status"] != "processing":
        return
    method = world.get("payment_method", intent["payment_method"])
    if well and method["_settles"]:
        paid(world, intent, method)
    else:
        declined(world, intent, method, card_error("insufficient_funds"))


def _wallet_asked(world: World, intent: Document, *, off_session: bool) -> StripeError | None:
    if off_session:
        return refused("Crypto payments need the customer: confirm without off_session.", param="off_session")
    asked(world, intent, "crypto")
    return None


def _without(world: World, intent: Document, error: StripeError, charge: str | None) -> None:
    world.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        latest_charge=charge,
        last_payment_error=dict(error.body),
    )
    world.tell("payment_intent.payment_failed", intent)
    error.body["payment_intent"] = shown(intent)


def _keep(world: World, intent: Document, method: Document) -> None:
    world.change(method, _used=True)
    usage = intent["payment_method_options"].get(method["type"], {}).get("setup_future_usage", "none")
    if not intent["setup_future_usage"] and usage == "none":
        return
    world.change(method, _set_up=True)
    if intent["customer"] and method["customer"] is None:
        world.change(method, customer=intent["customer"])
        world.tell("payment_method.attached", method)
