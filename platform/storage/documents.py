"""Between documents as stored and the structs that rooms read them into; how a user's fields are written verbatim."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from pymongo import UpdateOne

from storage.errors import QueryRefused, Unreadable
from storage.mongo import DUPLICATE_KEY, BulkRefused, Stored

MARQUEE: Final = "_marquee"
Merge = tuple[Any, Mapping[str, Any], Mapping[str, Any]]
S = TypeVar("S", bound=msgspec.Struct)


class Refusal(msgspec.Struct, frozen=True):
    """A document that MongoDB did not take. `duplicate_of` names the fields of the unique key that is taken."""

    duplicate_of: tuple[str, ...]
    reason: str


def decoded(document: Stored, struct: type[S], collection: str) -> S:
    """The document as its struct; unknown fields are passed over. Raises Unreadable."""
    try:
        return msgspec.convert(document, struct, strict=False)
    except msgspec.ValidationError as error:
        raise Unreadable(f"{collection} {document.get('id')!r}: {error}") from error


def stored_fields(fields: Mapping[str, Any]) -> Stored:
    """The fields of a document without an id of their own. Raises QueryRefused where they bring one."""
    if "_id" in fields:
        raise QueryRefused("the id is given beside the fields, not among them")
    return dict(fields)


def verbatim_write(fields: Mapping[str, Any]) -> list[Stored]:
    """A pipeline update that replaces all but `_id` with the fields exactly as they are.

    `$literal` keeps field names and strings that look like operators or paths as they came; a `_marquee` that is
    stored stays unless the fields hold one. Writing what is there already changes nothing.
    """
    own = stored_fields(fields)
    ours: object = {"$literal": own.pop(MARQUEE)} if MARQUEE in own else f"${MARQUEE}"
    return _replacing(own, ours)


def merge_writes(items: Sequence[Merge], key: Callable[[Any], object]) -> list[UpdateOne]:
    """One upsert an item: the user's fields replaced whole, ours merged over what `_marquee` holds."""
    return [
        UpdateOne(
            {"_id": {"$eq": key(document_id)}},
            _replacing(stored_fields(fields), {"$mergeObjects": [f"${MARQUEE}", {"$literal": dict(ours)}]}),
            upsert=True,
        )
        for document_id, fields, ours in items
    ]


def _replacing(fields: Mapping[str, Any], ours: object) -> list[Stored]:
    if MARQUEE in fields:
        raise QueryRefused(f"{MARQUEE} is the platform's own and given beside the fields")
    return [{"$replaceWith": {"$mergeObjects": [{"_id": "$_id"}, {"$literal": dict(fields)}, {MARQUEE: ours}]}}]


def refusals_of(error: BulkRefused) -> dict[int, Refusal]:
    """What a bulk's server reports say, by place."""
    return {int(report["index"]): _refusal(report) for report in error.refused}


def _refusal(report: Stored) -> Refusal:
    pattern: Mapping[str, Any] = report.get("keyPattern") or {}
    duplicate = report.get("code") == DUPLICATE_KEY
    return Refusal(duplicate_of=tuple(pattern) if duplicate else (), reason=str(report.get("errmsg", "refused")))
