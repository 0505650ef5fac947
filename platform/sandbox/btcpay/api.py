"""One request of the Greenfield API: who asks, what for, and what comes of it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from sandbox.http.exchange import Answer, Request, in_json
from sandbox.http.faults import Fate, Rule
from sandbox.http.routing import Router
from sandbox.http.store import Document

from . import invoices, payments, refunds, webhooks
from .errors import Problem, not_found, problem
from .world import World

_STORE: Final = "/api/v1/stores/{store}"
_HOOKS: Final = f"{_STORE}/webhooks"


def _health(world: World, request: Request) -> Document:
    return {"synchronized": True}


def _key(world: World, request: Request) -> Document:
    key = request.headers["authorization"].partition(" ")[2]
    return {"apiKey": key, "label": "", "permissions": list(world.options.permissions)}


def _store(world: World, request: Request, store_id: str) -> Document:
    return {"id": store_id, "name": store_id, "defaultCurrency": "USD"}


ROUTES: Final[dict[str, Callable[..., Any]]] = {
    "GET /api/v1/health": _health,
    "GET /api/v1/api-keys/current": _key,
    f"GET {_STORE}": _store,
    f"POST {_STORE}/invoices": invoices.create,
    f"GET {_STORE}/invoices": invoices.list_all,
    f"GET {_STORE}/invoices/{{id}}": invoices.retrieve,
    f"PUT {_STORE}/invoices/{{id}}": invoices.update,
    f"DELETE {_STORE}/invoices/{{id}}": invoices.archive,
    f"POST {_STORE}/invoices/{{id}}/unarchive": invoices.unarchive,
    f"POST {_STORE}/invoices/{{id}}/status": invoices.mark,
    f"GET {_STORE}/invoices/{{id}}/payment-methods": payments.methods,
    f"POST {_STORE}/invoices/{{id}}/refund": refunds.refund,
    f"GET {_STORE}/pull-payments": refunds.list_all,
    "GET /api/v1/pull-payments/{id}": refunds.retrieve,
    "GET /api/v1/pull-payments/{id}/payouts": refunds.payouts,
    "GET /api/v1/pull-payments/{id}/payouts/{payout}": refunds.payout,
    f"POST {_HOOKS}": webhooks.create,
    f"GET {_HOOKS}": webhooks.list_all,
    f"GET {_HOOKS}/{{id}}": webhooks.retrieve,
    f"PUT {_HOOKS}/{{id}}": webhooks.update,
    f"DELETE {_HOOKS}/{{id}}": webhooks.delete,
    f"GET {_HOOKS}/{{id}}/deliveries": webhooks.deliveries,
    f"GET {_HOOKS}/{{id}}/deliveries/{{delivery}}/request": webhooks.delivered,
    f"POST {_HOOKS}/{{id}}/deliveries/{{delivery}}/redeliver": webhooks.redeliver,
}
_PUBLIC: Final = ("/api/v1/health", "/api/v1/pull-payments/")


class Api:
    """The API over a world."""

    def __init__(self, world: World, counters: Counter[str]) -> None:
        self._world = world
        self._counters = counters
        self._router: Router[Callable[..., Any]] = Router(ROUTES)

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """Answer it, as far as the faults let the server."""
        fate = rule.fate if rule else None
        if fate is Fate.UNAVAILABLE:
            return Answer(503, b"<html>Service Unavailable</html>", "text/html")
        if rule and rule.seconds:
            await asyncio.sleep(rule.seconds)
        try:
            self._let_in(request, fate)
            answer = in_json(200, self._worked(request))
        except Problem as error:
            answer = in_json(error.status, error.document)
        return Answer(500, b"", "text/plain") if fate is Fate.ERROR_AFTER else answer

    def _let_in(self, request: Request, fate: Fate | None) -> None:
        if not request.path.startswith(_PUBLIC):
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            allowed = self._world.options.api_keys
            if scheme != "token" or not key or (allowed is not None and key not in allowed):
                message = "Authentication is required for accessing this endpoint"
                raise problem(401, "unauthenticated", message)
        if fate is Fate.RATE_LIMIT:
            raise problem(429, "too-many-requests", "Too many requests")
        if fate is Fate.ERROR_BEFORE:
            raise problem(500, "internal-error", "Something went wrong")

    def _worked(self, request: Request) -> Any:
        found = self._router.find(request.method, request.path)
        if found is None:
            raise not_found("page")
        place, deed, segments = found
        stores = self._world.options.stores
        if stores is not None and segments.get("store", stores[0]) not in stores:
            message = "Insufficient API Permissions for this store"
            raise problem(403, "missing-permission", message, permission="btcpay.store.canviewinvoices")
        self._counters[place] += 1
        return deed(self._world, request, *segments.values())
