"""Votes as they are kept: one a viewer, exact under races, each site its own."""

from __future__ import annotations

import asyncio

import pytest

from content.data import content_data
from content.intro.belongings import IntroVotesOf
from content.intro.crowd import Timing, Vote
from content.intro.repository import INDEXES
from content.intro.votes import IntroVotes
from content.model import IntroTimings
from storage.indexes import build_indexes
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantDataRegistry
from tests.support.clock import FakeClock

TARGET = "tmdb_1#s1e2"
BROUGHT = IntroTimings(start=90, end=150, votes=5)


@pytest.fixture
async def votes(database: Database, scope_a: TenantScope, clock: FakeClock) -> IntroVotes:
    await build_indexes(database, INDEXES)
    return IntroVotes(database, scope_a, clock)


async def test_a_vote_moves_the_median_and_a_repeated_one_does_not(votes: IntroVotes) -> None:
    assert await votes.timing(TARGET, None) is None
    assert await votes.timing(TARGET, BROUGHT) == Timing(90, 150, 5)
    for viewer in ("anna", "bert", "carl"):
        await votes.cast(TARGET, viewer, Vote(92, 152), None)
    once = await votes.cast(TARGET, 4, Vote(94, 156), None)
    assert once == Timing(92, 152, 4)
    for _ in range(5):
        assert await votes.cast(TARGET, 4, Vote(94, 156), None) == once
    assert await votes.own(TARGET, 4) == Vote(94, 156)
    assert await votes.own(TARGET, "4") is None


async def test_a_later_vote_replaces_and_a_withdrawn_one_is_gone(votes: IntroVotes) -> None:
    await votes.cast(TARGET, 1, Vote(10, 40), None)
    assert await votes.cast(TARGET, 1, Vote(20, 50), None) == Timing(20, 50, 1)
    assert await votes.withdraw(TARGET, 1, None) is None
    assert await votes.withdraw(TARGET, 1, None) is None
    assert await votes.own(TARGET, 1) is None


async def test_votes_at_the_same_time_end_in_what_all_of_them_say(votes: IntroVotes) -> None:
    await asyncio.gather(*(votes.cast(TARGET, viewer, Vote(60 + viewer % 5, 120), None) for viewer in range(15)))
    assert await votes.timing(TARGET, None) == Timing(62, 120, 15)
    await asyncio.gather(*(votes.withdraw(TARGET, viewer, None) for viewer in range(14)))
    assert await votes.timing(TARGET, None) == Timing(64, 120, 1)


async def test_an_import_that_brings_other_timings_is_heard_at_once(votes: IntroVotes) -> None:
    await votes.cast(TARGET, 1, Vote(91, 151), BROUGHT)
    assert await votes.timing(TARGET, BROUGHT) == Timing(90, 150, 6)
    later = IntroTimings(start=100, end=160, votes=7)
    assert await votes.timing(TARGET, later) == Timing(100, 160, 7)
    assert await votes.timing(TARGET, None) == Timing(91, 151, 1)


async def test_another_site_hears_nothing_of_it(
    votes: IntroVotes, database: Database, scope_b: TenantScope, clock: FakeClock
) -> None:
    await votes.cast(TARGET, 1, Vote(10, 40), None)
    other = IntroVotes(database, scope_b, clock)
    assert await other.timing(TARGET, None) is None
    assert await other.own(TARGET, 1) is None
    assert await other.withdraw(TARGET, 1, None) is None
    assert await votes.timing(TARGET, None) == Timing(10, 40, 1)


async def test_a_viewers_votes_are_told_merged_and_taken_back(
    votes: IntroVotes, database: Database, scope_a: TenantScope
) -> None:
    await votes.cast("one", "guest", Vote(10, 40), None)
    await votes.cast("two", "guest", Vote(10, 40), None)
    await votes.cast("two", 7, Vote(20, 50), None)
    things = IntroVotesOf(database)
    for _ in range(2):
        await things.merge(scope_a, "guest", 7)
    told = [document async for document in things.export(scope_a, 7)]
    assert {(each["target"], each["start"]) for each in told} == {("one", 10.0), ("two", 20.0)}
    assert await votes.timing("two", None) == Timing(20, 50, 1)
    assert [await things.delete(scope_a, 7), await things.delete(scope_a, 7)] == [2, 0]
    assert await votes.timing("one", None) is None


async def test_a_tenants_votes_leave_with_the_tenant(
    votes: IntroVotes, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await votes.cast(TARGET, 1, Vote(10, 40), None)
    registry = TenantDataRegistry(content_data(database))
    assert [each["target"] async for _, each in registry.export(scope_a)] == [TARGET]
    assert [each async for each in registry.export(scope_b)] == []
    assert not any((await registry.delete(scope_b)).values())
    assert [(await registry.delete(scope_a))["intro_votes"] for _ in range(2)] == [1, 0]
    assert await votes.timing(TARGET, None) is None
