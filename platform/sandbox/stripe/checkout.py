"""Checkout Sessions, hosted: https://docs.stripe.com/api/checkout/sessions"""

from typing import Final

from sandbox.http.store import Document

from .customers import living
from .errors import invalid, refused
from .lists import PAGING, listed
from .params import Params
from .setups import made as setup_made
from .terms import NAMING, chargeable, currency_told, method_types
from .world import World

_SHORTEST: Final = 1_800
_LONGEST: Final = 86_400
_FOR_PAYMENTS: Final = (
    *("description", "metadata", "setup_future_usage", "receipt_email", "transfer_group", "capture_method"),
    "statement_descriptor_suffix",
)
_LOOKS: Final = ("locale", "submit_type", "billing_address_collection", "customer_creation", "customer_update")


def create(world: World, params: Params) -> Document:
    """A session with the page on which it is paid (`mode` payment) or a method saved (setup)."""
    params.only(
        *("mode", "line_items", "success_url", "cancel_url", "customer", "customer_email", "client_reference_id"),
        *("metadata", "payment_intent_data", "setup_intent_data", "expires_at", "currency", *NAMING),
        *("ui_mode", "adaptive_pricing", "payment_method_options", "expand", *_LOOKS),
    )
    params.inner("adaptive_pricing").only("enabled").flag("enabled")
    mode = params.one_of("mode", "payment", "setup") or "payment"
    params.one_of("ui_mode", "hosted_page")
    customer = params.text("customer")
    if customer:
        living(world, customer)
        if "customer_email" in params:
            raise invalid("You may only specify one of these parameters: customer, customer_email.", param="customer")
    lines, currency = _lines(params) if mode == "payment" else ([], _setup_currency(params))
    total = sum(line["amount_total"] for line in lines)
    if lines:
        chargeable(total, currency or "", "line_items")
    intended = params.inner("payment_intent_data").only(*_FOR_PAYMENTS)
    kept = mode == "setup" or "setup_future_usage" in intended
    types = [kind for kind in method_types(params, currency, kept=kept) if kind != "us_bank_account"]
    session = world.make(
        "cs_test",
        amount_subtotal=total if lines else None,
        amount_total=total if lines else None,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=params.text("cancel_url"),
        client_reference_id=params.text("client_reference_id"),
        client_secret=None,
        currency=currency,
        custom_fields=[],
        customer=customer,
        customer_creation=None if customer else params.text("customer_creation") or "if_required",
        customer_details=None,
        customer_email=params.email("customer_email"),
        expires_at=_expiry(world, params),
        locale=params.text("locale"),
        metadata=params.merged(),
        mode=mode,
        payment_intent=None,
        payment_method_options=params.plain("payment_method_options") or {},
        payment_method_types=types,
        payment_status="unpaid" if lines else "no_payment_required",
        setup_intent=None,
        shipping_options=[],
        status="open",
        submit_type=params.text("submit_type"),
        subscription=None,
        success_url=params.needed("success_url"),
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        url=None,
        _lines=lines,
        _intended=_kept(intended),
    )
    world.change(session, url=f"{world.url}/c/pay/{session['id']}")
    if not lines:
        _with_setup(world, session, params)
    world.timers.put(session["expires_at"] - world.clock(), "session_over", session["id"])
    return session


def retrieve(world: World, params: Params, key: str) -> Document:
    """A session as it is now."""
    params.only("expand")
    session = world.get("checkout.session", key)
    if "line_items" not in params.texts("expand"):
        return session
    return {**session, "line_items": _line_page(session)}


def list_all(world: World, params: Params) -> Document:
    """A page of sessions."""
    params.only(*PAGING, "customer", "payment_intent", "status")
    wanted = {name: params.text(name) for name in ("customer", "payment_intent", "status")}
    return listed(world, "checkout.session", "/v1/checkout/sessions", params, **wanted)


def line_items(world: World, params: Params, key: str) -> Document:
    """What a session is about."""
    params.only("limit", "expand")
    return _line_page(world.get("checkout.session", key))


def expire(world: World, params: Params, key: str) -> Document:
    """End a session that nobody has completed."""
    params.only("expand")
    session = world.get("checkout.session", key)
    if session["status"] != "open":
        raise refused(f'Only Checkout Sessions with a status in ["open"] can be expired: {session["status"]}.')
    over(world, key)
    return session


def over(world: World, key: str) -> None:
    """The time of a session is up; nothing where it was completed."""
    session = world.get("checkout.session", key)
    if session["status"] != "open":
        return
    former = world.change(session, status="expired", url=None)
    if session["payment_intent"]:
        intent = world.get("payment_intent", session["payment_intent"])
        world.change(intent, status="canceled", canceled_at=world.now(), next_action=None)
        world.tell("payment_intent.canceled", intent)
    world.tell("checkout.session.expired", session, former)


def _lines(params: Params) -> tuple[list[Document], str]:
    lines: list[Document] = []
    items = params.items("line_items")
    if not items:
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    for number, item in enumerate(items):
        item.only("price_data", "quantity")
        price = item.inner("price_data").only("currency", "unit_amount", "product_data", "tax_behavior")
        product = price.inner("product_data").only("name", "description", "metadata", "images")
        quantity = item.whole("quantity") or 1
        price.needed("unit_amount")
        amount = (price.whole("unit_amount") or 0) * quantity
        lines.append(
            {
                "id": f"li_sandbox{number}",
                "object": "item",
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": currency_told(price),
                "description": product.needed("name"),
                "quantity": quantity,
            }
        )
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    return lines, currencies.pop()


def _setup_currency(params: Params) -> str | None:
    if "line_items" in params:
        raise invalid("You can not pass `line_items` in `setup` mode.", param="line_items")
    return currency_told(params) if "currency" in params else None


def _with_setup(world: World, session: Document, params: Params) -> None:
    told = params.inner("setup_intent_data").only("description", "metadata")
    values = {**_kept(told), "allowed_payment_method_types": session["payment_method_types"]}
    intent = setup_made(world, Params(values), session["customer"], None)
    world.change(intent, _session=session["id"])
    world.change(session, setup_intent=intent["id"])


def _expiry(world: World, params: Params) -> int:
    told = params.whole("expires_at")
    if told is None:
        return int(world.now() + world.options.session_for)
    if not _SHORTEST <= told - world.now() <= _LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    return told


def _kept(params: Params) -> Document:
    texts: Document = {name: params.text(name) for name in params.names if name != "metadata"}
    return {**texts, "metadata": params.merged()}


def _line_page(session: Document) -> Document:
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": session["_lines"]}
