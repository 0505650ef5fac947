"""Leases: so many at once, kept by signs of life, ended on every node within moments."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import pytest

from storage.errors import StorageUnavailable
from storage.events import Events
from storage.leases import LeaseStore
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from streaming.leases import LeaseGone, Leases, StreamLimitReached, StreamLimits, lease_id_of
from streaming.running import MOST_PER_LEASE, RunningStream, RunningStreams, TooManyConnections
from tests.support.wire import until, wire_to

pytestmark = pytest.mark.anyio


class Node:
    """One process's leases and news."""

    def __init__(self, database: Database, cache: Cache, *, ttl_seconds: float = 60) -> None:
        self.events = Events(database, cache)
        self.leases = Leases(LeaseStore(cache), self.events, limits=StreamLimits(free=2), ttl_seconds=ttl_seconds)


@pytest.fixture
async def node(database: Database, cache: Cache) -> AsyncIterator[Node]:
    node = Node(database, cache)
    async with node.events:
        yield node


@pytest.fixture
async def other_node(database: Database, cache: Cache) -> AsyncIterator[Node]:
    node = Node(database, cache)
    async with node.events:
        yield node


async def acquire(leases: Leases, scope: TenantScope, title: str, *, user: str = "42", role: str = "free") -> str:
    return (await leases.acquire(scope, user=user, role=role, device="d", title=title)).id


class Door:
    """Whether a stream would be let in again."""

    def __init__(self) -> None:
        self.is_open = True
        self.asked = 0

    async def __call__(self) -> bool:
        self.asked += 1
        return self.is_open


def running(scope: TenantScope, title: str, door: Door, user: str = "42") -> RunningStream:
    return RunningStream(scope, user, lease_id_of(user, "d", title), door)


async def test_a_viewer_runs_as_many_streams_as_the_role_allows(node: Node, scope_a: TenantScope) -> None:
    first = await acquire(node.leases, scope_a, "one")
    await acquire(node.leases, scope_a, "two")
    with pytest.raises(StreamLimitReached) as refused:
        await acquire(node.leases, scope_a, "three")
    assert refused.value.limit == 2
    await acquire(node.leases, scope_a, "three", role="premium")
    await node.leases.release(scope_a, "42", first)
    with pytest.raises(StreamLimitReached):
        await acquire(node.leases, scope_a, "four")


async def test_playing_again_renews_and_takes_no_second_place(node: Node, scope_a: TenantScope) -> None:
    assert await acquire(node.leases, scope_a, "one") == await acquire(node.leases, scope_a, "one")
    await acquire(node.leases, scope_a, "two")


