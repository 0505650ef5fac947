"""A session is one viewer's on one site, and ends when it should."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide

from accounts.data import accounts_data
from accounts.dependencies import current_viewer
from accounts.errors import NoSuchViewer, ViewerBanned
from accounts.model import Viewer
from accounts.repository import INDEXES, ViewerRepository
from accounts.roles import ROLES, may
from accounts.sessions import COOKIE, Sessions, no_session_cookie, session_cookie, session_id
from accounts.viewers import Viewers
from storage.audit import Actor, Audit
from storage.events import Events
from storage.indexes import build_indexes
from storage.mongo import Database, collection_of
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant
from tests.support.clock import FakeClock
from tests.support.wire import until

STAFF = Actor("staff", "ada")
DAY = 24 * 3_600


class News:
    def __init__(self) -> None:
        self.heard: list[Mapping[str, Any]] = []

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        self.heard.append(dict(payload))


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
async def events(database: Database, cache: Cache, news: News) -> AsyncIterator[Events]:
    events = Events(database, cache)
    events.subscribe("viewers", news)
    async with events:
        yield events


@pytest.fixture
def sessions(database: Database, events: Events, clock: FakeClock) -> Sessions:
    return Sessions(database, events, clock)


@pytest.fixture
def viewers(database: Database, events: Events, clock: FakeClock) -> Viewers:
    return Viewers(database, Audit(database, clock), events, clock)


async def bring(database: Database, scope: TenantScope, *users: Mapping[str, Any]) -> None:
    await collection_of(database, "users").insert_many(
        [{**user, "_id": {"owner": scope.owner, "id": user["_id"]}} for user in users]
    )


async def test_a_guest_is_known_by_the_cookie_again(sessions: Sessions, scope_a: TenantScope) -> None:
    guest, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    again = await sessions.current_viewer(scope_a, cookie)
    assert again == guest
    assert (guest.type, guest.role, len(str(guest.id))) == ("guest", "free", 32)
    by_id = await sessions.viewer_of_session(scope_a, session_id(cookie))
    assert by_id == guest


async def test_a_cookie_of_another_site_is_nobodys(
    sessions: Sessions, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    _, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    assert await sessions.current_viewer(scope_b, cookie) is None
    assert await sessions.viewer_of_session(scope_b, session_id(cookie)) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "a" * 43, "a" * 10_000, "ä" * 43, "a" * 42 + "\n"])
async def test_an_invented_cookie_is_nobodys(sessions: Sessions, scope_a: TenantScope, cookie: str | None) -> None:
    assert await sessions.current_viewer(scope_a, cookie) is None


async def test_the_database_never_holds_the_cookie(
    sessions: Sessions, scope_a: TenantScope, database: Database
) -> None:
    _, cookie = await sessions.open_guest_session(scope_a, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 secret-build")
    stored = await collection_of(database, "sessions").find_one({"_id.owner": scope_a.owner})
    assert stored is not None
    assert cookie not in str(stored)
    assert "secret-build" not in str(stored)
    assert stored["_id"]["id"] == session_id(cookie)


async def test_use_keeps_a_session_and_disuse_ends_it(
    sessions: Sessions, scope_a: TenantScope, clock: FakeClock
) -> None:
    _, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    for _ in range(4):
        clock.advance(29 * DAY)
        assert await sessions.current_viewer(scope_a, cookie) is not None
    clock.advance(30 * DAY)
    assert await sessions.current_viewer(scope_a, cookie) is None


async def test_a_page_view_is_rarely_a_write(
    sessions: Sessions, scope_a: TenantScope, clock: FakeClock, database: Database
) -> None:
    _, cookie = await sessions.open_guest_session(scope_a, "Firefox")

    async def end() -> object:
        stored = await collection_of(database, "sessions").find_one({"_id.owner": scope_a.owner})
        assert stored is not None
        return stored["expires_at"]

    first = await end()
    clock.advance(3_600)
    await sessions.current_viewer(scope_a, cookie)
    assert await end() == first
    clock.advance(DAY)
    await sessions.current_viewer(scope_a, cookie)
    assert await end() != first


async def test_signing_out_ends_the_session_and_is_told(
    sessions: Sessions, scope_a: TenantScope, scope_b: TenantScope, news: News
) -> None:
    guest, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    await sessions.end_session(scope_b, cookie)
    assert await sessions.current_viewer(scope_a, cookie) is not None
    await sessions.end_session(scope_a, cookie)
    await sessions.end_session(scope_a, cookie)
    assert await sessions.current_viewer(scope_a, cookie) is None
    await until(lambda: news.heard == [{"tenant": "tenant_a", "viewer": guest.id}])


async def test_all_sessions_of_a_viewer_end_at_once(
    sessions: Sessions, scope_a: TenantScope, scope_b: TenantScope, database: Database
) -> None:
    cookies: list[str] = []
    for scope in (scope_a, scope_b):
        await bring(database, scope, {"_id": 42, "type": "telegram", "role": "premium"})
        cookies += [await sessions.open_session(scope, 42, agent) for agent in ("one", "two")]
    assert await sessions.end_all_sessions(scope_a, 42) == 2
    assert await sessions.current_viewer(scope_a, cookies[0]) is None
    other = await sessions.current_viewer(scope_b, cookies[2])
    assert other is not None
    assert (other.id, other.role) == (42, "premium")


async def test_a_banned_viewer_is_refused_at_once_and_told_to_every_process(
    sessions: Sessions, viewers: Viewers, scope_a: TenantScope, news: News, database: Database, clock: FakeClock
) -> None:
    guest, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    await viewers.ban(scope_a, guest.id, "spam", actor=STAFF)
    with pytest.raises(ViewerBanned) as refused:
        await sessions.current_viewer(scope_a, cookie)
    assert refused.value.reason == "spam"
    assert "spam" not in str(refused.value)
    await until(lambda: news.heard == [{"tenant": "tenant_a", "viewer": guest.id}])
    await viewers.unban(scope_a, guest.id, actor=STAFF)
    assert await sessions.current_viewer(scope_a, cookie) is not None
    entries = await Audit(database, clock).entries(scope_a)
    assert sorted(each.action for each in entries) == ["viewer.ban", "viewer.unban"]


async def test_one_person_on_two_sites_is_two_viewers(
    viewers: Viewers, scope_a: TenantScope, scope_b: TenantScope, database: Database
) -> None:
    for scope in (scope_a, scope_b):
        await bring(database, scope, {"_id": 42, "type": "telegram", "role": "free"})
    await viewers.ban(scope_a, 42, "spam", actor=STAFF)
    await viewers.set_role(scope_a, 42, "premium", actor=STAFF)
    other = await ViewerRepository(database, scope_b).get(42)
    assert other is not None
    assert (other.ours.ban, other.role) == (None, "free")


async def test_nobody_can_be_banned_or_raised_who_is_not_there(
    viewers: Viewers, scope_a: TenantScope, database: Database
) -> None:
    await bring(database, scope_a, {"_id": 42})
    for viewer_id in ("42", 43):
        with pytest.raises(NoSuchViewer):
            await viewers.ban(scope_a, viewer_id, "spam", actor=STAFF)
        with pytest.raises(NoSuchViewer):
            await viewers.set_role(scope_a, viewer_id, "admin", actor=STAFF)


async def test_a_session_whose_viewer_is_gone_is_nobodys(
    sessions: Sessions, scope_a: TenantScope, database: Database
) -> None:
    _, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    assert await ViewerRepository(database, scope_a).delete_all() == 1
    assert await sessions.current_viewer(scope_a, cookie) is None


async def test_odd_brought_users_read_as_the_least_and_export_as_they_came(
    scope_a: TenantScope, database: Database
) -> None:
    odd: list[dict[str, Any]] = [
        {"_id": 7, "type": "robot", "role": "owner", "history": "none", "extra": [1]},
        {"_id": "hash", "security": None, "tenant": "tenant_b"},
    ]
    await bring(database, scope_a, *odd)
    repository = ViewerRepository(database, scope_a)
    numbered, hashed = await repository.get(7), await repository.get("hash")
    assert numbered is not None
    assert hashed is not None
    assert (numbered.type, numbered.role, numbered.history) == ("telegram", "free", {})
    assert (hashed.type, hashed.security) == ("guest", {})
    users = accounts_data(database)[0]
    assert [dict(each) async for each in users.export(scope_a)] == odd


async def test_a_request_reads_the_viewer_without_the_history(scope_a: TenantScope, database: Database) -> None:
    await bring(database, scope_a, {"_id": 7, "history": {"tmdb_1": {"timestamp": 5}}})
    repository = ViewerRepository(database, scope_a)
    brief, whole = await repository.identity(7), await repository.get(7)
    assert brief is not None
    assert whole is not None
    assert (brief.history, whole.history) == ({}, {"tmdb_1": {"timestamp": 5}})


async def test_sessions_are_deleted_with_a_tenant_and_never_exported(
    sessions: Sessions, scope_a: TenantScope, scope_b: TenantScope, database: Database
) -> None:
    (data,) = [each for each in accounts_data(database) if each.name == "sessions"]
    for scope in (scope_a, scope_b):
        await sessions.open_guest_session(scope, "Firefox")
    assert [each async for each in data.export(scope_a)] == []
    assert await data.delete(scope_a) == 1
    assert await data.delete(scope_a) == 0
    assert await data.delete(scope_b) == 1


async def test_the_indexes_that_callers_rely_on_are_made(database: Database) -> None:
    await build_indexes(database, INDEXES)
    users = await collection_of(database, "users").index_information()
    assert users["owner_referral_code"]["key"] == [("_id.owner", 1), ("referral.code", 1)]


def test_the_cookie_is_bound_to_its_host() -> None:
    given, taken = session_cookie("x" * 43).to_header(header=""), no_session_cookie().to_header(header="")
    assert given.startswith(f"{COOKIE}=xxx")
    for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=lax"):
        assert attribute in given
        assert attribute in taken
    assert "Domain" not in given
    assert "Max-Age=0" in taken


async def test_a_handler_is_given_who_asks(sessions: Sessions, scope_a: TenantScope) -> None:
    resolved = ResolvedTenant(Tenant(id="tenant_a", domain="a.example"), scope_a, "a.example")

    @get("/")
    async def whoami(viewer: NamedDependency[Viewer | None]) -> str:
        return "nobody" if viewer is None else str(viewer.id)

    def given(value: object) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    app = Litestar(
        [whoami],
        dependencies={"tenant": given(resolved), "sessions": given(sessions), "viewer": Provide(current_viewer)},
        openapi_config=None,
    )
    guest, cookie = await sessions.open_guest_session(scope_a, "Firefox")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(cast("Any", app)), base_url="http://a.example"
    ) as client:
        assert (await client.get("/")).text == "nobody"
        assert (await client.get("/", headers={"Cookie": f"{COOKIE}={cookie}"})).text == str(guest.id)
        assert (await client.get("/", headers={"Cookie": f"{COOKIE}=junk"})).text == "nobody"


async def test_many_guests_at_once_are_many(sessions: Sessions, scope_a: TenantScope) -> None:
    opened = await asyncio.gather(*(sessions.open_guest_session(scope_a, "x") for _ in range(20)))
    assert len({each.viewer.id for each in opened}) == len({each.cookie for each in opened}) == 20


def test_each_role_may_what_the_lesser_one_may() -> None:
    assert ROLES["free"] < ROLES["premium"] < ROLES["admin"]
    assert not may(None, "watch")
    assert may(Viewer(id=1, role="premium"), "download")
    assert not may(Viewer(id=1), "moderate")
