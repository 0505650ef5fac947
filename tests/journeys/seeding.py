"""A tenant with something of everything, every word of which says whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from content.importing.target import Target
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from storage.audit import Actor
from storage.scope import TenantScope
from tenancy.usage import UsageRepository
from tests.content.samples import COMMENT, MANGA, MOVIE, REPORT, SERIES, USER, film
from tests.support.platform import Composed, open_site, take_in

FILMS: Final = 40  # more than a page of any list, so that lists have cursors
# Closed sets and forms that the import reads; everything else may carry a mark.
_MEANT: Final = {
    "content_rating",
    "file_reference",
    "genres",
    "issue",
    "media_type",
    "mime",
    "moderation_status",
    "role",
    "status",
    "type",
}
_SIZES: Final = {"chat", "size_bytes"}
_LEAST_SECRET_NUMBER: Final = 10_000


def marked(value: object, mark: str, number: int, key: str = "") -> Any:
    """The value with the mark in every free text and the number in front of every large integer.

    `mark` has six letters, so that a short_id can carry it.
    """
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {
            (f"{mark}-{name}" if key == "history" else name): marked(inner, mark, number, name)
            for name, inner in named.items()
        }
    if isinstance(value, list):
        return [marked(inner, mark, number, key) for inner in cast("list[object]", value)]
    if isinstance(value, str) and key not in _MEANT:
        if key == "short_id":
            return mark + value[-1]
        return f"{mark}{' ' if ' ' in value else '-'}{value}"
    if isinstance(value, int) and abs(value) >= _LEAST_SECRET_NUMBER and key not in _SIZES:
        return number * 10**15 + abs(value)
    return value


async def seed(platform: Composed, mark: str, number: int, folder: Path) -> TenantScope:
    """Opens `<mark>.example`, imports a dump of every collection of the contract, and leaves the other traces."""
    stores = platform.stores
    picture = b"\x89PNG " + mark.encode()
    tenant = await open_site(stores, mark, f"{mark}.example", brand__name=f"{mark} Cinema", theme="nocturne")
    films = [film(place, genres=["Drama"], overview="An overview of it") for place in range(FILMS)]
    collections = {
        "library": [MOVIE, SERIES, MANGA, *films],
        "users": [USER, {**USER, "_id": "guest-0badcafe", "type": "guest"}],
        "comments": [COMMENT],
        "reports": [REPORT],
        "collections": [
            {"_id": "picks", "name": "The picks", "overview": "Of it", "titles": ["tmdb_10378", "manga_sample"]}
        ],
    }
    for name, documents in collections.items():
        await take_in(stores, Target.tenant(tenant.scope), name, marked(documents, mark, number), folder / mark)
    await MediaRepository(stores.database, tenant.scope).keep(
        MediaFile(id=f"{mark}-BAACAg", mime="video/mp4", file_name=f"{mark}-episode.mp4", reason=f"{mark} is away")
    )
    await stores.blobs.put(tenant.scope, f"{mark}.png", picture, "image/png")
    await stores.jobs.enqueue(tenant.scope, "medic", {"target_id": f"{mark}-film"}, run_at=stores.clock() + 1e6)
    await stores.audit.record(tenant.scope, Actor("staff", f"{mark}-ann"), "title.hide", f"{mark}-film", {})
    await UsageRepository(stores.database, tenant.scope).book(
        "2027-01-15", producer=f"{mark}-node", seq=1, size_bytes=number * 10**15, streams=1
    )
    return tenant.scope
