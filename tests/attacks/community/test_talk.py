"""Comments, names and votes by people who mean harm."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from content.comments.errors import NicknameRefused
from content.comments.markup import excerpt_of, html_of
from content.comments.nicknames import checked
from content.comments.writing import COMMENTS_AN_HOUR_AND_ADDRESS
from content.importing.target import Target
from storefront.api.intro import VOTERS_PER_ADDRESS
from tests.content.samples import film, resolved_file
from tests.storefront.community.conftest import FILM, Town
from tests.storefront.people import Person, person
from tests.support.platform import ACTOR, take_in

LOOKALIKES = {
    "a": "аɑａ𝐚ⓐàạ",
    "d": "ԁｄ𝐝ⓓḍ",
    "m": "ｍ𝐦ⓜṃ",
    "i": "іıｉ𝐢1l|ìị",  # noqa: RUF001 - as above
    "n": "ｎ𝐧ⓝñṇ",
}
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u202e\u2066\u180e\u3164\u115f\ufe0f"
HOSTILE_NESTS = (
    "[",
    "![",
    "*a ",
    "**a_",
    "`",
    "> ",
    "- ",
    ">!",
    ">!a\n\n",
    "~~a",
    "[a](",
    "<http://a.bc",
    "_a*b",
    "\\",
)


def posing() -> Iterator[str]:
    """Names that somebody could take for the site's own people."""
    for letter, others in LOOKALIKES.items():
        for other in others:
            yield "admin".replace(letter, other)
            yield f"{'Admin'.replace(letter, other)}123"
    for mark in HIDDEN:
        yield f"adm{mark}in"
        yield f"{mark}admin"
        yield f"admin{mark}"
    for name in ("admin", "moderator", "support", "official"):
        yield from (name.upper(), f"x{name}" if name != "support" else name, " ".join(name), ".".join(name))
        yield from (f"{name}\u0301", f"_{name}_", f"{name}  1", "".join(chr(ord(each) + 0xFEE0) for each in name))


@pytest.mark.parametrize("name", sorted(set(posing())), ids=ascii)
def test_nobody_poses_as_the_sites_own_people(name: str) -> None:
    with pytest.raises(NicknameRefused):
        checked(name, [])


def steps(work: Callable[[], Any]) -> int:
    """How many calls and returns the work takes."""
    taken = 0

    def count(*_: object) -> None:
        nonlocal taken
        taken += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return taken


@pytest.mark.parametrize("piece", HOSTILE_NESTS)
def test_twice_the_text_takes_at_most_about_twice_the_steps(piece: str) -> None:
    short, long = ((piece * length)[:length] for length in (2_000, 4_000))
    for render in (html_of.__wrapped__, partial(excerpt_of, most=80)):
        assert steps(partial(render, long)) <= 2.5 * steps(partial(render, short))


def test_a_spoiler_that_is_never_closed_over_thousands_of_paragraphs_is_looked_at_once() -> None:
    text = ">!" + "a\n\n" * 2_600
    assert "<p>" in html_of(text)


async def test_a_comment_stays_within_the_film(town: Town, tmp_path: Path) -> None:
    files = [resolved_file(50, duration_seconds=90.5), resolved_file(51, duration_seconds=float("1e9"))]
    place = Target.tenant(town.sites.north.scope)
    await take_in(town.sites.platform.stores, place, "library", [film(50, files=files)], tmp_path)
    for second, status in ((91, 201), (92, 422), (172_800, 422)):
        town.clock.advance(20)
        said = {"target_id": "film_050", "body": f"At {second}", "timestamp": second}
        assert (await town.ann("POST", "/api/v1/comments", json=said)).status_code == status, second


