"""Books on the shared shelf and on a site's own, whose pages are known and lie with nobody: no page is fetched here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.importing.target import Target
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from content.model import Origin, Part, RawKeys
from storage.scope import PlatformScope, TenantScope
from tenancy.resolver import platform_scope
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

ODD = 'Rain & <Fog> "von" \u202eGrenz\u0000gebirge \U0001f327 \ufffe'


def chapter(chap: float, title: str = "", pages: int = 3) -> dict[str, Any]:
    """A chapter whose pages are known as `page1`, …"""
    return {
        "chap": chap,
        "title": title,
        "storage_id": "-1001",
        "pages": [f"page{place + 1}" for place in range(pages)],
    }


def book(name: str, title: str, chapters: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A manga as an operator's document has it."""
    return {
        "_id": f"book_{name}",
        "short_id": name,
        "media_type": "manga",
        "title": title,
        "author": "Mara & Lindqvist",
        "genres": ["Drama"],
        "content_rating": "safe",
        "chapters": chapters,
        **fields,
    }


async def know_pages(two_sites: TwoSites, scope: PlatformScope | TenantScope, count: int = 6) -> None:
    """Makes `page1` … known as pictures of the scope's owner."""
    media = MediaRepository(two_sites.platform.stores.database, scope)
    for place in range(count):
        part = Part(
            tg_raw=RawKeys(media_id=900 + place, access_hash=-5, file_reference="060000aa"),
            size_bytes=5_000 + place,
            dc_id=2,
            origin=Origin(chat=-1001, message=12 + place),
        )
        await media.keep(MediaFile(id=f"page{place + 1}", documents=[part], mime="image/jpeg"))


@pytest.fixture
async def shelf(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    """`keeper1` (1, 1.5, 2, and 3 that cannot be read), `foxwind` (manga), `oddodd1` on both; `northbk` is north's."""
    stores = two_sites.platform.stores
    await know_pages(two_sites, platform_scope())
    await know_pages(two_sites, two_sites.north.scope)
    lost = {"chap": 3, "title": "Lost", "storage_id": "x", "pages": ["unheard-of"]}
    keeper = [chapter(2, "Landfall"), chapter(1, "Fog"), lost, chapter(1.5, "The Log Book", 6)]
    shared = [
        book("keeper1", "The Keeper", keeper, overview="A lighthouse."),
        book("foxwind", "Fox", [chapter(1)], genres=["Manga"]),
        book("oddodd1", ODD, [chapter(1, ODD)], author=ODD, overview=ODD, genres=[ODD]),
        book("empty01", "Empty", []),
    ]
    await take_in(stores, Target.shared(platform_scope()), "library", shared, tmp_path / "shared")
    own = [book("northbk", "Northern Light", [chapter(7)])]
    await take_in(stores, Target.tenant(two_sites.north.scope), "library", own, tmp_path / "own")
    return two_sites
