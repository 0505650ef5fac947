"""The search, as far as it is about exact values: https://docs.stripe.com/search

New objects are found after `search_lag`, as with Stripe's index, which is up to a minute behind.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from sandbox.http.store import Document

from .errors import invalid
from .params import Params
from .world import World

_CLAUSE: Final = re.compile(
    r"""\s*(?P<no>-)?(?P<name>\w+)(?:\[(?P<q>["'])(?P<key>.*?)(?P=q)\])?\s*(?P<how>:|>=|<=|>|<)\s*"""
    r"""(?:(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)|(?P<bare>null|\d+))\s*"""
)
_JOIN: Final = re.compile(r"(AND|OR)\b", re.IGNORECASE)
_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    ":": int.__eq__,
    ">": int.__gt__,
    "<": int.__lt__,
    ">=": int.__ge__,
    "<=": int.__le__,
}
Test = Callable[[Document], bool]


def payment_intents(world: World, params: Params) -> Document:
    """Intents that the query fits."""
    return _found(world, params, "payment_intent", "/v1/payment_intents/search")


def charges(world: World, params: Params) -> Document:
    """Charges that the query fits."""
    return _found(world, params, "charge", "/v1/charges/search")


def customers(world: World, params: Params) -> Document:
    """Customers whom the query fits."""
    return _found(world, params, "customer", "/v1/customers/search")


def _found(world: World, params: Params, kind: str, url: str) -> Document:
    params.only("query", "limit", "page", "expand")
    fits = _parsed(params.needed("query"))
    limit = params.whole("limit") or 10
    start = int(page) if (page := params.text("page") or "0").isdigit() else 0
    indexed = world.now() - world.options.search_lag
    rows = [
        each
        for each in world.store.newest_first(kind)
        if each["created"] <= indexed and not each.get("deleted") and fits(each)
    ]
    more = len(rows) > start + limit
    return {
        "object": "search_result",
        "url": url,
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "data": rows[start : start + limit],
    }


def _parsed(query: str) -> Test:
    tests: list[Test] = []
    joins: set[str] = set()
    place = 0
    while True:
        clause = _CLAUSE.match(query, place)
        if clause is None:
            raise invalid(f"We were unable to parse your search query: {query}", param="query")
        tests.append(_test(clause))
        place = clause.end()
        if place == len(query):
            break
        joined = _JOIN.match(query, place)
        joins.add(joined[1].upper() if joined else "AND")
        place = joined.end() if joined else place
    if len(joins) > 1:
        raise invalid("A query joins by AND or by OR, not by both.", param="query")
    every = any if "OR" in joins else all
    return lambda document: every(test(document) for test in tests)


def _test(clause: re.Match[str]) -> Test:
    name, key, how = clause["name"], clause["key"], clause["how"]
    wanted = clause["bare"] if clause["quote"] is None else re.sub(r"\\(.)", r"\1", clause["text"])

    def value(document: Document) -> Any:
        found = document.get(name)
        return found.get(key) if key is not None and isinstance(found, dict) else found

    def test(document: Document) -> bool:
        found = value(document)
        if clause["bare"] == "null":
            fits = found is None
        elif isinstance(found, int):
            fits = wanted.isdigit() and _NUMBERS[how](found, int(wanted))
        else:
            fits = how == ":" and found is not None and str(found).lower() == wanted.lower()
        return fits != bool(clause["no"])

    return test
