"""Errors in Stripe's shape: https://docs.stripe.com/api/errors"""

from typing import Any

from sandbox.http.store import Document


class StripeError(ValueError):
    """`kept`: whether the answer is stored under the idempotency key; what fails validation is not."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str | None = None, kept: bool = True, **about: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.body: Document = {"type": kind, "message": message}
        if code is not None:
            self.body |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        self.body |= {name: value for name, value in about.items() if value is not None}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """A parameter that cannot be taken."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param, kept=False)


def refused(message: str, code: str | None = None, **about: Any) -> StripeError:
    """A request that is well formed and does not fit the state of things."""
    return StripeError(400, "invalid_request_error", message, code=code, **about)


def missing(kind: str, key: str, param: str = "id") -> StripeError:
    """An object that there is not."""
    message = f"No such {kind.replace('_', '')}: '{key}'"
    return StripeError(404, "invalid_request_error", message, code="resource_missing", param=param)


def not_signed_in(message: str) -> StripeError:
    """No key, or one that is not let in."""
    return StripeError(401, "invalid_request_error", message, kept=False)


def not_permitted(message: str) -> StripeError:
    """A restricted key that may not do this."""
    return StripeError(403, "invalid_request_error", message, kept=False)
