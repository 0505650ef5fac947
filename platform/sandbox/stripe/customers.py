"""Customers: https://docs.stripe.com/api/customers"""

from sandbox.http.store import Document

from .errors import missing
from .lists import PAGING, listed
from .methods import attached_to
from .params import Params
from .world import World

_TOLD = ("address", "description", "email", "invoice_settings", "metadata", "name", "phone", "preferred_locales")


def create(world: World, params: Params) -> Document:
    """A new customer."""
    params.only(*_TOLD, "payment_method", "expand")
    told = _told(params, {})
    customer = world.make(
        "cus",
        **{
            "address": None,
            "balance": 0,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "discount": None,
            "email": None,
            "invoice_settings": _settings(None),
            "metadata": {},
            "name": None,
            "phone": None,
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
            **told,
        },
    )
    world.tell("customer.created", customer)
    if method := params.text("payment_method"):
        attached_to(world, method, customer["id"])
    return customer


def retrieve(world: World, params: Params, key: str) -> Document:
    """A customer; of a deleted one nothing but that it is."""
    params.only("expand")
    return world.get("customer", key)


def update(world: World, params: Params, key: str) -> Document:
    """A changed customer."""
    params.only(*_TOLD, "expand")
    customer = living(world, key, "id")
    former = world.change(customer, **_told(params, customer))
    world.tell("customer.updated", customer, former)
    return customer


def delete(world: World, params: Params, key: str) -> Document:
    """Delete a customer, detaching what was saved for it."""
    params.only()
    customer = living(world, key, "id")
    world.tell("customer.deleted", customer)
    for method in world.all("payment_method"):
        if method["customer"] == key:
            world.change(method, customer=None)
    gone = {"id": key, "object": "customer", "deleted": True, "created": customer["created"]}
    world.save(gone)
    return {"id": key, "object": "customer", "deleted": True}


def list_all(world: World, params: Params) -> Document:
    """A page of customers."""
    params.only(*PAGING, "email")
    return listed(world, "customer", "/v1/customers", params, email=params.text("email"))


def living(world: World, key: str, param: str = "customer") -> Document:
    """A customer who is not deleted. Raises StripeError."""
    customer = world.get("customer", key, param)
    if customer.get("deleted"):
        raise missing("customer", key, param)
    return customer


def _told(params: Params, old: Document) -> Document:
    told: Document = {name: params.text(name) for name in ("description", "name", "phone") if name in params}
    if "email" in params:
        told["email"] = params.email("email")
    if "address" in params:
        told["address"] = params.plain("address")
    if "preferred_locales" in params:
        told["preferred_locales"] = params.texts("preferred_locales")
    if "metadata" in params:
        told["metadata"] = params.merged(old.get("metadata"))
    if "invoice_settings" in params:
        inner = params.inner("invoice_settings").only("default_payment_method", "footer")
        told["invoice_settings"] = _settings(inner.text("default_payment_method"))
    return told


def _settings(method: str | None) -> Document:
    return {"custom_fields": None, "default_payment_method": method, "footer": None, "rendering_options": None}
