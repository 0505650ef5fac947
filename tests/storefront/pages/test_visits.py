"""Who counts as a visitor of a site, and who does not."""

import httpx
import pytest
from litestar import Litestar

from storage.scope import TenantScope
from storage.valkey import Cache
from storefront.visits import STATE
from tenancy.visitors import MonthlyVisitors, Visits
from tests.support.clock import FakeClock

FIREFOX = {"user-agent": "Firefox"}
SESSION = {"cookie": "__Host-session=" + "s" * 43}


@pytest.fixture
def visits(app: Litestar, cache: Cache, clock: FakeClock) -> Visits:
    visits = Visits(MonthlyVisitors(cache), clock)
    app.state[STATE] = visits
    return visits


async def counted(visits: Visits, cache: Cache, scope: TenantScope, clock: FakeClock) -> int:
    await visits.flush()
    (count,) = await MonthlyVisitors(cache).counts([scope], clock())
    return count


async def test_pages_count_each_browser_and_each_session_once(
    client: httpx.AsyncClient,
    visits: Visits,
    cache: Cache,
    scope_a: TenantScope,
    scope_b: TenantScope,
    clock: FakeClock,
) -> None:
    for path in ("/", "/browse", "/search?q=x"):
        for who in (FIREFOX, {"user-agent": "Safari"}, {**FIREFOX, **SESSION}, {"user-agent": "Safari", **SESSION}):
            answer = await client.get(path, headers=who)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
    assert await counted(visits, cache, scope_a, clock) == 3
    assert await counted(visits, cache, scope_b, clock) == 0


async def test_what_is_no_visit_is_not_counted(
    client: httpx.AsyncClient,
    visits: Visits,
    cache: Cache,
    scope_a: TenantScope,
    clock: FakeClock,
) -> None:
    for headers in ({"dnt": "1"}, {"sec-gpc": "1"}, {"sec-purpose": "prefetch;prerender"}):
        assert (await client.get("/", headers=headers)).status_code == 200
    assert (await client.head("/")).status_code == 200
    for path in ("/favicon.svg", "/robots.txt", "/title/none", "/nothing"):
        await client.get(path)
    assert await counted(visits, cache, scope_a, clock) == 0
