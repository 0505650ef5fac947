"""A guest becomes the person that Telegram vouches for, whatever happens in between."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from accounts.belongings import BelongingsRegistry
from accounts.model import Profile, Viewer, ViewerId
from accounts.own_belongings import own_belongings
from accounts.recovery import RecoveryCodes
from accounts.repository import INDEXES, ViewerRepository
from accounts.sessions import Sessions, session_id
from accounts.sign_in.arriving import Arrivals, Here
from accounts.sign_in.attempts import Attempts
from accounts.sign_in.identity import TelegramIdentity
from storage.events import Events
from storage.indexes import build_indexes
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.support.clock import FakeClock

NOBODY = Here(None, None, "Firefox")


class Killed(BaseException):
    """The process ends here."""


class Shelf:
    """A room's belongings: sets of things, and a kill before, between or after its steps."""

    name = "shelf"

    def __init__(self) -> None:
        self.things: dict[ViewerId, set[str]] = {}
        self.kill_at: str | None = None

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        for thing in sorted(self.things.get(viewer_id, ())):
            yield {"thing": thing}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        self._step("delete")
        return len(self.things.pop(viewer_id, ()))

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        self._step("before")
        self.things.setdefault(viewer_id, set()).update(self.things.get(guest_id, ()))
        self._step("between")
        self.things.pop(guest_id, None)
        self._step("after")

    def _step(self, name: str) -> None:
        if self.kill_at == name:
            self.kill_at = None
            raise Killed


class World:
    def __init__(self, database: Database, cache: Cache, clock: FakeClock) -> None:
        self.database = database
        self.shelf = Shelf()
        self.heard: list[tuple[ViewerId, str | None]] = []
        self.is_deaf = False
        events = Events(database, cache)
        self.sessions = Sessions(database, events, clock)
        self.codes = RecoveryCodes(database, clock)
        own = own_belongings(database, self.sessions, self.codes, clock)
        self.belongings = BelongingsRegistry([self.shelf, *own])
        self.arrivals = Arrivals(
            database, self.sessions, Attempts(database, clock), self.belongings, [self._hear], clock
        )
        self._proofs = 0

    async def _hear(self, scope: TenantScope, viewer: Viewer, code: str | None) -> None:
        if self.is_deaf:
            raise RuntimeError("nobody listens")
        self.heard.append((viewer.id, code))

    def identity(self, viewer_id: int) -> TelegramIdentity:
        self._proofs += 1
        return TelegramIdentity(viewer_id, Profile("Ada"), f"proof {self._proofs}", 600)

    async def guest(self, scope: TenantScope, *things: str) -> Here:
        opened = await self.sessions.open_guest_session(scope, "Firefox")
        self.shelf.things[opened.viewer.id] = set(things)
        return Here(opened.viewer, session_id(opened.cookie), "Firefox")


@pytest.fixture
async def world(database: Database, cache: Cache, clock: FakeClock) -> World:
    await build_indexes(database, INDEXES)
    return World(database, cache, clock)


async def test_the_guests_things_become_the_persons(world: World, scope_a: TenantScope) -> None:
    here = await world.guest(scope_a, "list", "progress")
    assert here.viewer is not None
    arrived = await world.arrivals.by_telegram(scope_a, world.identity(7), here, referral_code="ben_x")
    assert (arrived.viewer.id, arrived.is_new) == (7, True)
    assert world.shelf.things == {7: {"list", "progress"}}
    assert world.heard == [(7, "ben_x")]
    repository = ViewerRepository(world.database, scope_a)
    assert await repository.get(here.viewer.id) is None
    assert await world.sessions.viewer_of_session(scope_a, here.session or "") is None
    assert await world.sessions.current_viewer(scope_a, arrived.cookie) == arrived.viewer


async def test_a_first_sign_up_is_told_once(world: World, scope_a: TenantScope, scope_b: TenantScope) -> None:
    for scope, is_new in ((scope_a, True), (scope_a, False), (scope_b, True)):
        arrived = await world.arrivals.by_telegram(scope, world.identity(7), NOBODY, referral_code=None)
        assert arrived.is_new is is_new
    assert world.heard == [(7, None), (7, None)]