async def test_what_is_gone_flagged_or_elsewhere_is_not_answered(town: Town) -> None:
    gone = await town.say(town.ann, "Gone soon")
    other = await town.ann(
        "POST", "/api/v1/comments", json={"target_id": "tmdb_1399#s1e1", "body": "About another title"}
    )
    foreign = await town.say(town.sue, "On another site")
    held = await town.say(town.bob, "See https://evil.example/ now")
    assert held["status"] == "flagged"
    await town.ann("DELETE", f"/api/v1/comments/{gone['id']}")
    for parent in (gone["id"], other.json()["id"], foreign["id"], held["id"], "comment_x8s9d", "0", "$ne"):
        answer = await town.cid("POST", "/api/v1/comments", json={"target_id": FILM, "body": "Yes", "reply_to": parent})
        assert answer.status_code == 404, parent
    for path in (gone["id"], held["id"]):
        assert (await town.cid("PUT", f"/api/v1/comments/{path}/like")).status_code == 404
        assert (await town.cid("POST", f"/api/v1/comments/{path}/report", json={"reason": "x"})).status_code == 404


async def test_who_was_banned_changes_nothing_more(town: Town) -> None:
    said = await town.say(town.ann)
    await town.say(town.bob, "Mine")
    stores, scope = town.sites.platform.stores, town.sites.north.scope
    ann = await stores.sessions.current_viewer(scope, town.ann.cookies["__Host-session"])
    assert ann is not None
    await stores.viewers.ban(scope, ann.id, "spam", actor=ACTOR)
    path = f"/api/v1/comments/{said['id']}"
    deeds: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"body": "Edited"}),
        ("DELETE", path, None),
        ("PUT", f"{path}/like", None),
        ("POST", f"{path}/appeal", {"text": "Please"}),
        ("POST", "/api/v1/comments", {"target_id": FILM, "body": "More"}),
        ("PUT", "/api/v1/nickname", {"nickname": "Somebody Else"}),
        ("POST", "/api/v1/reports", {"target_id": FILM, "issue": "dead_link"}),
        ("POST", "/api/v1/titles/film_001/intro", {"start": 1, "end": 40}),
        ("PUT", "/api/v1/progress/film_001", {"session": "tab", "at": 1, "position_seconds": 5}),
        ("DELETE", "/api/v1/comments/mine", None),
    ]
    for method, where, body in deeds:
        assert (await town.ann(method, where, json=body)).status_code == 403, (method, where)
    assert (await town.bob("GET", path)).json()["body"] == said["body"]


async def test_no_viewer_moderates_by_any_door(town: Town) -> None:
    said = await town.say(town.ann)
    await town.say(town.bob, "Mine")
    path = f"/api/v1/staff/comments/{said['id']}"
    deeds: list[tuple[str, str, Any]] = [
        ("GET", "/api/v1/staff/comments", None),
        ("GET", path, None),
        ("PATCH", path, {"status": "deleted", "reason": "x"}),
        ("POST", f"{path}/ban", {"reason": "x"}),
        ("POST", f"{path}/appeal", {"decision": "restored", "words": ""}),
        ("GET", "/api/v1/staff/reports", None),
    ]
    other = await town.sites.platform.stores.staff.create(town.sites.south.scope, "Other", "owner", actor=ACTOR)
    minted = {"authorization": f"Bearer {other.token}"}
    for method, where, body in deeds:
        assert (await town.bob(method, where, json=body)).status_code == 403, (method, where)
        assert (await town.bob(method, where, json=body, headers=minted)).status_code == 401, (method, where)
    fields = {"target_id": FILM, "body": "x", "moderation_status": "active", "nickname": "admin", "likes": 99}
    assert (await town.bob("POST", "/api/v1/comments", json=fields)).status_code == 400


async def test_of_an_edit_and_a_deletion_at_once_the_words_do_not_come_back(town: Town) -> None:
    said = await town.say(town.ann, "Regretted")
    path = f"/api/v1/comments/{said['id']}"
    await asyncio.gather(
        town.ann("DELETE", path), *(town.ann("PATCH", path, json={"body": f"Edit {number}"}) for number in range(4))
    )
    assert (await town.listed(town.bob))["threads"] == []
    again = await town.ann("PATCH", path, json={"body": "Back"})
    assert again.status_code in (404, 409)


