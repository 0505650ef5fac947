"""Between documents as stored and the structs that rooms read them into."""

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from storage.errors import QueryRefused, Unreadable

MARQUEE: Final = "_marquee"
S = TypeVar("S", bound=msgspec.Struct)


class Reader(Generic[S]):
    """Turns a stored document into its struct: `_id` becomes `id`, unknown fields are passed over."""

    __slots__ = ("_collection", "_struct")

    def __init__(self, collection: str, struct: type[S]) -> None:
        self._collection = collection
        self._struct = struct

    def __call__(self, stored: dict[str, Any], document_id: object) -> S:
        """Takes the document for its own. Raises Unreadable."""
        stored["id"] = document_id
        try:
            return msgspec.convert(stored, self._struct, strict=False)
        except msgspec.ValidationError as error:
            raise Unreadable(f"{self._collection} {document_id!r}: {error}") from error


def stored_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a document without an id of their own. Raises QueryRefused where they bring one."""
    if "_id" in fields:
        raise QueryRefused("the id is given beside the fields, not among them")
    return dict(fields)


def verbatim_write(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A pipeline update that replaces all but `_id` with the fields exactly as they are.

    `$literal` keeps field names and strings that look like operators or paths as they came; a `_marquee` that is
    stored stays unless the fields hold one. Writing what is there already changes nothing.
    """
    own = stored_fields(fields)
    theirs = {key: value for key, value in own.items() if key != MARQUEE}
    ours: object = {"$literal": own[MARQUEE]} if MARQUEE in own else f"${MARQUEE}"
    return [{"$replaceWith": {"$mergeObjects": [{"_id": "$_id"}, {"$literal": theirs}, {MARQUEE: ours}]}}]
