"""A tenant's choices for its theme: checked against the theme's schema, defaults filled in."""

from collections.abc import Mapping

import msgspec
from jsonschema import Draft202012Validator

from tenancy.themes.colour import BadColour, Colour
from tenancy.themes.model import Theme


class Rejected(msgspec.Struct, frozen=True):
    """A setting that was not taken, and why; the theme's default is used in its place."""

    setting: str
    reason: str


class Chosen(msgspec.Struct, frozen=True):
    """The settings in force, every one of the schema present, and what was turned down on the way."""

    values: Mapping[str, str]
    rejected: tuple[Rejected, ...] = ()


def choose(theme: Theme, given: Mapping[str, str | None]) -> Chosen:
    """The theme's defaults with the valid ones of `given` over them. None and "" mean: not chosen."""
    properties = theme.schema["properties"]
    assert isinstance(properties, dict)
    values = {name: str(rules["default"]) for name, rules in properties.items()}
    rejected: list[Rejected] = []
    for name, value in given.items():
        if value is None or value == "":
            continue
        reason = _refusal(properties.get(name), value)
        if reason is None:
            values[name] = value
        else:
            rejected.append(Rejected(name, reason))
    return Chosen(values, tuple(rejected))


def _refusal(rules: Mapping[str, object] | None, value: str) -> str | None:
    if rules is None:
        return "the theme has no such setting"
    for error in Draft202012Validator(rules).iter_errors(value):
        return str(error.message)
    if rules.get("format") == "colour":
        try:
            Colour.parse(value)
        except BadColour as error:
            return str(error)
    return None
