"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests

The answer to the first request under a key is kept, errors too, and given again to the same request. What was refused
before its work began (validation, 401, 409, 429) is not kept.
"""

import hashlib
from typing import Final

import msgspec

from sandbox.http.clock import Clock
from sandbox.http.exchange import Answer, Request
from sandbox.http.store import Document, Store

from .errors import StripeError

_KIND: Final = "idempotency"
_LONGEST: Final = 255


class Keys:
    """The keys in use and the answers kept."""

    def __init__(self, store: Store, clock: Clock, kept_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._kept_seconds = kept_seconds
        self._running: set[str] = set()

    def begin(self, key: str, request: Request, params: Document) -> Answer | None:
        """The kept answer, or None where the work is to be done now (`end` comes then). Raises StripeError."""
        if len(key) > _LONGEST:
            raise StripeError(400, "invalid_request_error", f"Idempotency keys have at most {_LONGEST} characters.")
        known = self._store.get(_KIND, key)
        if known is not None and known["at"] + self._kept_seconds <= self._clock():
            self._store.drop(_KIND, key)
            known = None
        if key in self._running:
            message = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again later."
            )
            raise StripeError(409, "invalid_request_error", message, code="idempotency_key_in_use", kept=False)
        if known is None:
            self._running.add(key)
            return None
        if known["path"] != request.path:
            raise _reused("for the same endpoint they were first used for", key)
        if known["params"] != _digest(params):
            raise _reused("with the same parameters they were first used with", key)
        headers = {"idempotent-replayed": "true", "original-request": known["request"]}
        return Answer(known["status"], known["body"].encode(), headers=headers)

    def end(self, key: str, request: Request, params: Document, answer: Answer | None) -> None:
        """The work is done; `answer` is kept, None is not."""
        self._running.discard(key)
        if answer is None:
            return
        kept = {
            "path": request.path,
            "params": _digest(params),
            "at": self._clock(),
            "status": answer.status,
            "body": answer.content.decode(),
            "request": answer.headers.get("request-id", ""),
        }
        self._store.put(_KIND, key, kept)


def _digest(params: Document) -> str:
    return hashlib.sha256(msgspec.json.encode(params, order="deterministic")).hexdigest()


def _reused(how: str, key: str) -> StripeError:
    message = (
        f"Keys for idempotent requests can only be used {how}. Try using a key other than '{key}' if you meant to "
        "execute a different request."
    )
    return StripeError(400, "idempotency_error", message, kept=False)
