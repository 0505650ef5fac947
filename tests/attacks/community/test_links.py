"""Signed links in other hands, for other things, and after what they were made for is over."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec import Struct, structs

from content.importing.target import Target
from streaming.links import Claims
from tenancy.desk import change_tenant
from tenancy.holds import suspend
from tests.content.samples import film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.storefront.reading.conftest import book, chapter, know_pages
from tests.storefront.takedowns.conftest import NOTICE
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR, take_in

HOUR = 3_600


class Theft(Struct):
    """Both sites with the same film and comic; `ann` has links, `bob` took them; `sue` is on the other site."""

    sites: TwoSites
    ann: Person
    bob: Person
    sue: Person
    clock: FakeClock

    async def urls(self) -> dict[str, str]:
        """A link of ann's of each kind."""
        play = await self.ann.api("POST", "/titles/film_001/play")
        external = await self.ann.api("POST", "/titles/film_001/external")
        pages = await self.ann.api("GET", "/titles/comic01/chapters/1/pages")
        return {
            "play": play["streams"][0]["url"],
            "subtitle": play["subtitles"][0]["url"],
            "external": external["streams"][0]["url"],
            "download": (await self.ann.api("POST", "/titles/film_001/downloads/0"))["url"],
            "page": pages["pages"][0]["url"],
        }

    async def status(self, who: Person, url: str) -> int:
        """What the link is answered with; HEAD asks for no bytes, which nobody holds here."""
        return (await who("HEAD" if url.startswith("/stream/") else "GET", url)).status_code

    def claims(self, url: str) -> Claims:
        """What the link says."""
        north = self.sites.north
        token = url.split("/")[2]
        return self.sites.platform.services.links.verify(token, tenant=north.id, host=north.host, now=self.clock())

    def forged(self, url: str, **changes: object) -> str:
        """The same link over changed claims, with the signature of the old ones."""
        first, kind, token, *rest = url.split("/")
        claims = structs.replace(self.claims(url), **changes)
        signed = self.sites.platform.services.links.sign(claims)
        raw, old = (base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in (signed, token))
        mixed = base64.urlsafe_b64encode(raw[:-32] + old[-32:]).rstrip(b"=").decode()
        return "/".join([first, kind, mixed, *rest])

    async def take_down(self, *titles: str) -> None:
        """North's staff upholds a notice."""
        staff = await self.sites.platform.stores.staff.create(self.sites.north.scope, "Ann", "owner", actor=ACTOR)
        urls = [f"https://north.example/title/{each}" for each in titles]
        filed = await self.ann("POST", "/api/v1/takedowns", json={**NOTICE, "urls": urls})
        path = f"/api/v1/staff/takedowns/{filed.json()['id']}/decision"
        headers = {"authorization": f"Bearer {staff.token}"}
        decided = await self.sue.client.post(
            f"http://north.example{path}", json={"verdict": "upheld"}, headers={**headers, "host": "north.example"}
        )
        assert decided.status_code == 200, decided.text


@pytest.fixture
async def theft(two_sites: TwoSites, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Theft]:
    stores = two_sites.platform.stores
    files = [resolved_file(1, subtitles=[{"lang": "eng", "index": 3}])]
    for site in (two_sites.north, two_sites.south):
        await know_pages(two_sites, site.scope)
        titles = [film(1, short_id="Film001", files=files), book("comic01", "A Comic", [chapter(1), chapter(2)])]
        await take_in(stores, Target.tenant(site.scope), "library", titles, tmp_path / site.id)
        await change_tenant(stores.desk, site.id, {"access.downloads": "everyone"}, actor=ACTOR)
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(person(two_sites.platform, host, address=f"10.0.0.{number}"))
            for number, host in enumerate(("north.example", "north.example", "south.example"), start=1)
        ]
        ann, bob, sue = people
        for each in people:
            await each.api("POST", "/titles/film_001/play")
        yield Theft(two_sites, ann, bob, sue, clock)


