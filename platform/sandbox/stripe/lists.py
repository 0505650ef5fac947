"""Lists, newest first, by pages: https://docs.stripe.com/api/pagination"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from sandbox.http.store import Document

from .errors import invalid, missing
from .params import Params
from .world import World

PAGING: Final = ("limit", "starting_after", "ending_before", "created", "expand")
_BOUNDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def listed(world: World, kind: str, url: str, params: Params, **wanted: str | None) -> Document:
    """A page of the objects whose entries are as wanted (None: whatever they are)."""
    told = {name: value for name, value in wanted.items() if value is not None}
    created = _created(params)
    fitting = (
        each
        for each in world.store.newest_first(kind)
        if not each.get("deleted") and created(each["created"]) and all(each.get(n) == v for n, v in told.items())
    )
    return _page(fitting, kind, url, params)


def _page(fitting: Iterable[Document], kind: str, url: str, params: Params) -> Document:
    limit = 10 if (told := params.whole("limit")) is None else told
    if not 1 <= limit <= 100:
        raise invalid("Limit must be between 1 and 100.", param="limit", code="parameter_invalid_integer")
    after, before = params.text("starting_after"), params.text("ending_before")
    if before is not None:
        rows = list(fitting)
        place = _place(rows, kind, before, "ending_before")
        found, more = rows[max(0, place - limit) : place], place > limit
    elif after is not None:
        rows = list(fitting)
        place = _place(rows, kind, after, "starting_after") + 1
        found, more = rows[place : place + limit], len(rows) > place + limit
    else:
        found = list(islice(fitting, limit + 1))
        found, more = found[:limit], len(found) > limit
    return {"object": "list", "url": url, "has_more": more, "data": found}


def _place(rows: list[Document], kind: str, key: str, param: str) -> int:
    place = next((index for index, each in enumerate(rows) if each["id"] == key), None)
    if place is None:
        raise missing(kind, key, param)
    return place


def _created(params: Params) -> Callable[[int], bool]:
    if params.plain("created") is None:
        exact = params.whole("created")
        return lambda at: exact is None or at == exact
    inner = params.inner("created").only(*_BOUNDS)
    bounds = [(compare, bound) for name, compare in _BOUNDS.items() if (bound := inner.whole(name)) is not None]
    return lambda at: all(compare(at, bound) for compare, bound in bounds)
