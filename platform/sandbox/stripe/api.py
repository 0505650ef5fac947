"""One request of the API: who asks, what for, under which key, and what comes of it."""

import asyncio
import base64
import binascii
import secrets
from collections import Counter
from collections.abc import Callable

from sandbox.http.exchange import Answer, Request, in_json
from sandbox.http.faults import Fate, Rule
from sandbox.http.routing import Router
from sandbox.http.store import Document

from .errors import StripeError, not_permitted, not_signed_in
from .idempotency import Keys
from .model import API_VERSION
from .params import Params, decoded
from .render import expanded
from .routes import ROUTES
from .world import World


class Api:
    """The v1 API over a world."""

    def __init__(self, world: World, counters: Counter[str]) -> None:
        self._world = world
        self._counters = counters
        self._keys = Keys(world.store, world.clock, world.options.idempotency_for)
        self._router: Router[Callable[..., Document]] = Router(ROUTES)

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """Answer it, as far as the faults let the service."""
        request_id = f"req_{secrets.token_urlsafe(10)}"
        headers = {"request-id": request_id, "stripe-version": request.headers.get("stripe-version", API_VERSION)}
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is not None:
            headers["idempotency-key"] = key
        if rule and rule.fate is Fate.UNAVAILABLE:
            return Answer(503, b"<html>Service Unavailable</html>", "text/html", headers)
        try:
            self._signed_in(request)
            _let_in(rule)
            params = decoded(_text(request))
            given = self._keys.begin(key, request, params) if key is not None else None
        except StripeError as error:
            return _failed(error, headers)
        if given is not None:
            self._counters["replayed"] += 1
            return Answer(given.status, given.content, headers={**headers, **given.headers})
        return await self._under(key, request, params, rule, headers)

    async def _under(
        self, key: str | None, request: Request, params: Document, rule: Rule | None, headers: dict[str, str]
    ) -> Answer:
        """Do the work while nobody else can under the same key."""
        kept: Answer | None = None
        try:
            if rule and rule.seconds:
                await asyncio.sleep(rule.seconds)
            answer, keep = self._done(key, request, params, rule, headers)
            kept = answer if keep else None
        finally:
            if key is not None:
                self._keys.end(key, request, params, kept)
        return answer

    def _done(
        self, key: str | None, request: Request, params: Document, rule: Rule | None, headers: dict[str, str]
    ) -> tuple[Answer, bool]:
        """The answer, and whether a key keeps it."""
        fate = rule.fate if rule else None
        if fate is Fate.ERROR_BEFORE:
            return _failed(_own_failure(), headers), True
        self._world.request = {"id": headers["request-id"], "idempotency_key": key}
        try:
            answer, keep = in_json(200, self._worked(request, params), headers), True
        except StripeError as error:
            answer, keep = _failed(error, headers), error.kept
        finally:
            self._world.request = {"id": None, "idempotency_key": None}
        return (_failed(_own_failure(), headers), True) if fate is Fate.ERROR_AFTER else (answer, keep)

    def _worked(self, request: Request, params: Document) -> Document:
        found = self._router.find(request.method, request.path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise StripeError(404, "invalid_request_error", message, kept=False)
        place, deed, segments = found
        self._counters[place] += 1
        told = Params(params)
        return expanded(self._world, deed(self._world, told, *segments.values()), told.texts("expand"))

    def _signed_in(self, request: Request) -> None:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = _basic(value) if scheme == "Basic" else value
        if not key:
            raise not_signed_in("You did not provide an API key.")
        allowed = self._world.options.api_keys
        if key not in allowed if allowed is not None else not key.startswith(("sk_", "rk_")):
            raise not_signed_in(f"Invalid API Key provided: {key[:8]}{'*' * 8}")
        if key.startswith("rk_") and request.path.split("/")[2] in {*self._world.options.denied, "account"}:
            raise not_permitted(f"The provided key '{key[:8]}' does not have the required permissions.")


def _let_in(rule: Rule | None) -> None:
    if rule and rule.fate is Fate.RATE_LIMIT:
        message = "Request rate limit exceeded."
        raise StripeError(429, "invalid_request_error", message, code="rate_limit", kept=False)


def _text(request: Request) -> str:
    if request.method != "POST":
        return request.query
    try:
        return request.body.decode()
    except UnicodeDecodeError as error:
        raise StripeError(400, "invalid_request_error", "Invalid UTF-8 in the request body", kept=False) from error


def _basic(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _failed(error: StripeError, headers: dict[str, str]) -> Answer:
    return in_json(error.status, {"error": error.body}, headers)


def _own_failure() -> StripeError:
    return StripeError(500, "api_error", "Sorry! There was an error while talking to one of our backends.")
