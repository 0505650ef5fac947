"""MongoDB Extended JSON, the line format of dumps: v2 canonical and relaxed are read and written, v1 is read.

https://github.com/mongodb/specifications/blob/master/source/extended-json.md
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from decimal import InvalidOperation
from typing import Any, cast

import bson
from bson import json_util
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError, InvalidDocument

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 - 64 * 1024
"""MongoDB's 16 MiB less what the platform adds to a stored document."""
MAX_DEPTH = 100
"""MongoDB's limit on nesting."""

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_DOUBLE = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|NaN|-?Infinity", re.ASCII)
_OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_LOSSY = frozenset({"$undefined", "$symbol", "$dbPointer"})
"""Types that Python cannot hold apart from others: kept as the plain objects they are written as."""

_ID_TYPES = (
    str,
    int,
    float,
    bool,
    datetime,
    bytes,
    dict,
    bson.ObjectId,
    bson.Decimal128,
    bson.DatetimeMS,
    bson.Timestamp,
)


def _options(mode: int) -> json_util.JSONOptions:
    return json_util.JSONOptions(
        json_mode=mode, tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_AUTO, document_class=dict
    )


_CANONICAL = _options(json_util.JSONMode.CANONICAL)
_RELAXED = _options(json_util.JSONMode.RELAXED)


class NotADocument(ValueError):
    """What was given is no document that MongoDB can hold; `reason` says why in a phrase."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(line: bytes) -> dict[str, Any]:
    """The document on one line, its Extended JSON wrappers turned into BSON types.

    An object with `$` keys that is no valid wrapper stays the object it is. Raises NotADocument: not UTF-8, not JSON,
    not an object, a key twice, a NUL in a key, an integer beyond 64 bits, too deep or too large for MongoDB.
    """
    try:
        document = json.loads(
            line.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except UnicodeDecodeError as error:
        raise NotADocument(f"not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise NotADocument(f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise NotADocument(f"nested deeper than {MAX_DEPTH} levels") from None
    if not isinstance(document, dict):
        raise NotADocument("not an object")
    found = cast("dict[str, Any]", document)
    _check(found)
    return found


def encode(document: Mapping[str, Any], *, canonical: bool = False) -> str:
    """One line of Extended JSON. Relaxed by default, but a 64-bit integer that a reader would take for a 32-bit one
    keeps its wrapper, so that reading the line gives the same types again."""
    plain = dict(document) if canonical else _keep_small_longs(document)
    options = _CANONICAL if canonical else _RELAXED
    return json_util.dumps(plain, json_options=options, ensure_ascii=False, separators=(",", ":"))


def fingerprint(document: Mapping[str, Any]) -> str:
    """64 hex digits that stand for the document's values and types, whatever the order of its keys."""
    text = json_util.dumps(document, json_options=_CANONICAL, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def identity(value: Any) -> Hashable:
    """Equal for two `_id`s that MongoDB holds for one."""
    if isinstance(value, str) and not isinstance(value, bson.Code):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        # MongoDB holds NaN for equal to itself.
        return ("number", "NaN" if math.isnan(value) else value)
    return ("other", fingerprint({"": value}))


def identifiers(text: str) -> list[Any]:
    """Every `_id` that a path segment may stand for: the text, the integer, the ObjectId."""
    found: list[Any] = [text]
    if _INTEGER.fullmatch(text) and int(text) in _INT64:
        found.append(int(text))
    if _OBJECT_ID.fullmatch(text):
        found.append(bson.ObjectId(text))
    return found


def check_id(document: Mapping[str, Any]) -> Any:
    """The document's `_id`. Raises NotADocument if it has none that MongoDB takes."""
    if document.get("_id") is None:
        raise NotADocument("no _id")
    value = document["_id"]
    if not isinstance(value, _ID_TYPES):
        raise NotADocument(f"an _id may not be a {type(value).__name__}")
    if isinstance(value, dict) and _has_dollar_keys(cast("dict[str, Any]", value)):
        raise NotADocument("an _id may not have keys that start with $")
    return value


def _check(document: dict[str, Any]) -> None:
    if _depth(document) > MAX_DEPTH:
        raise NotADocument(f"nested deeper than {MAX_DEPTH} levels")
    try:
        size = len(bson.encode(document))
    except UnicodeEncodeError:
        raise NotADocument("text that is not Unicode (a lone surrogate)") from None
    except (InvalidDocument, BSONError, OverflowError) as error:
        raise NotADocument(f"not a document: {error}") from None
    if size > MAX_DOCUMENT_BYTES:
        raise NotADocument(f"larger than 16 MB ({size} bytes)")


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= MAX_DEPTH:
        deepest += 1
        level = [child for item in level for child in _children(item) if isinstance(child, dict | list)]
    return deepest


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return value if isinstance(value, list) else []


def _object(pairs: list[tuple[str, Any]]) -> Any:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        keys = [key for key, _ in pairs]
        raise NotADocument(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    if any("\0" in key for key in fields):
        raise NotADocument("a key with a NUL character")
    if any(key.startswith("$") for key in fields) and not _LOSSY & fields.keys():
        return _wrapped(fields)
    return fields


def _wrapped(fields: dict[str, Any]) -> Any:
    if len(fields) == 1:
        ((key, value),) = fields.items()
        if key in ("$numberInt", "$numberLong", "$numberDouble"):
            number = _number(key, value)
            return fields if number is None else number
    if _has_odd_options(fields):
        return fields
    try:
        return json_util.object_hook(dict(fields), _CANONICAL)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, InvalidOperation, BSONError):
        return fields


def _number(key: str, value: Any) -> int | float | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        return None
    if key == "$numberDouble":
        return float(text) if _DOUBLE.fullmatch(text) else None
    if not _INTEGER.fullmatch(text):
        return None
    number, fits = int(text), _INT32 if key == "$numberInt" else _INT64
    if number not in fits:
        return None
    return bson.Int64(number) if key == "$numberLong" else number


def _has_odd_options(fields: dict[str, Any]) -> bool:
    inner = fields.get("$regularExpression")
    options = (
        cast("dict[str, Any]", inner).get("options", "") if isinstance(inner, dict) else fields.get("$options", "")
    )
    return not isinstance(options, str) or not set(options) <= set("ilmsux")


def _has_dollar_keys(value: dict[str, Any]) -> bool:
    return any(
        key.startswith("$") or (isinstance(inner, dict) and _has_dollar_keys(cast("dict[str, Any]", inner)))
        for key, inner in value.items()
    )


def _integer(text: str) -> int:
    if len(text) > 20 or int(text) not in _INT64:
        raise NotADocument(f"the integer {text[:24]} does not fit 64 bits")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotADocument(f"the number {text[:24]} does not fit a double")
    return number


def _constant(text: str) -> float:
    raise NotADocument(f"not JSON: {text} (Extended JSON writes it as $numberDouble)")


def _keep_small_longs(value: Any) -> Any:
    if isinstance(value, bson.Int64) and int(value) in _INT32:
        return {"$numberLong": str(int(value))}
    if isinstance(value, Mapping):
        return {key: _keep_small_longs(inner) for key, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_keep_small_longs(inner) for inner in value]
    if isinstance(value, bson.DBRef):
        return _keep_small_longs(value.as_doc())
    return value