async def test_a_crowd_of_guests_at_one_address_moves_no_median(town: Town, tmp_path: Path) -> None:
    known = film(60, intro_timings={"start": 90, "end": 150, "votes": VOTERS_PER_ADDRESS + 2})
    place = Target.tenant(town.sites.north.scope)
    await take_in(town.sites.platform.stores, place, "library", [known], tmp_path)
    path = "/api/v1/titles/film_060/intro"
    async with person(town.sites.platform, "north.example", address="10.5.5.5") as crowd:
        answers = [
            await Person(crowd.client)("POST", path, json={"start": 300, "end": 400})
            for _ in range(VOTERS_PER_ADDRESS + 10)
        ]
    assert [each.status_code for each in answers].count(200) == VOTERS_PER_ADDRESS
    assert {each.status_code for each in answers} == {200, 429}
    assert (await town.ann("GET", path)).json()["intro"] == {"start": 90.0, "end": 150.0}
    assert (await town.ann("POST", path, json={"start": 91, "end": 151})).status_code == 200
    again = [await town.ann("POST", path, json={"start": 92, "end": 152}) for _ in range(VOTERS_PER_ADDRESS + 1)]
    assert {each.status_code for each in again} == {200}, "a vote that is changed is no further voter"


async def test_reports_of_what_is_not_there_open_nothing(town: Town, tmp_path: Path) -> None:
    place = Target.tenant(town.sites.south.scope)
    await take_in(town.sites.platform.stores, place, "library", [film(77)], tmp_path)
    for target in ("film_077", "nothing", "film_001#s1e1", "manga_sample#c9", "tenant:south", "$ne", "film_001#", ""):
        answer = await town.ann("POST", "/api/v1/reports", json={"target_id": target, "issue": "dead_link"})
        assert answer.status_code in (400, 404), target
    assert (await town.staff.get("/api/v1/staff/reports")).json()["reports"] == []


async def test_many_who_report_the_same_at_once_open_one_report(town: Town) -> None:
    crowd = [Person(town.ann.client) for _ in range(12)]
    sent = {"target_id": "tmdb_1399#s1e1", "issue": "wrong_audio"}
    answers = await asyncio.gather(*(each("POST", "/api/v1/reports", json=sent) for each in crowd))
    assert {each.status_code for each in answers} <= {200, 409}
    rows = (await town.staff.get("/api/v1/staff/reports")).json()["reports"]
    assert len(rows) == 1
    assert rows[0]["count"] == sum(each.status_code == 200 for each in answers)


async def test_one_address_silences_nobody_with_however_many_guests(town: Town) -> None:
    said = await town.say(town.ann)
    path = f"/api/v1/comments/{said['id']}/report"
    async with person(town.sites.platform, "north.example", address="10.6.6.6") as crowd:
        for _ in range(8):
            assert (await Person(crowd.client)("POST", path, json={"reason": "x"})).status_code == 204
    assert (await town.bob("GET", f"/api/v1/comments/{said['id']}")).json()["status"] == "active"
    for each in (town.bob, town.cid):
        assert (await each("POST", path, json={"reason": "x"})).status_code == 204
    assert (await town.listed(town.sue))["threads"] == []
    held = (await town.staff.get("/api/v1/staff/comments?status=flagged")).json()["comments"]
    assert [each["id"] for each in held] == [said["id"]]


async def test_one_address_floods_no_discussion_with_however_many_guests(town: Town) -> None:
    limits, scope = town.sites.platform.stores.limits, town.sites.north.scope
    for _ in range(COMMENTS_AN_HOUR_AND_ADDRESS):
        await limits.take(scope, "comments-here", "127.0.0.1", limit=COMMENTS_AN_HOUR_AND_ADDRESS, window_seconds=3_600)
    said = {"target_id": FILM, "body": "Spam"}
    assert (await Person(town.ann.client)("POST", "/api/v1/comments", json=said)).status_code == 429
    assert (await town.bob("POST", "/api/v1/comments", json=said)).status_code == 201
