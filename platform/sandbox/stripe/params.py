"""Form-encoded parameters as Stripe's clients nest them: `metadata[order]=7`, `expand[0]=charge`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.http.store import Document

from .errors import invalid

_PART = re.compile(r"\[([^\]]*)\]")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_DIGITS = re.compile(r"-?\d{1,15}")
TRUTHS = {"true": True, "false": False}


def decoded(text: str) -> Document:
    """The nested values of a form or a query. Raises StripeError for one that contradicts itself."""
    values: Document = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        root = name.split("[", 1)[0]
        _place(values, [root, *_PART.findall(name)], value)
    gathered = _with_lists(values)
    return gathered if isinstance(gathered, dict) else {}


def _place(values: Document, path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = values.setdefault(part or str(len(values)), {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid parameter: {path[0]}", param=path[0])
        values = inner
    values[path[-1] or str(len(values))] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


class Params:
    """Typed reading of one level of parameters; whoever reads names all that may be there with `only`."""

    def __init__(self, values: Document, path: str = "") -> None:
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._values

    @property
    def names(self) -> tuple[str, ...]:
        """What was told."""
        return tuple(self._values)

    def only(self, *names: str) -> Params:
        """Refuse every other parameter, as Stripe does."""
        for name in self._values:
            if name not in names:
                raise invalid(f"Received unknown parameter: {self._of(name)}", param=name, code="parameter_unknown")
        return self

    def text(self, name: str) -> str | None:
        """A text; an empty one is none."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(f"Invalid string: {self._of(name)}", param=self._of(name))
        return value or None

    def email(self, name: str) -> str | None:
        """An address of e-mail, as far as one can see."""
        value = self.text(name)
        if value is not None and _EMAIL.fullmatch(value) is None:
            raise invalid(f"Invalid email address: {value}", param=self._of(name), code="email_invalid")
        return value

    def needed(self, name: str) -> str:
        """A text that has to be there."""
        value = self.text(name)
        if value is None:
            raise invalid(f"Missing required param: {self._of(name)}.", param=self._of(name), code="parameter_missing")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self.text(name)
        if value is None:
            return None
        if not _DIGITS.fullmatch(value):
            raise invalid(f"Invalid integer: {value}", param=self._of(name), code="parameter_invalid_integer")
        return int(value)

    def flag(self, name: str) -> bool | None:
        """A truth value."""
        value = self.text(name)
        if value is None:
            return None
        if value not in TRUTHS:
            raise invalid(f"Invalid boolean: {value}", param=self._of(name))
        return TRUTHS[value]

    def one_of(self, name: str, *choices: str) -> str | None:
        """A text out of a few."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise invalid(f"Invalid {self._of(name)}: must be one of {', '.join(choices)}", param=self._of(name))
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        value = self._values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise invalid(f"Invalid array: {self._of(name)}", param=self._of(name))
        return value

    def inner(self, name: str) -> Params:
        """What is nested below a name."""
        value = self._values.get(name) or {}
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {self._of(name)}", param=self._of(name))
        return Params(value, self._of(name))

    def items(self, name: str) -> list[Params]:
        """A list of nested ones."""
        value = self._values.get(name) or []
        if not isinstance(value, list):
            raise invalid(f"Invalid array: {self._of(name)}", param=self._of(name))
        return [Params(each, f"{self._of(name)}[{index}]") for index, each in enumerate(value)]

    def plain(self, name: str) -> Document | None:
        """What is nested below a name, as it is."""
        value = self._values.get(name)
        return value if isinstance(value, dict) else None

    def merged(self, old: dict[str, str] | None = None, name: str = "metadata") -> dict[str, str]:
        """Metadata with what is told of it: an empty value takes a name out, an empty whole takes all."""
        if name in self._values and self._values[name] == "":
            return {}
        told = self._values.get(name) or {}
        if isinstance(told, list):
            told = {str(index): each for index, each in enumerate(told)}
        if not isinstance(told, dict) or not all(isinstance(each, str) for each in told.values()):
            raise invalid("Invalid object: metadata values are strings", param=self._of(name))
        kept = {key: value for key, value in {**(old or {}), **told}.items() if value != ""}
        if len(kept) > 50 or any(len(key) > 40 or len(value) > 500 for key, value in kept.items()):
            raise invalid("Metadata takes 50 keys of 40 characters with values of 500", param=self._of(name))
        return kept

    def _of(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name
