"""Payment methods, and the test ones that need not be made first: https://docs.stripe.com/api/payment_methods"""

import time
from typing import Final

from sandbox.http.store import Document

from .cards import BY_NAME, BY_NUMBER, Card, card_error, described
from .errors import invalid, missing, refused
from .lists import PAGING, listed
from .params import Params
from .world import World

DELAYED: Final = {"pm_usBankAccount_success": True, "pm_usBankAccount_insufficientFunds": False}
_TYPES: Final = ("card", "crypto", "us_bank_account")


def create(world: World, params: Params) -> Document:
    """A payment method out of a test card's number or token, or a crypto wallet."""
    params.only("type", "card", "crypto", "us_bank_account", "billing_details", "metadata", "expand")
    kind = params.needed("type")
    if kind not in _TYPES:
        raise invalid(f"Invalid type: must be one of {', '.join(_TYPES)}", param="type")
    card = _told_card(params.inner("card")) if kind == "card" else None
    month = params.inner("card").whole("exp_month") or 12
    return _made(world, kind, card, params.merged(), params.plain("billing_details"), month)


def retrieve(world: World, params: Params, key: str) -> Document:
    """A payment method."""
    params.only("expand")
    return world.get("payment_method", key)


def update(world: World, params: Params, key: str) -> Document:
    """A changed payment method."""
    params.only("metadata", "billing_details", "card", "expand")
    method = world.get("payment_method", key)
    former = world.change(method, metadata=params.merged(method["metadata"]))
    if told := params.plain("billing_details"):
        former |= world.change(method, billing_details={**method["billing_details"], **told})
    world.tell("payment_method.updated", method, former)
    return method


def attach(world: World, params: Params, key: str) -> Document:
    """Save it for a customer."""
    params.only("customer", "expand")
    return attached_to(world, key, params.needed("customer"))


def detach(world: World, params: Params, key: str) -> Document:
    """Take it from its customer for ever."""
    params.only("expand")
    method = world.get("payment_method", key)
    if method["customer"] is None:
        raise refused("The payment method you provided is not attached to a customer so detachment is impossible.")
    former = world.change(method, customer=None, _used=True)
    world.tell("payment_method.detached", method, former)
    return method


def list_all(world: World, params: Params, customer: str | None = None) -> Document:
    """A page of a customer's payment methods."""
    params.only(*PAGING, "type", *(() if customer else ("customer",)))
    owner = customer or params.needed("customer")
    world.get("customer", owner, "customer")
    url = f"/v1/customers/{owner}/payment_methods" if customer else "/v1/payment_methods"
    return listed(world, "payment_method", url, params, customer=owner, type=params.text("type"))


def attached_to(world: World, key: str, customer: str) -> Document:
    """Save a payment method for a customer. Raises StripeError for a card that cannot be saved."""
    if world.get("customer", customer, "customer").get("deleted"):
        raise missing("customer", customer, "customer")
    method = resolved(world, key)
    if method["customer"] == customer:
        return method
    if method["customer"] is not None or method["_used"]:
        raise refused(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
    card = card_of(method)
    if card.decline and not card.attaches:
        raise card_error(card.decline)
    world.change(method, customer=customer)
    world.tell("payment_method.attached", method)
    return method


def resolved(world: World, key: str, param: str = "payment_method") -> Document:
    """The payment method of an id, a new one for a test id such as `pm_card_visa`."""
    if key in DELAYED:
        return _made(world, "us_bank_account", None, {}, None, 12, settles=DELAYED[key])
    if not key.startswith("pm_card_"):
        return world.get("payment_method", key, param)
    card = BY_NAME.get(key.removeprefix("pm_card_"))
    if card is None:
        raise missing("payment_method", key, param)
    return _made(world, "card", card, {}, None, 12)


def crypto_wallet(world: World) -> Document:
    """A wallet that was connected on a page."""
    return _made(world, "crypto", None, {}, None, 12)


def card_of(method: Document) -> Card:
    """How a payment method behaves; what is no card behaves well."""
    return BY_NAME[method["_card"]]


def _told_card(told: Params) -> Card:
    told.only("number", "exp_month", "exp_year", "cvc", "token")
    if token := told.text("token"):
        found = BY_NAME.get(token.removeprefix("tok_"))
    else:
        found = BY_NUMBER.get(told.needed("number").replace(" ", ""))
    if found is None:
        raise card_error("incorrect_number", param="card[number]")
    return found


def _made(
    world: World,
    kind: str,
    card: Card | None,
    metadata: dict[str, str],
    billing: Document | None,
    month: int,
    *,
    settles: bool = True,
) -> Document:
    year = time.gmtime(world.now()).tm_year + 4
    about = described(card, month, year) if card else {}
    return world.make(
        "pm",
        allow_redisplay="unspecified",
        billing_details={"address": None, "email": None, "name": None, "phone": None, **(billing or {})},
        customer=None,
        metadata=metadata,
        type=kind,
        **{kind: about},
        _card=card.name if card else "visa",
        _used=False,
        _set_up=False,
        _settles=settles,
    )
