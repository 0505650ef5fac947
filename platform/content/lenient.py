"""Reading documents that came from elsewhere: what has the wrong type is absent, and nothing raises."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
_ABSENT: Any = object()


def read(document: Mapping[str, Any], struct: type[S]) -> S:
    """The document as `struct`, all of whose fields but `id` have defaults. Never raises on odd values.

    A value of the wrong type is left at its default. In a list of structs an entry that is no object becomes an empty
    struct, so that places in the list keep their meaning; in a list of optional values it becomes None; in other lists
    it is dropped.
    """
    try:
        return msgspec.convert(document, struct, strict=False)
    except (msgspec.ValidationError, TypeError, ValueError, OverflowError):
        return _struct(document, struct)


def _struct(document: Mapping[str, Any], struct: type[S]) -> S:
    values: dict[str, Any] = {}
    for name, key, kind in _fields(struct):
        if key in document:
            value = _value(document[key], kind)
            if value is not _ABSENT:
                values[name] = value
    return struct(**values)


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    return tuple((field.name, field.encode_name, field.type) for field in msgspec.structs.fields(struct))


def _value(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, TypeError, ValueError, OverflowError):
        pass
    for choice in _choices(kind):
        found = _part(value, choice)
        if found is not _ABSENT:
            return found
    return _ABSENT


def _choices(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) in (Union, UnionType):
        return tuple(choice for choice in get_args(kind) if choice is not NoneType)
    return (kind,)


def _part(value: Any, kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(cast("Mapping[str, Any]", value), kind) if isinstance(value, Mapping) else _ABSENT
    if get_origin(kind) is list and isinstance(value, list):
        return _list(value, get_args(kind)[0])
    if get_origin(kind) is dict and isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        found = {key: _value(inner, get_args(kind)[1]) for key, inner in entries}
        return {key: inner for key, inner in found.items() if inner is not _ABSENT}
    return _ABSENT


def _list(values: list[Any], kind: Any) -> list[Any]:
    found = [_value(value, kind) for value in values]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [kind() if value is _ABSENT else value for value in found]
    if NoneType in get_args(kind):
        return [None if value is _ABSENT else value for value in found]
    return [value for value in found if value is not _ABSENT]
