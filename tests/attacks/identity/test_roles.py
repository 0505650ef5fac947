"""Attacks on what somebody may: roles taken along in bodies, grants that doubled, premium that outlives itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import Struct
from pymongo import MongoClient

from content.importing.target import Target
from storage.moments import moment
from storage.mongo import collection_of
from streaming.running import RunningStream, RunningStreams
from tenancy.desk import change_tenant
from tests.content.samples import film, resolved_file
from tests.journeys.crawling import templates
from tests.journeys.values import documents_of
from tests.storefront.conftest import TwoSites
from tests.storefront.people import FORM, Person, person
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR, take_in
from tests.support.wire import until

TAKEN: Final[dict[str, Any]] = {
    "role": "admin",
    "type": "telegram",
    "premium": True,
    "grants": [{"id": "x", "role": "admin"}],
    "_marquee": {"grants": [{"id": "x", "role": "admin"}], "ban": None},
    "ours": {"ban": None},
    "owner": "tenant:south",
    "tenant": "south",
    "tenant_id": "south",
    "viewer": "somebody",
    "viewer_id": 1,
    "user_id": 1,
    "_id": 1,
    "id": 1,
    "likes": 999,
    "votes": 999,
    "moderation_status": "active",
    "status": "active",
    "invited_count": 999,
    "is_admin": True,
    "$set": {"role": "admin"},
    "__class__": "admin",
}
GOOD: Final[dict[str, dict[str, Any]]] = {
    "/api/v1/comments": {"target_id": "film_001", "body": "Hello"},
    "/api/v1/nickname": {"nickname": "Quiet Heron"},
    "/api/v1/progress/film_001": {"session": "tab", "at": 1, "position_seconds": 60, "duration_seconds": 600},
    "/api/v1/watchlist/film_001": {"notify": True},
    "/api/v1/titles/film_001/intro": {"start": 10, "end": 40},
    "/api/v1/reports": {"target_id": "film_001", "issue": "dead_link"},
    "/api/v1/me/tokens": {"name": "Reader"},
    "/api/v1/notices/email": {"email": "ann@mail.example"},
    "/api/v1/age": {"confirmed": True},
}


class Member(Struct):
    """A site whose own streams are for premium members, and somebody on it."""

    sites: TwoSites
    someone: Person
    viewer: str
    clock: FakeClock

    async def play(self) -> tuple[int, str]:
        """The status of a play, and the first stream's address."""
        answer = await self.someone("POST", "/api/v1/titles/film_001/play")
        return answer.status_code, answer.json()["streams"][0]["url"] if answer.status_code == 200 else ""

    async def role(self) -> str:
        """As the site sees it."""
        return str((await self.someone.api("GET", "/me"))["viewer"]["role"])

    async def grant(self, **until: float) -> None:
        """Premium for a while."""
        ends = moment(self.clock()) + timedelta(**until)
        await self.sites.platform.stores.viewers.grant(
            self.sites.north.scope, self.viewer, "premium", ends, "", actor=ACTOR, key="paid-1"
        )


@pytest.fixture
async def member(two_sites: TwoSites, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Member]:
    stores = two_sites.platform.stores
    files = [resolved_file(1, subtitles=[{"lang": "eng", "index": 2}])]
    await take_in(stores, Target.tenant(two_sites.north.scope), "library", [film(1, files=files)], tmp_path)
    settings = {"access.streams": "premium", "access.downloads": "premium"}
    await change_tenant(stores.desk, "north", settings, actor=ACTOR)
    stores.resolver.forget("north")
    async with person(two_sites.platform, "north.example") as someone:
        await someone("PUT", "/api/v1/watchlist/film_001", json={"notify": True})
        viewer = (await someone.api("GET", "/me"))["viewer"]["id"]
        yield Member(two_sites, someone, viewer, clock)


async def test_no_body_brings_a_role_a_grant_or_another_tenant(
    member: Member, cleaner: MongoClient[dict[str, Any]], database_name: str
) -> None:
    app, site = member.sites.platform.app, member.sites.north.scope
    changing = [
        (method, template.format)
        for template in templates(app)
        for method in sorted(template.route.methods - {"GET", "HEAD", "OPTIONS", "DELETE"})
    ]
    assert len(changing) > 30
    named = {"title_id": "film_001", "target_id": "film_001", "episode_id": "s1e1", "download_id": "0"}
    for method, route in changing:
        path = route.format_map(_Named(named))
        body = {**TAKEN, **GOOD.get(path, {})}
        answers = [await member.someone(method, path, json=body)]
        flat = {name: str(value) for name, value in body.items()}
        answers.append(await member.someone(method, path, data=flat, headers={"content-type": FORM}))
        answers += [await member.someone(method, path, params={"role": "admin", "tenant": "south"})]
        assert [each.status_code for each in answers if each.status_code >= 500 and "/sign-in" not in path] == [], path
    assert await member.role() == "free"
    left = documents_of(cleaner, database_name, f"tenant:{site.tenant_id}")["users"]
    assert {(each["role"], each["type"]) for each in left} == {("free", "guest")}
    assert not [each for each in left if each.get("_marquee", {}).get("grants")]
    assert "users" not in documents_of(cleaner, database_name, "tenant:south")
    assert (await member.play())[0] == 403


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "any"


