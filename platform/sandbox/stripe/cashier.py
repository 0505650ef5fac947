"""What a payer does in a browser: pays a session, passes or fails 3-D Secure, sends crypto."""

from sandbox.http.store import Document

from . import attempts, setups
from .errors import refused
from .intents import made
from .methods import crypto_wallet, resolved
from .params import Params
from .world import World


def paid(world: World, session: Document, card: str, email: str | None = None) -> None:
    """Submit a session's page with a test card by its name ("visa"), or "crypto".

    The session is complete, or its intent waits for 3-D Secure or the wallet. Raises StripeError for a declined card,
    and for a session that is not open.
    """
    if session["status"] != "open":
        raise refused(f"This Checkout Session is {session['status']}.")
    method = crypto_wallet(world) if card == "crypto" else resolved(world, f"pm_card_{card}")
    if method["type"] not in session["payment_method_types"]:
        raise refused(f"This Checkout Session does not take {method['type']}.")
    _somebody(world, session, email, method["type"])
    intent = _intent(world, session)
    world.change(intent, payment_method=method["id"], _return_url=f"{world.url}/c/pay/{session['id']}")
    attempted = attempts.attempt if intent["object"] == "payment_intent" else setups.attempt
    error = attempted(world, intent, method)
    followed(world, intent["id"])
    if error:
        raise error


def authenticated(world: World, intent: Document, *, well: bool) -> None:
    """The payer passed 3-D Secure or failed it, sent crypto or did not. Raises StripeError where none was asked for."""
    if intent["status"] != "requires_action":
        raise refused(f"Nothing is asked for: {intent['id']} has a status of {intent['status']}.")
    paying = intent["object"] == "payment_intent"
    if well:
        method = world.get("payment_method", intent["payment_method"])
        (attempts.attempt if paying else setups.attempt)(world, intent, method, authenticated=True)
    else:
        (attempts if paying else setups).not_authenticated(world, intent)
    followed(world, intent["id"])


def followed(world: World, key: str) -> None:
    """Let the session of an intent follow what became of the intent."""
    kind = "setup_intent" if key.startswith("seti_") else "payment_intent"
    intent = world.get(kind, key)
    if intent.get("_session") is None:
        return
    session = world.get("checkout.session", intent["_session"])
    status = intent["status"]
    arrived = status in {"succeeded", "requires_capture"}
    if session["status"] == "open" and (arrived or status == "processing"):
        paid_for = "paid" if arrived and kind == "payment_intent" else session["payment_status"]
        former = world.change(session, status="complete", payment_status=paid_for, url=None)
        world.tell("checkout.session.completed", session, former)
    elif session["status"] == "complete" and session["payment_status"] == "unpaid" and status != "processing":
        if arrived:
            world.change(session, payment_status="paid")
        world.tell(f"checkout.session.async_payment_{'succeeded' if arrived else 'failed'}", session)


def _intent(world: World, session: Document) -> Document:
    if key := session["setup_intent"]:
        return world.get("setup_intent", key)
    if key := session["payment_intent"]:
        return world.get("payment_intent", key)
    told = {
        **session["_intended"],
        "allowed_payment_method_types": session["payment_method_types"],
        "payment_method_options": session["payment_method_options"],
    }
    intent = made(world, Params(told), session["amount_total"], session["currency"], session["customer"], None)
    world.change(intent, _session=session["id"])
    world.change(session, payment_intent=intent["id"])
    return intent


def _somebody(world: World, session: Document, email: str | None, kind: str) -> None:
    address = email or session["customer_email"]
    if session["customer"]:
        address = world.get("customer", session["customer"]).get("email") or address
    world.change(session, customer_details={"address": None, "email": address, "name": None, "phone": None})
    own = session["payment_method_options"].get(kind, {}).get("setup_future_usage")
    needed = own or session["_intended"].get("setup_future_usage") or session["customer_creation"] == "always"
    if session["customer"] is None and needed:
        customer = world.make("cus", email=address, name=None, metadata={}, invoice_settings={})
        world.tell("customer.created", customer)
        world.change(session, customer=customer["id"])
