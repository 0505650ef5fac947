"""What is counted in one document and listed in another stays equal: a process dies between, people click at once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from accounts.model import Viewer
from content.comments.marking import Marking
from content.comments.model import Mark
from content.comments.people import FlagRepository, LikeRepository
from content.comments.repository import CommentRepository
from content.reports.model import Reporter
from content.reports.repository import ReporterRepository, ReportRepository
from tests.attacks.community.dying import VIEWER
from tests.storefront.community.conftest import FILM, Town
from tests.storefront.people import Person


class PowerLost(Exception):
    """What a process that dies does not even raise."""


class Rows(LikeRepository):
    """Every like that is listed."""

    async def all(self) -> list[Mark]:
        return [each async for each in self._find()]


class Said(ReporterRepository):
    """Everybody who is listed as having reported."""

    async def all(self) -> list[Reporter]:
        return [each async for each in self._find()]


async def dies(*, at: str, of: type[Any], monkeypatch: pytest.MonkeyPatch, during: Callable[[], Awaitable[Any]]) -> Any:
    """What `during` gives where the second write never comes."""

    async def never(*_: object, **__: object) -> None:
        raise PowerLost

    with monkeypatch.context() as patched:
        patched.setattr(of, at, never)
        return await during()


async def killed(town: Town, database_name: str, mongodb_uri: str, deed: str, subject: str) -> int:
    """How the process ended that died between the two writes."""
    arguments = [deed, mongodb_uri, database_name, town.sites.north.id, subject]
    command = [sys.executable, "-m", "tests.attacks.community.dying", *arguments]
    done = await asyncio.to_thread(subprocess.run, command, timeout=60, check=False)
    return done.returncode


async def likes_of(town: Town, comment_id: str) -> tuple[int, int]:
    """What is counted and what is listed."""
    counted = (await town.bob("GET", f"/api/v1/comments/{comment_id}")).json()["likes"]
    stores = town.sites.platform.stores
    rows = await Rows(stores.database, town.sites.north.scope).all()
    return counted, sum(1 for each in rows if each.id["comment"] == comment_id)


async def test_a_like_that_a_failure_cuts_in_two_counts_not_at_all_and_then_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await town.say(town.ann)
    path = f"/api/v1/comments/{said['id']}/like"
    for method, counts in (("PUT", 1), ("DELETE", 0)):
        before = await likes_of(town, said["id"])
        failed = await dies(
            at="move_likes",
            of=CommentRepository,
            monkeypatch=monkeypatch,
            during=partial(town.bob, method, path),
        )
        assert failed.status_code == 500
        assert await likes_of(town, said["id"]) == before
        assert (await town.bob(method, path)).json() == {"likes": counts, "liked": bool(counts)}
        assert await likes_of(town, said["id"]) == (counts, counts)


@pytest.mark.parametrize("deed", ["like", "report"])
async def test_a_process_killed_between_the_writes_leaves_neither(
    town: Town, deed: str, database_name: str, mongodb_uri: str
) -> None:
    said = await town.say(town.ann)
    report = (await town.ann("POST", "/api/v1/reports", json={"target_id": FILM, "issue": "dead_link"})).json()
    subject = said["id"] if deed == "like" else report["id"]
    assert await killed(town, database_name, mongodb_uri, deed, subject) == -signal.SIGKILL
    stores = town.sites.platform.stores
    assert VIEWER not in [each.id["viewer"] for each in await Rows(stores.database, town.sites.north.scope).all()]
    assert VIEWER not in [each.id["viewer"] for each in await Said(stores.database, town.sites.north.scope).all()]
    assert (await town.bob("PUT", f"/api/v1/comments/{said['id']}/like")).json() == {"likes": 1, "liked": True}
    assert await likes_of(town, said["id"]) == (1, 1)
    await town.bob("POST", "/api/v1/reports", json={"target_id": FILM, "issue": "dead_link"})
    assert (await town.staff.get("/api/v1/staff/reports")).json()["reports"][0]["count"] == 2


async def test_likes_taken_and_given_back_by_many_at_once_end_where_the_rows_do(town: Town) -> None:
    said = await town.say(town.ann)
    scope, stores = town.sites.north.scope, town.sites.platform.stores
    comment = await CommentRepository(stores.database, scope).get(said["id"])
    assert comment is not None
    marking = Marking(stores.database, scope, town.sites.north.tenant.comments, stores.limits, stores.clock)
    crowd = [Viewer(id=f"guest-{number}") for number in range(6)]
    for _ in range(2):
        deeds = [verb(viewer, comment) for viewer in crowd for verb in (marking.like, marking.unlike, marking.like)]
        await asyncio.gather(*deeds)
    counted, listed = await likes_of(town, said["id"])
    assert counted == listed


async def test_a_flag_cut_in_two_is_raised_again_and_counts_never_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await town.say(town.ann)
    path, told = f"/api/v1/comments/{said['id']}/report", {"reason": "rude"}
    failed = await dies(
        at="change",
        of=CommentRepository,
        monkeypatch=monkeypatch,
        during=lambda: town.bob("POST", path, json=told),
    )
    assert failed.status_code == 500
    flags = FlagRepository(town.sites.platform.stores.database, town.sites.north.scope)
    assert await flags.on(said["id"], limit=9) == []
    for person in (town.bob, town.bob, town.cid):
        assert (await person("POST", path, json=told)).status_code == 204
    assert len(await flags.on(said["id"], limit=9)) == 2
    # The address had its count when power was lost: what is told to moderators is whole, and no flag counts twice.
    assert (await town.staff.get(f"/api/v1/staff/comments/{said['id']}")).json()["comment"]["flags"] == 1


async def test_a_thread_counts_the_replies_that_it_has(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    root = await town.say(town.ann)
    answered = {"target_id": FILM, "body": "Yes", "reply_to": root["id"]}

    def write() -> Awaitable[Any]:
        return town.bob("POST", "/api/v1/comments", json=answered)

    failed = await dies(at="move_replies", of=CommentRepository, monkeypatch=monkeypatch, during=write)
    assert failed.status_code == 500
    (thread,) = (await town.listed(town.ann))["threads"]
    assert (thread["comment"]["reply_count"], thread["replies"]) == (0, [])
    reply = await town.say(town.bob, "Yes indeed", reply_to=root["id"])

    def take_back() -> Awaitable[Any]:
        return town.bob("DELETE", f"/api/v1/comments/{reply['id']}")

    failed = await dies(at="move_replies", of=CommentRepository, monkeypatch=monkeypatch, during=take_back)
    assert failed.status_code == 500
    (thread,) = (await town.listed(town.ann))["threads"]
    assert (thread["comment"]["reply_count"], len(thread["replies"])) == (1, 1)


async def test_one_who_reports_is_counted_once_however_it_ends(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"target_id": FILM, "issue": "dead_link"}

    async def report(person: Person = town.bob) -> Any:
        return await person("POST", "/api/v1/reports", json=sent)

    await report(town.ann)
    await town.say(town.cid)
    failed = await dies(at="count_reporter", of=ReportRepository, monkeypatch=monkeypatch, during=report)
    assert failed.status_code == 500
    answers = await asyncio.gather(*(report() for _ in range(6)), *(report(town.cid) for _ in range(6)))
    assert {each.status_code for each in answers} == {200}
    (row,) = (await town.staff.get("/api/v1/staff/reports")).json()["reports"]
    assert row["count"] == 3
