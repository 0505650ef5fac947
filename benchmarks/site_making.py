"""Makes the site that is measured: a tenant with titles of its own and shared ones, as imports leave them."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.search_library import Vocabulary
from benchmarks.site_library import comments, films, media, told_of
from content.importing.dump import import_dump
from content.importing.target import Target
from content.media.resolving import register_media
from runtime.composition import Services, Stores, import_services
from storage.audit import Actor
from tenancy.desk import create_tenant
from tenancy.resolver import ResolvedTenant, platform_scope

HOST: Final = "bench.example"
_ACTOR: Final = Actor("system", "bench")
_INDEX_SECONDS: Final = 60.0
_DAYS: Final = 20
"""The titles came over so many days: lists in the order of their coming have something to sort by."""


async def site(services: Services, folder: Path, *, own: int, shared: int) -> tuple[ResolvedTenant, str]:
    """The tenant, once its titles are written and found by search, and words with a typo that find some.

    What a kept home has already is not written again.
    """
    stores, vocabulary = services.stores, Vocabulary()
    own_titles = list(films(vocabulary, "own", own - len(told_of())))
    tenant = await stores.resolver.by_id("bench")
    if tenant is None:
        await create_tenant(stores.desk, "bench", HOST, {}, actor=_ACTOR)
        tenant = await stores.resolver.by_id("bench")
        assert tenant is not None
        for file in media():
            await register_media(stores.database, tenant.scope, file)
        target = Target.tenant(tenant.scope)
        everybodys = Target.shared(platform_scope())
        for titles, where in ((own_titles, target), (list(films(vocabulary, "shared", shared)), everybodys)):
            for day in range(_DAYS):
                await _import(stores, where, "library", titles[day::_DAYS], folder, days_ago=_DAYS - day)
        await _import(stores, target, "library", told_of(), folder)
        await _import(stores, target, "comments", comments(), folder)
    await _indexed(services, own + shared)
    return tenant, _mistyped(next(each["title"] for each in own_titles if len(each["title"]) > 12))


async def _import(
    stores: Stores,
    target: Target,
    collection: str,
    documents: Iterable[Mapping[str, Any]],
    folder: Path,
    *,
    days_ago: int = 0,
) -> None:
    path = folder / f"{collection}.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, documents)))
    then = time.time() - days_ago * 86_400
    services = msgspec.structs.replace(import_services(stores), clock=lambda: then)
    report = await import_dump(services, target, collection, path, rights="own", actor=_ACTOR)
    assert not report.refused, report


async def _indexed(services: Services, titles: int) -> None:
    deadline = time.monotonic() + _INDEX_SECONDS
    while services.search is None or services.search.titles != titles:
        if time.monotonic() > deadline:
            raise TimeoutError("the search index was not made in time")
        await asyncio.sleep(0.1)


def _mistyped(title: str) -> str:
    """Without a letter in its middle."""
    middle = len(title) // 2
    return (title[:middle] + title[middle + 1 :]).lower()
