"""Posters and screenshots that only a Telegram file id names, over HTTP and from the bytes of a core."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from content.catalogue import Catalogue
from content.importing.target import Target
from content.media.repository import MediaRepository
from content.repository import TitleRepository
from content.unit_offers import UnitFiles
from storage.blobs import Blobs
from storefront.pages.pictures import MOST_BYTES, copy_from_telegram
from streaming.core import StreamCore
from streaming.model import Bucket
from streaming.pages.reading import PageReader
from streaming.source import SourceUnavailable
from tests.content.media.files import media, named
from tests.content.samples import film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.storefront.people import person
from tests.streaming.pages.drawing import SVG, picture
from tests.support.platform import take_in

pytestmark = pytest.mark.anyio
VISUALS = {"poster": named(1), "screenshots": [named(2), named(3)]}


class HeldReading:
    """Bytes as a core gives them."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aenter__(self) -> HeldReading:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        yield memoryview(self._body[start:end])


class HeldCore:
    """A core that holds one body, or nothing at all."""

    def __init__(self, body: bytes | None) -> None:
        self.body = body

    async def open(self, _bucket: Bucket, _scope: object, **_: Any) -> HeldReading:
        if self.body is None:
            raise SourceUnavailable("no worker")
        return HeldReading(self.body)


async def shown(two_sites: TwoSites, folder: Path, size_bytes: int = 900) -> str:
    """A film of north's with pictures in Telegram; its slug."""
    north = two_sites.north
    files = MediaRepository(two_sites.platform.stores.database, north.scope)
    for number in (1, 2, 3):
        await files.keep(media(number, mime="image/jpeg", size_bytes=size_bytes))
    lines = [film(1, visuals=VISUALS, files=[{**resolved_file(9), "duration_seconds": 90}])]
    await take_in(two_sites.platform.stores, Target.tenant(north.scope), "library", lines, folder)
    title = await TitleRepository(two_sites.platform.stores.database, north.scope).by_id("film_001")
    assert title is not None
    return title.slug


async def copied(two_sites: TwoSites, slug: str, body: bytes | None) -> bytes | None:
    database, north = two_sites.platform.stores.database, two_sites.north
    title = await Catalogue(database, north).by_slug(slug)
    assert title is not None
    reader = PageReader(cast("StreamCore", HeldCore(body)))
    return await copy_from_telegram(UnitFiles(database, north), reader, north, title, "poster", named(1))


async def test_a_picture_comes_as_a_jpeg_of_the_size_that_pages_show(two_sites: TwoSites, tmp_path: Path) -> None:
    body = picture("PNG", (1600, 2400))
    copy = await copied(two_sites, await shown(two_sites, tmp_path, len(body)), body)
    assert copy is not None
    with Image.open(BytesIO(copy)) as found:
        assert (found.format, found.size) == ("JPEG", (640, 960))


@pytest.mark.parametrize("body", [SVG, b"no picture", None])
async def test_what_is_no_picture_or_cannot_be_had_is_none(
    two_sites: TwoSites, tmp_path: Path, body: bytes | None
) -> None:
    assert await copied(two_sites, await shown(two_sites, tmp_path, len(body or b"x")), body) is None


async def test_what_is_too_large_is_not_asked_for(two_sites: TwoSites, tmp_path: Path) -> None:
    slug = await shown(two_sites, tmp_path, MOST_BYTES + 1)
    assert await copied(two_sites, slug, picture()) is None


async def test_while_telegram_is_away_a_cover_is_drawn_and_not_for_long(two_sites: TwoSites, tmp_path: Path) -> None:
    slug = await shown(two_sites, tmp_path)
    async with person(two_sites.platform, "north.example") as someone:
        play = await someone.api("POST", f"/titles/{slug}/play")
        assert [each["at"] for each in play["previews"]] == [0.0, 45.0]
        poster = await someone("GET", f"/art/{slug}/poster")
        assert poster.headers["content-type"].startswith("image/svg+xml")
        for path in (play["previews"][0]["url"], f"/art/{slug}/screenshot-3", f"/art/{slug}/screenshot-0"):
            assert (await someone("GET", path)).status_code == 404
    async with person(two_sites.platform, "south.example") as outsider:
        assert (await outsider("GET", f"/art/{slug}/screenshot-1")).status_code == 404


async def test_a_browser_that_has_the_picture_is_not_sent_it_again(two_sites: TwoSites, tmp_path: Path) -> None:
    slug = await shown(two_sites, tmp_path)
    async with person(two_sites.platform, "north.example") as someone:
        url = (await someone.api("POST", f"/titles/{slug}/play"))["previews"][0]["url"]
        tag = url.partition("?v=")[2]
        answer = await someone("GET", url, headers={"if-none-match": f'"{tag}"'})
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (304, True)


async def test_screenshots_that_are_blobs_are_served_before_telegrams(two_sites: TwoSites, tmp_path: Path) -> None:
    slug, scope = await shown(two_sites, tmp_path), two_sites.north.scope
    database, body = two_sites.platform.stores.database, picture("WEBP")
    blob = await Blobs(database).put(scope, "shot", body, "image/webp")
    await TitleRepository(database, scope).set_visuals("film_001", poster=None, backdrop=None, screenshots=[blob])
    async with person(two_sites.platform, "north.example") as someone:
        previews = (await someone.api("POST", f"/titles/{slug}/play"))["previews"]
        assert [each["at"] for each in previews] == [0.0]
        answer = await someone("GET", previews[0]["url"])
    assert (answer.content, answer.headers["content-type"]) == (body, "image/webp")