async def test_a_sign_up_that_could_not_be_told_is_told_at_the_next_sign_in(world: World, scope_a: TenantScope) -> None:
    world.is_deaf = True
    arrived = await world.arrivals.by_telegram(scope_a, world.identity(7), NOBODY, referral_code="ben_x")
    assert await world.sessions.current_viewer(scope_a, arrived.cookie) is not None, "it keeps nobody out"
    world.is_deaf = False
    again = await world.arrivals.by_telegram(scope_a, world.identity(7), NOBODY, referral_code=None)
    assert not again.is_new
    assert world.heard == [(7, "ben_x")]


@pytest.mark.parametrize("step", ["before", "between", "after"])
async def test_a_merge_that_was_killed_is_finished_at_the_next_sign_in(
    world: World, scope_a: TenantScope, step: str
) -> None:
    here = await world.guest(scope_a, "list")
    assert here.viewer is not None
    world.shelf.kill_at = step
    with pytest.raises(Killed):
        await world.arrivals.by_telegram(scope_a, world.identity(7), here, referral_code="ben_x")
    # Another browser of the person, which knows nothing of the guest.
    await world.arrivals.by_telegram(scope_a, world.identity(7), NOBODY, referral_code=None)
    assert world.shelf.things == {7: {"list"}}
    assert await ViewerRepository(world.database, scope_a).get(here.viewer.id) is None
    assert world.heard == [(7, "ben_x")]


async def test_a_guest_that_is_becoming_somebodys_becomes_nobody_elses(world: World, scope_a: TenantScope) -> None:
    here = await world.guest(scope_a, "list")
    world.shelf.kill_at = "before"
    with pytest.raises(Killed):
        await world.arrivals.by_telegram(scope_a, world.identity(7), here, referral_code=None)
    await world.arrivals.by_telegram(scope_a, world.identity(8), here, referral_code=None)
    assert world.shelf.things.get(8) is None
    await world.arrivals.by_telegram(scope_a, world.identity(7), NOBODY, referral_code=None)
    assert world.shelf.things == {7: {"list"}}


async def test_another_browser_of_the_guest_does_not_become_the_person(world: World, scope_a: TenantScope) -> None:
    here = await world.guest(scope_a, "list")
    assert here.viewer is not None
    elsewhere = await world.sessions.open_session(scope_a, here.viewer.id, "Chrome")
    token = (await world.sessions.mint_token(scope_a, here.viewer.id, "Reader")).token
    await world.arrivals.by_telegram(scope_a, world.identity(7), here, referral_code=None)
    for secret in (elsewhere, token):
        assert await world.sessions.current_viewer(scope_a, secret) is None


async def test_signing_in_as_somebody_else_leaves_the_first_ones_things(world: World, scope_a: TenantScope) -> None:
    first = await world.arrivals.by_telegram(scope_a, world.identity(7), NOBODY, referral_code=None)
    world.shelf.things[7] = {"list"}
    here = Here(first.viewer, session_id(first.cookie), "Firefox")
    await world.arrivals.by_telegram(scope_a, world.identity(8), here, referral_code=None)
    assert world.shelf.things == {7: {"list"}}
    assert await world.sessions.current_viewer(scope_a, first.cookie) is None, "this browser is the other one's now"


async def test_a_deletion_that_was_killed_can_be_asked_for_again(world: World, scope_a: TenantScope) -> None:
    here = await world.guest(scope_a, "list")
    assert here.viewer is not None
    world.shelf.kill_at = "delete"
    with pytest.raises(Killed):
        await world.belongings.delete(scope_a, here.viewer.id)
    assert await world.sessions.viewer_of_session(scope_a, here.session or "") is not None
    deleted = await world.belongings.delete(scope_a, here.viewer.id)
    assert deleted == {"shelf": 1, "recovery_code": 0, "user": 1, "devices": 1}
    assert await world.belongings.delete(scope_a, here.viewer.id) == dict.fromkeys(deleted, 0)
