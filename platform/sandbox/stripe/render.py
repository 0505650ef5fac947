"""Objects as the API shows them: without the sandbox's own entries, and with what was asked to be expanded."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sandbox.http.store import Document

from .errors import invalid
from .model import KINDS

if TYPE_CHECKING:
    from .world import World

_DEEPEST = 4


def shown(document: Document) -> Document:
    """A copy that can go out; of a list also what is in it."""
    bare = {name: value for name, value in document.items() if not name.startswith("_")}
    if document.get("object") in {"list", "search_result"}:
        return {**bare, "data": [shown(each) for each in document["data"]]}
    return copy.deepcopy(bare)


def expanded(world: World, document: Document, paths: list[str]) -> Document:
    """A copy with the objects at the paths in place of their ids (`latest_charge.balance_transaction`)."""
    whole = shown(document)
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels: {path}", param="expand")
        _expand(world, whole, parts, path)
    return whole


def _expand(world: World, value: Any, parts: list[str], path: str) -> None:
    if isinstance(value, list):
        for each in value:
            _expand(world, each, parts, path)
        return
    name, *deeper = parts
    if not isinstance(value, dict) or name not in value:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value[name], str):
        value[name] = _found(world, value[name], path)
    if deeper and value[name] is not None:
        _expand(world, value[name], deeper, path)


def _found(world: World, key: str, path: str) -> Document:
    kind = KINDS.get(key.rsplit("_", 1)[0])
    found = world.store.get(kind, key) if kind else None
    if found is None:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return shown(found)