async def test_one_grant_that_is_given_many_times_at_once_is_one(member: Member) -> None:
    await asyncio.gather(*(member.grant(days=30) for _ in range(10)))
    stored = await collection_of(member.sites.platform.stores.database, "users").find_one(
        {"_id": {"owner": member.sites.north.scope.owner, "id": member.viewer}}
    )
    assert stored is not None
    assert len(stored["_marquee"]["grants"]) == 1
    assert await member.role() == "premium"


async def test_a_grant_that_is_given_again_is_never_gone_in_between(member: Member) -> None:
    await member.grant(days=30)
    again = asyncio.gather(*(member.grant(days=31) for _ in range(10)))
    seen = {await member.role()}
    while not again.done():
        seen.add(await member.role())
    await again
    assert seen == {"premium"}


@pytest.mark.parametrize("how", ["it runs out", "it is revoked", "the role is taken"])
async def test_premium_that_ends_ends_its_plays_and_links(member: Member, how: str) -> None:
    stores, scope = member.sites.platform.stores, member.sites.north.scope
    assert (await member.play())[0] == 403
    if how == "the role is taken":
        await stores.viewers.set_role(scope, member.viewer, "premium", actor=ACTOR)
    else:
        await member.grant(hours=1)
    status, stream = await member.play()
    assert status == 200
    external = (await member.someone("POST", "/api/v1/titles/film_001/external")).json()["streams"][0]["url"]
    kept = (await member.someone("POST", "/api/v1/titles/film_001/downloads/0")).json()["url"]
    for link in (stream, external, kept):
        assert (await member.someone("HEAD", link)).status_code == 200, link
    match how:
        case "it runs out":
            member.clock.advance(3_601)
        case "it is revoked":
            await stores.viewers.revoke_grants(scope, member.viewer, actor=ACTOR)
        case _:
            await stores.viewers.set_role(scope, member.viewer, "free", actor=ACTOR)
    assert (await member.play())[0] == 403, "nothing new begins"
    for link in (stream, external, kept):
        assert (await member.someone("HEAD", link)).status_code == 403, "a link lives for hours, and is asked each time"
    assert (await member.someone("POST", "/api/v1/titles/film_001/external")).status_code == 403
    assert (await member.someone("POST", "/api/v1/titles/film_001/downloads/0")).status_code == 403


async def test_a_site_that_closes_its_streams_closes_the_links_too(member: Member) -> None:
    stores = member.sites.platform.stores
    await change_tenant(stores.desk, "north", {"access.streams": "everyone"}, actor=ACTOR)
    stores.resolver.forget("north")
    status, stream = await member.play()
    assert (status, (await member.someone("HEAD", stream)).status_code) == (200, 200)
    await change_tenant(stores.desk, "north", {"access.streams": "premium"}, actor=ACTOR)
    stores.resolver.forget("north")
    assert (await member.someone("HEAD", stream)).status_code == 403


@pytest.mark.parametrize("how", ["revoke", "role"])
async def test_running_streams_are_asked_again_when_a_role_changes(member: Member, how: str) -> None:
    heard: list[dict[str, Any]] = []

    async def hear(payload: Any) -> None:
        heard.append(dict(payload))

    stores, scope = member.sites.platform.stores, member.sites.north.scope
    stores.events.subscribe("viewers", hear)
    await member.grant(days=1)
    heard.clear()
    if how == "revoke":
        await stores.viewers.revoke_grants(scope, member.viewer, actor=ACTOR)
    else:
        await stores.viewers.set_role(scope, member.viewer, "free", actor=ACTOR)
    await until(lambda: {"tenant": "north", "viewer": member.viewer} in heard)


async def test_a_response_that_runs_on_is_asked_again_though_nobody_says_anything(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that runs out tells nobody: what runs then ends within `ASK_AGAIN_SECONDS`."""
    asked: list[int] = []
    ended: list[bool] = []

    async def readmit() -> bool:
        asked.append(1)
        return len(asked) < 3

    async def renew(*_: object) -> bool:
        return True

    monkeypatch.setattr("streaming.running.ASK_AGAIN_SECONDS", 0.0)
    streams = RunningStreams(renew, check_seconds=0.01)
    stream = RunningStream(member.sites.north.scope, "user", "lease", readmit)
    stream.when_ended = lambda: ended.append(True)
    with streams.entered(stream):
        await until(lambda: ended)
    assert len(asked) == 3
