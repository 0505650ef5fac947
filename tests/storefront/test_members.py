"""Whoever does something on a site without a session becomes a guest of it, by one cookie."""

from __future__ import annotations

import re

import pytest
from litestar import get, post
from litestar.di import NamedDependency
from msgspec import structs

from accounts.model import Viewer
from storefront.members import GUESTS_PER_HOUR, Member, address_of
from tests.storefront.conftest import TwoSites

COOKIE = re.compile(r"__Host-session=([A-Za-z0-9_-]{43}); HttpOnly; Max-Age=\d+; Path=/; SameSite=lax; Secure")


@post("/test-deed", status_code=200, include_in_schema=False)
async def deed(member: NamedDependency[Member]) -> dict[str, str]:
    return {"viewer": str(member.viewer.id), "device": member.device}


@post("/test-failing-deed", include_in_schema=False)
async def failing_deed(member: NamedDependency[Member]) -> None:
    raise RuntimeError(str(member.viewer.id))


@get("/test-look", include_in_schema=False)
async def look(viewer: NamedDependency[Viewer | None]) -> dict[str, str | None]:
    return {"viewer": None if viewer is None else str(viewer.id)}


@pytest.fixture
def two_sites(two_sites: TwoSites) -> TwoSites:
    """The sites with three more routes, on an application of their own."""
    return structs.replace(two_sites, platform=two_sites.platform.with_routes(deed, failing_deed, look))


async def test_a_deed_makes_a_guest_and_the_next_one_is_the_same_guests(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example") as client:
        first = await client.post("/test-deed")
        (header,) = first.headers.get_list("set-cookie")
        found = COOKIE.fullmatch(header)
        assert found is not None, header
        cookie = {"cookie": f"__Host-session={found[1]}"}
        again = await client.post("/test-deed", headers=cookie)
        assert again.json() == first.json()
        assert "set-cookie" not in again.headers
        assert (await client.get("/test-look", headers=cookie)).json() == {"viewer": first.json()["viewer"]}


async def test_looking_makes_nobody(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example") as client:
        answer = await client.get("/test-look")
        assert answer.json() == {"viewer": None}
        assert "set-cookie" not in answer.headers


async def test_a_deed_that_fails_still_gives_the_cookie(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example") as client:
        answer = await client.post("/test-failing-deed")
        assert answer.status_code == 500
        assert COOKIE.fullmatch(answer.headers["set-cookie"])


async def test_another_sites_cookie_opens_nothing(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example") as north, two_sites.platform.client("south.example") as south:
        first = await north.post("/test-deed")
        found = COOKIE.fullmatch(first.headers["set-cookie"])
        assert found is not None
        there = await south.post("/test-deed", headers={"cookie": f"__Host-session={found[1]}"})
        assert there.json()["viewer"] != first.json()["viewer"]
        assert found[1] not in there.headers["set-cookie"]


async def test_an_address_becomes_only_so_many_guests(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example", address="2001:db8::1") as client:
        for _ in range(GUESTS_PER_HOUR):
            assert (await client.post("/test-deed")).status_code == 200
        refused = await client.post("/test-deed")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "set-cookie" not in refused.headers
    async with two_sites.platform.client("north.example", address="2001:db8::2") as neighbour:
        assert (await neighbour.post("/test-deed")).status_code == 429, "one network is one household"
    async with two_sites.platform.client("south.example", address="2001:db8::1") as elsewhere:
        assert (await elsewhere.post("/test-deed")).status_code == 200


def test_addresses_are_counted_by_what_one_household_has() -> None:
    class Client:
        def __init__(self, host: str) -> None:
            self.host = host

    class Asked:
        def __init__(self, host: str | None) -> None:
            self.client = None if host is None else Client(host)

    def counted(host: str | None) -> str:
        return address_of(Asked(host))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - its client alone is looked at

    assert counted("203.0.113.9") == "203.0.113.9"
    assert counted("::ffff:203.0.113.9") == "203.0.113.9"
    assert counted("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert counted("unix") == "unix"
    assert counted(None) == "unknown"