async def test_viewers_and_sites_do_not_share_their_places(
    node: Node, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    for scope, user in ((scope_a, "42"), (scope_a, "~42"), (scope_b, "42")):
        for title in ("one", "two"):
            await acquire(node.leases, scope, title, user=user)


async def test_a_late_heartbeat_is_told_the_lease_is_gone(
    database: Database, cache: Cache, scope_a: TenantScope
) -> None:
    leases = Node(database, cache, ttl_seconds=0.05).leases
    lease_id = await acquire(leases, scope_a, "one")
    await asyncio.sleep(0.1)  # the server's own clock decides
    with pytest.raises(LeaseGone):
        await leases.heartbeat(scope_a, "42", lease_id)


async def test_heartbeats_keep_a_lease_and_belong_to_its_viewer_and_site(
    node: Node, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    lease_id = await acquire(node.leases, scope_a, "one")
    assert (await node.leases.heartbeat(scope_a, "42", lease_id)).ttl_seconds == 60
    for scope, user in ((scope_a, "43"), (scope_b, "42")):
        with pytest.raises(LeaseGone):
            await node.leases.heartbeat(scope, user, lease_id)


async def test_release_is_idempotent_and_ends_what_runs_on_every_node(
    node: Node, other_node: Node, scope_a: TenantScope
) -> None:
    lease_id = await acquire(node.leases, scope_a, "one")
    stream, untouched = running(scope_a, "one", Door()), running(scope_a, "two", Door())
    with other_node.leases.running.entered(stream), other_node.leases.running.entered(untouched):
        await node.leases.release(scope_a, "42", lease_id)
        await node.leases.release(scope_a, "42", lease_id)
        await until(lambda: stream.is_ended)
        assert not untouched.is_ended
    with pytest.raises(LeaseGone):
        await node.leases.heartbeat(scope_a, "42", lease_id)


async def test_revoking_a_viewer_ends_all_of_that_viewers_streams_and_nobody_elses(
    node: Node, other_node: Node, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    mine = [running(scope_a, title, Door()) for title in ("one", "two")]
    theirs = [running(scope_a, "one", Door(), "43"), running(scope_b, "one", Door())]
    lease_id = await acquire(node.leases, scope_a, "one")
    entered = other_node.leases.running.entered
    with entered(mine[0]), entered(mine[1]), entered(theirs[0]), entered(theirs[1]):
        await node.leases.revoke(scope_a, "42")
        await until(lambda: all(stream.is_ended for stream in mine))
        assert not any(stream.is_ended for stream in theirs)
    with pytest.raises(LeaseGone):
        await node.leases.heartbeat(scope_a, "42", lease_id)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("viewers", {"tenant": "tenant_a", "viewer": 42}), ("tenants", {"tenant": "tenant_a"})],
)
async def test_news_of_a_viewer_or_a_site_end_the_streams_that_are_not_let_in_again(
    node: Node, scope_a: TenantScope, scope_b: TenantScope, topic: str, payload: dict[str, Any]
) -> None:
    closed, still_open, elsewhere = Door(), Door(), Door()
    closed.is_open = False
    streams = [running(scope_a, "one", closed), running(scope_a, "two", still_open), running(scope_b, "one", elsewhere)]
    entered = node.leases.running.entered
    with entered(streams[0]), entered(streams[1]), entered(streams[2]):
        await node.events.publish(topic, payload)
        await until(lambda: streams[0].is_ended and still_open.asked == 1)
        assert not streams[1].is_ended
        assert elsewhere.asked == 0


async def test_news_that_came_while_a_request_was_let_in_are_not_missed(node: Node, scope_a: TenantScope) -> None:
    streams, door = node.leases.running, Door()
    door.is_open = False
    as_of = streams.news
    await streams.on_viewers({"tenant": scope_a.tenant_id, "viewer": 42})  # banned between admission and first byte
    late = RunningStream(scope_a, "42", "lease", door, as_of=as_of)
    fresh = RunningStream(scope_a, "42", "lease", Door(), as_of=streams.news)
    with streams.entered(late), streams.entered(fresh):
        await until(lambda: late.is_ended)
        assert not fresh.is_ended


async def test_a_stream_that_could_not_be_checked_is_checked_again(scope_a: TenantScope) -> None:
    is_away = True

    async def door() -> bool:
        if is_away:
            raise StorageUnavailable("away")
        return False

    async def renew(*_lease: object) -> bool:
        return True

    streams = RunningStreams(renew, check_seconds=0.02)
    stream = RunningStream(scope_a, "42", "lease", door)
    with streams.entered(stream):
        await streams.on_tenants({"tenant": scope_a.tenant_id})
        await until(lambda: stream.is_in_doubt)
        assert not stream.is_ended
        is_away = False
        await until(lambda: stream.is_ended)


async def test_after_lost_news_everything_is_asked_again(node: Node, scope_a: TenantScope) -> None:
    doors = [Door(), Door(), Door()]
    handlers = (node.leases.running.on_viewers, node.leases.running.on_tenants, node.leases.running.on_leases)
    for door, handler in zip(doors, handlers, strict=True):
        door.is_open = False
        stream = running(scope_a, "one", door)
        with node.leases.running.entered(stream):
            await handler({})
            await until(partial(_is_ended, stream))


async def test_a_running_response_keeps_its_lease(database: Database, cache: Cache, scope_a: TenantScope) -> None:
    leases = Node(database, cache, ttl_seconds=1).leases
    lease_id = await acquire(leases, scope_a, "one")
    stream = running(scope_a, "one", Door())
    with leases.running.entered(stream):
        await asyncio.sleep(1.5)
        await leases.heartbeat(scope_a, "42", lease_id)
    assert not stream.is_ended


async def test_a_renewal_that_swallows_its_cancellation_keeps_nothing_alive(scope_a: TenantScope) -> None:
    begun = asyncio.Event()

    async def renew(*_: object) -> bool:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return True

    streams = RunningStreams(renew, check_seconds=0.01)
    with streams.entered(running(scope_a, "one", Door())):
        await begun.wait()
    with streams.entered(running(scope_a, "two", Door())):
        await until(lambda: sum(task.get_name() == "running leases" for task in asyncio.all_tasks()) == 1)


async def test_a_lease_lost_with_redis_is_asked_for_again_and_a_revoked_one_ends(
    database: Database, cache: Cache, scope_a: TenantScope
) -> None:
    leases = Node(database, cache, ttl_seconds=0.15).leases
    welcome, refused = Door(), Door()
    refused.is_open = False
    streams = [running(scope_a, "one", welcome), running(scope_a, "two", refused)]
    with leases.running.entered(streams[0]), leases.running.entered(streams[1]):
        await until(lambda: streams[1].is_ended)
        await until(lambda: welcome.asked > 0)
        assert not streams[0].is_ended


async def test_streams_go_on_while_redis_is_away_and_new_ones_are_refused(
    database: Database, redis_url: str, scope_a: TenantScope
) -> None:
    async with wire_to(redis_url) as (wire, url):
        cache = await Cache.connect(url)
        leases = Node(database, cache, ttl_seconds=0.1).leases
        stream = running(scope_a, "one", Door())
        with leases.running.entered(stream):
            await wire.cut()
            with pytest.raises(StorageUnavailable):
                await acquire(leases, scope_a, "two")
            await asyncio.sleep(0.2)
            assert not stream.is_ended
        await cache.close()


async def test_one_lease_carries_a_players_connections_and_not_a_crowds(node: Node, scope_a: TenantScope) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_PER_LEASE):
            stack.enter_context(node.leases.running.entered(running(scope_a, "one", Door())))
        with pytest.raises(TooManyConnections):
            stack.enter_context(node.leases.running.entered(running(scope_a, "one", Door())))
        stack.enter_context(node.leases.running.entered(running(scope_a, "two", Door())))
    assert len(node.leases.running) == 0


def _is_ended(stream: RunningStream) -> bool:
    return stream.is_ended
