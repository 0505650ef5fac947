"""What a request's JSON says, field by field."""

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from sandbox.http.exchange import Request
from sandbox.http.store import Document

from .errors import Problem, invalid, problem


def document_of(request: Request) -> Document:
    """The object that was sent. Raises Problem."""
    try:
        return msgspec.json.decode(request.body or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise problem(400, "invalid-json", f"The request is no JSON object: {error}") from error


def text(document: Document, name: str) -> str | None:
    """A text, or none."""
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, "This has to be a text")
    return value or None


def decimal(document: Document, name: str) -> Decimal | None:
    """A number that may be sent as a text, as amounts are. Raises Problem for one that is none, or negative."""
    value = document.get(name)
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise invalid(name, "This has to be a decimal number") from error
    if not number.is_finite() or number < 0:
        raise invalid(name, "This has to be a positive number")
    return number


def minutes(document: Document, name: str, default: int) -> int:
    """A whole number of minutes."""
    value = document.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise invalid(name, "This has to be a number of minutes")
    return value


def inner(document: Document, name: str) -> Document:
    """An object within; an absent one is empty. Raises Problem."""
    value = document.get(name)
    if value is not None and not isinstance(value, dict):
        raise invalid(name, "This has to be an object")
    return value or {}


__all__ = ["Problem", "decimal", "document_of", "inner", "minutes", "text"]