async def test_a_link_serves_its_own_viewer_and_nobody_beside_another_session(theft: Theft) -> None:
    urls = await theft.urls()
    nobody = Person(theft.bob.client)
    for kind, url in urls.items():
        assert await theft.status(theft.ann, url) not in (401, 403, 404, 451), kind
        assert await theft.status(theft.bob, url) == 403, kind
        assert await theft.status(theft.sue, url) == 403, kind
        lets_in = kind in ("external", "page")
        assert (await theft.status(nobody, url) != 403) is lets_in, kind


async def test_no_field_of_a_link_can_be_swapped(theft: Theft) -> None:
    urls = await theft.urls()
    theirs = theft.claims((await theft.bob.api("POST", "/titles/film_001/play"))["streams"][0]["url"])
    swaps: list[dict[str, object]] = [
        {"purpose": "play"},
        {"purpose": "external"},
        {"purpose": "download"},
        {"purpose": "page"},
        {"user": theirs.user, "device": theirs.device},
        {"device": "", "user": ""},
        {"title": "comic01", "bucket": "c2"},
        {"title": "Film001", "bucket": "0:3"},
        {"bucket": "0"},
        {"expires_at": int(theft.clock()) + 10**8},
        {"host": "south.example"},
        {"tenant": "south", "host": "south.example"},
    ]
    for kind, url in urls.items():
        for swap in swaps:
            claims = theft.claims(url)
            if structs.replace(claims, **swap) == claims:
                continue
            forged = theft.forged(url, **swap)
            for who in (theft.ann, theft.bob, theft.sue):
                assert await theft.status(who, forged) == 403, (kind, swap)


async def test_a_link_opens_nothing_at_the_door_of_another_kind(theft: Theft) -> None:
    tokens = {kind: url.split("/")[2] for kind, url in (await theft.urls()).items()}
    doors = {
        "/stream/{}": {"play", "external", "download"},
        "/subtitles/{}": {"subtitle"},
        "/pages/{}/0": {"page"},
    }
    for door, opens in doors.items():
        for kind, token in tokens.items():
            if kind not in opens:
                status = await theft.status(theft.ann, door.format(token))
                assert status in (403, 404), (door, kind, status)
    for page in ("3", "999999", "-1", "1_0", "%D9%A1", "0%00", "../0"):
        assert await theft.status(theft.ann, f"/pages/{tokens['page']}/{page}") in (400, 404), page


async def test_links_end_with_the_title(theft: Theft) -> None:
    urls = await theft.urls()
    await theft.take_down("film_001", "book_comic01")
    for kind, url in urls.items():
        assert await theft.status(theft.ann, url) == 451, kind


async def test_links_end_with_the_viewer(theft: Theft) -> None:
    urls = await theft.urls()
    stores, scope = theft.sites.platform.stores, theft.sites.north.scope
    viewer = await stores.sessions.current_viewer(scope, theft.ann.cookies["__Host-session"])
    assert viewer is not None
    await stores.viewers.ban(scope, viewer.id, "spam", actor=ACTOR)
    nobody = Person(theft.bob.client)
    for kind, url in urls.items():
        for who in (theft.ann, nobody):
            assert await theft.status(who, url) == 403, kind


async def test_links_end_with_the_site_and_at_their_second(theft: Theft) -> None:
    urls = await theft.urls()
    await suspend(theft.sites.platform.stores.desk, "north", "operator", "Back on Monday", actor=ACTOR)
    for kind, url in urls.items():
        assert await theft.status(theft.ann, url) == 503, kind


async def test_links_expire(theft: Theft) -> None:
    urls = await theft.urls()
    latest = max(theft.claims(url).expires_at for url in urls.values())
    theft.clock.advance(latest - theft.clock())
    for kind, url in urls.items():
        assert await theft.status(theft.ann, url) == 403, kind


async def test_premium_that_ends_takes_its_links_along(theft: Theft) -> None:
    urls = await theft.urls()
    stores = theft.sites.platform.stores
    await change_tenant(stores.desk, "north", {"access.streams": "premium", "access.downloads": "nobody"}, actor=ACTOR)
    for kind in ("play", "subtitle", "external", "download"):
        assert await theft.status(theft.ann, urls[kind]) == 403, kind
