"""A link counts as long as the session that it was made for, and beside that session's cookie."""

from functools import partial

import msgspec
import pytest

from accounts.errors import ViewerBanned
from accounts.sessions import Opened, Sessions
from accounts.viewers import Viewers
from storage.audit import Actor, Audit
from storage.events import Events
from storage.leases import LeaseStore
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from streaming.admission import Admitted, LinkNotYours, SiteSuspended, StreamAdmission
from streaming.leases import Leases, lease_id_of
from streaming.links import Claims, device_of, user_claim
from streaming.running import RunningStream
from tenancy.model import Hold, Tenant
from tenancy.resolver import ResolvedTenant
from tests.support.clock import FakeClock
from tests.support.wire import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def events(database: Database, cache: Cache) -> Events:
    return Events(database, cache)


@pytest.fixture
def sessions(database: Database, events: Events, clock: FakeClock) -> Sessions:
    return Sessions(database, events, clock)


@pytest.fixture
def admission(sessions: Sessions) -> StreamAdmission:
    return StreamAdmission(sessions)


@pytest.fixture
def site(scope_a: TenantScope) -> ResolvedTenant:
    return ResolvedTenant(Tenant(id="tenant_a", domain="a.example"), scope_a, "a.example")


@pytest.fixture
async def opened(sessions: Sessions, scope_a: TenantScope) -> Opened:
    return await sessions.open_guest_session(scope_a, "a browser")


def claims_of(opened: Opened) -> Claims:
    return Claims(
        tenant="tenant_a", host="a.example", user=user_claim(opened.viewer.id), device=device_of(opened.cookie),
        title="film", bucket="0", expires_at=10**10, purpose="play",
    )  # fmt: skip


async def test_the_session_that_asked_for_the_link_is_let_in(
    admission: StreamAdmission, site: ResolvedTenant, opened: Opened
) -> None:
    claims = claims_of(opened)
    assert await admission(site, claims, opened.cookie) == Admitted(claims.user, "free")


async def test_a_play_link_needs_its_cookie_and_an_external_one_only_no_other(
    admission: StreamAdmission, sessions: Sessions, site: ResolvedTenant, scope_a: TenantScope, opened: Opened
) -> None:
    play = claims_of(opened)
    external = msgspec.structs.replace(play, purpose="external")
    somebody_else = (await sessions.open_guest_session(scope_a, "another")).cookie
    for claims, cookie in ((play, None), (play, somebody_else), (external, somebody_else), (play, ""), (external, "x")):
        with pytest.raises(LinkNotYours):
            await admission(site, claims, cookie)
    for cookie in (None, opened.cookie):
        assert await admission(site, external, cookie) == Admitted(play.user, "free")


async def test_a_link_of_another_site_or_user_is_not_let_in(
    admission: StreamAdmission, site: ResolvedTenant, scope_b: TenantScope, opened: Opened
) -> None:
    other_site = ResolvedTenant(Tenant(id="tenant_b", domain="b.example"), scope_b, "b.example")
    with pytest.raises(LinkNotYours):
        await admission(other_site, claims_of(opened), opened.cookie)
    with pytest.raises(LinkNotYours):
        await admission(site, msgspec.structs.replace(claims_of(opened), user="42"), opened.cookie)


async def test_a_suspended_site_lets_nobody_in(
    admission: StreamAdmission, scope_a: TenantScope, clock: FakeClock, opened: Opened
) -> None:
    hold = Hold(kind="billing", reason="unpaid", since=moment(clock()), by="test")
    suspended = ResolvedTenant(Tenant(id="tenant_a", domain="a.example", holds=(hold,)), scope_a, "a.example")
    with pytest.raises(SiteSuspended):
        await admission(suspended, claims_of(opened), opened.cookie)


async def test_signing_out_and_bans_end_running_streams_and_their_links(
    admission: StreamAdmission,
    database: Database,
    cache: Cache,
    sessions: Sessions,
    events: Events,
    clock: FakeClock,
    site: ResolvedTenant,
    scope_a: TenantScope,
) -> None:
    leases = Leases(LeaseStore(cache), events)
    viewers = Viewers(database, Audit(database, clock), events, clock)
    async with events:
        for end in ("sign-out", "ban"):
            opened = await sessions.open_guest_session(scope_a, "a browser")
            claims = msgspec.structs.replace(claims_of(opened), purpose="external")

            async def readmit(claims: Claims = claims) -> bool:
                try:
                    await admission(site, claims, None)
                except (LinkNotYours, ViewerBanned):
                    return False
                return True

            stream = RunningStream(scope_a, claims.user, lease_id_of(claims.user, claims.device, "film"), readmit)
            with leases.running.entered(stream):
                if end == "sign-out":
                    await sessions.end_session(scope_a, opened.cookie)
                else:
                    await viewers.ban(scope_a, opened.viewer.id, "spam", actor=Actor("staff", "owner"))
                await until(partial(_is_ended, stream))
            with pytest.raises((LinkNotYours, ViewerBanned)):
                await admission(site, claims, None)


def _is_ended(stream: RunningStream) -> bool:
    return stream.is_ended
