"""What may name something: the values of documents and answers, by where they were found."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final, cast

import redis
from bson import json_util
from pymongo import MongoClient

Values = dict[str, str]
"""Place in a document or an answer → the first value seen there. The same place holds the like for every tenant."""

_NAME: Final = re.compile(r"[^\s/?#]{3,400}")
_LEAST_NUMBER: Final = 10_000
Client = MongoClient[dict[str, object]]


def place(values: Values, where: str, value: object) -> None:
    """Keeps the value if it could be an id, a slug, a token or a cursor."""
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < _LEAST_NUMBER):
        return
    if isinstance(value, str | int) and _NAME.fullmatch(str(value)):
        values.setdefault(where, str(value))


def gather(values: Values, where: str, value: object) -> None:
    """Keeps what is in the value, however deep; keys of a dictionary may be ids as well."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            is_data = bool(re.search(r"[0-9]", key))
            if is_data:
                place(values, f"{where} key", key)
            gather(values, f"{where}.{'*' if is_data else key}", inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            gather(values, f"{where}[]", inner)
    else:
        place(values, where, value)


def alike(theirs: Values, gone: Values) -> tuple[Values, Values]:
    """What tells the two apart, at the same places of both: names of their own, each once."""
    kept: dict[str, str] = {}
    for where, value in theirs.items():
        if where in gone and gone[where] != value:
            kept.setdefault(value, where)
    return {where: theirs[where] for where in kept.values()}, {where: gone[where] for where in kept.values()}


def documents_of(client: Client, database: str, owner: str) -> dict[str, list[dict[str, Any]]]:
    """Every document of an owner in every collection, those of later rooms too."""
    owned: dict[str, list[dict[str, Any]]] = {}
    filters = {"$or": [{"_id.owner": owner}, {"files_id.owner": owner}]}
    for name in sorted(client[database].list_collection_names()):
        found = list(client[database][name].find(filters, comment="system").sort("_id", 1))
        if found:
            owned[name] = cast("list[dict[str, Any]]", found)
    return owned


def keys_of(redis_url: str, tenant_id: str) -> dict[bytes, bytes | None]:
    """Every key of a tenant in Redis, with its content."""
    with redis.Redis.from_url(redis_url) as cache:
        return {key: cache.dump(key) for key in cache.scan_iter(f"t:{{{tenant_id}}}:*")}


def fingerprint(owned: object) -> str:
    """Changes with any byte of any document."""
    return hashlib.sha256(json_util.dumps(owned, sort_keys=True).encode()).hexdigest()


def remove(client: Client, database: str, redis_url: str, tenant_id: str) -> None:
    """A tenant is gone, with all that it had."""
    owner = f"tenant:{tenant_id}"
    for name in client[database].list_collection_names():
        client[database][name].delete_many({"$or": [{"_id.owner": owner}, {"files_id.owner": owner}]}, comment="system")
    client[database]["tenants"].delete_one({"_id": tenant_id})
    with redis.Redis.from_url(redis_url) as cache:
        for key in keys_of(redis_url, tenant_id):
            cache.delete(key)


def numbers_of(owned: object) -> set[str]:
    """Integers so large that they occur nowhere by chance."""
    found: set[str] = set()
    if isinstance(owned, dict):
        for inner in cast("dict[str, object]", owned).values():
            found |= numbers_of(inner)
    elif isinstance(owned, list):
        for inner in cast("list[object]", owned):
            found |= numbers_of(inner)
    elif isinstance(owned, int) and abs(owned) >= 10**15:
        found.add(str(abs(owned)))
    return found
