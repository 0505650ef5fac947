"""Which deed answers which request."""

from collections.abc import Callable
from typing import Final

from sandbox.http.store import Document

from . import balance, charges, customers, intents, listening, methods

ROUTES: Final[dict[str, Callable[..., Document]]] = {
    "POST /v1/customers": customers.create,
    "GET /v1/customers": customers.list_all,
    "GET /v1/customers/{id}": customers.retrieve,
    "POST /v1/customers/{id}": customers.update,
    "DELETE /v1/customers/{id}": customers.delete,
    "GET /v1/customers/{id}/payment_methods": methods.list_all,
    "POST /v1/payment_methods": methods.create,
    "GET /v1/payment_methods": methods.list_all,
    "GET /v1/payment_methods/{id}": methods.retrieve,
    "POST /v1/payment_methods/{id}": methods.update,
    "POST /v1/payment_methods/{id}/attach": methods.attach,
    "POST /v1/payment_methods/{id}/detach": methods.detach,
    "POST /v1/payment_intents": intents.create,
    "GET /v1/payment_intents": intents.list_all,
    "GET /v1/payment_intents/{id}": intents.retrieve,
    "POST /v1/payment_intents/{id}": intents.update,
    "POST /v1/payment_intents/{id}/confirm": intents.confirm,
    "POST /v1/payment_intents/{id}/capture": intents.capture,
    "POST /v1/payment_intents/{id}/cancel": intents.cancel,
    "GET /v1/charges": charges.list_all,
    "GET /v1/charges/{id}": charges.retrieve,
    "GET /v1/balance": balance.balance,
    "GET /v1/balance_transactions": balance.list_all,
    "GET /v1/balance_transactions/{id}": balance.retrieve,
    "GET /v1/events": listening.list_events,
    "GET /v1/events/{id}": listening.retrieve_event,
    "POST /v1/webhook_endpoints": listening.create,
    "GET /v1/webhook_endpoints": listening.list_all,
    "GET /v1/webhook_endpoints/{id}": listening.retrieve,
    "POST /v1/webhook_endpoints/{id}": listening.update,
    "DELETE /v1/webhook_endpoints/{id}": listening.delete,
}
