"""`/pages/{token}/{page}` over a real server: bytes, conditions, who is let in, and what is billed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgspec
import pytest
from PIL import Image

from storage.moments import moment
from streaming.pages import routes
from tenancy.model import Hold
from tenancy.resolver import ResolvedTenant
from tests.streaming.pages.conftest import PAGES, World
from tests.support.wire import until

pytestmark = pytest.mark.anyio


async def test_a_page_comes_as_it_is_with_the_type_that_its_bytes_tell(world: World) -> None:
    for place, mime in ((0, "image/jpeg"), (1, "image/png"), (3, "image/webp")):
        answer = await world.client.get(world.url(place))
        assert (answer.status_code, answer.headers["content-type"]) == (200, mime)
        assert answer.content == PAGES[place]
        assert answer.headers["cache-control"].startswith("private, max-age=604800")
        name = f"keeper-c1.5-00{place + 1}.{mime[6:].replace('jpeg', 'jpg')}"
        assert answer.headers["content-disposition"].startswith(f'inline; filename="{name}"')


async def test_pages_are_billed_to_the_tenant_by_what_arrived(world: World) -> None:
    await world.client.get(world.url(0))
    await world.client.get(world.url(1))

    def all_of_it() -> bool:
        world.meter.settle()
        counted = [size for size, _ in world.meter.unwritten.values()]
        return sum(counted) == len(PAGES[0]) + len(PAGES[1])

    await until(all_of_it)
    assert {(owner, streams) for (owner, *_), (_, streams) in world.meter.unwritten.items()} == {("tenant:tenant_a", 1)}


async def test_head_ranges_and_conditions(world: World) -> None:
    size = len(PAGES[0])
    head = await world.client.head(world.url(0))
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    assert head.headers["content-type"] == "image/jpeg"
    part = await world.client.get(world.url(0), headers={"Range": "bytes=2-9"})
    assert (part.status_code, part.content) == (206, PAGES[0][2:10])
    assert part.headers["content-range"] == f"bytes 2-9/{size}"
    beyond = await world.client.get(world.url(0), headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416
    same = await world.client.get(world.url(0), headers={"If-None-Match": head.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert (await world.client.post(world.url(0))).status_code == 405


async def test_a_smaller_copy_is_a_jpeg_of_its_own_tag(world: World) -> None:
    whole = await world.client.get(world.url(3))
    small = await world.client.get(world.url(3, "?width=200"))
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(BytesIO(small.content)).width == 240
    assert small.headers["etag"] != whole.headers["etag"]
    again = await world.client.get(world.url(3, "?width=200"), headers={"If-None-Match": small.headers["etag"]})
    assert again.status_code == 304
    for odd in ("?width=0", "?width=", "?width={maxWidth}", "?width=-3", "?width=1e3"):
        assert (await world.client.get(world.url(3, odd))).content == PAGES[3], odd


@pytest.mark.parametrize(
    ("page", "status", "reason"),
    [
        (2, 409, "It is no picture that browsers show."),
        (4, 409, "It is larger than 32 MiB."),
        (5, 409, "Its file id was not looked up yet."),
        (6, 404, "This page is no longer here."),
        ("x", 404, "Pages are numbered from 0."),
        ("-1", 404, "Pages are numbered from 0."),
        ("1_0", 404, "Pages are numbered from 0."),
        ("\u0661", 404, "Pages are numbered from 0."),
    ],
)
async def test_a_page_that_cannot_be_shown_says_why(world: World, page: object, status: int, reason: str) -> None:
    for query in ("", "?width=300"):
        answer = await world.client.get(world.url(page, query))
        assert (answer.status_code, answer.text) == (status, reason)


@pytest.mark.parametrize(
    ("altered", "status"),
    [
        ({"purpose": "play"}, 403),
        ({"purpose": "external"}, 403),
        ({"tenant": "tenant_b"}, 403),
        ({"host": "other.example"}, 403),
        ({"expires_at": 1}, 410),
        ({"user": "42", "device": "gone"}, 403),
        ({"title": "another"}, 404),
    ],
)
async def test_a_link_opens_what_it_was_made_for(world: World, altered: dict[str, Any], status: int) -> None:
    assert (await world.client.get(world.url(0, **altered))).status_code == status


async def test_a_session_s_link_counts_beside_its_cookie_or_none(world: World) -> None:
    mine, theirs = await world.guest(), await world.guest()
    url = world.url(0, **world.of(mine))
    for cookie, status in ((mine.cookie, 200), (theirs.cookie, 403), (None, 200)):
        headers = {"cookie": f"__Host-session={cookie}"} if cookie else {}
        assert (await world.client.get(url, headers=headers)).status_code == status
    await world.sessions.end_session(world.tenant.scope, mine.cookie)
    assert (await world.client.get(url)).status_code == 403


async def test_nobody_s_link_works_for_anybody_but_the_banned(world: World) -> None:
    guest = await world.guest()
    headers = {"cookie": f"__Host-session={guest.cookie}"}
    assert (await world.client.get(world.url(0), headers=headers)).status_code == 200
    await world.ban(guest)
    assert (await world.client.get(world.url(0), headers=headers)).status_code == 403
    assert (await world.client.get(world.url(0, **world.of(guest)))).status_code == 403


async def test_the_next_page_is_refused_once_the_title_is_gone_or_the_site_closed(world: World) -> None:
    assert (await world.client.get(world.url(0))).status_code == 200
    world.is_there = False
    assert (await world.client.get(world.url(1))).status_code == 404
    world.is_there = True
    hold = Hold(kind="operator", reason="A break.", since=moment(world.clock()), by="ann")
    closed = msgspec.structs.replace(world.tenant.tenant, status="suspended", holds=(hold,))
    world.tenant = ResolvedTenant(closed, world.tenant.scope, world.tenant.host)
    assert (await world.client.get(world.url(0))).status_code == 403


async def test_who_copies_the_library_is_told_to_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LIMITS", (("pages", 3, 60),))
    statuses = [(await world.client.get(world.url(0))).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    guest = await world.guest()
    assert (await world.client.get(world.url(0, **world.of(guest)))).status_code == 200, "another reader"
