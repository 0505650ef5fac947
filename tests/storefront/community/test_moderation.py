"""What moderators decide, what they see, and what those learn whom it concerns."""

import asyncio
from typing import Any

from storage.audit import Audit
from tenancy.desk import change_tenant
from tests.storefront.community.conftest import FILM, Town
from tests.storefront.people import Person
from tests.support.platform import ACTOR

LINK = "Watch this: https://else.example/film"


async def moderate(town: Town, said: dict[str, Any], **body: Any) -> Any:
    return await town.staff.patch(f"/api/v1/staff/comments/{said['id']}", json=body)


async def seen_by(person: Person, said: dict[str, Any]) -> int:
    return (await person("GET", f"/api/v1/comments/{said['id']}")).status_code


async def test_links_of_new_viewers_wait_until_a_moderator_shows_them(town: Town) -> None:
    said = await town.say(town.ann, LINK)
    assert (said["status"], said["reason"]) == ("flagged", "It has a link and waits for a moderator.")
    assert (await seen_by(town.ann, said), await seen_by(town.bob, said)) == (200, 404)
    assert (await town.listed(town.bob))["count"] == 0
    queue = (await town.staff.get("/api/v1/staff/comments")).json()
    assert [each["id"] for each in queue["comments"]] == [said["id"]]
    assert (await moderate(town, said, status="active")).status_code == 200
    assert await seen_by(town.bob, said) == 200
    for number in range(2):
        await town.say(town.ann, f"Number {number}")
    assert (await town.say(town.ann, LINK + "/2"))["status"] == "active"


async def test_a_link_that_an_edit_brings_in_waits_too(town: Town) -> None:
    said = await town.say(town.ann, "Harmless")
    edited = await town.ann("PATCH", f"/api/v1/comments/{said['id']}", json={"body": LINK})
    assert edited.json()["status"] == "flagged"
    assert await seen_by(town.bob, said) == 404


async def test_enough_flags_hold_a_comment_back_and_each_viewer_counts_once(town: Town) -> None:
    await change_tenant(town.sites.platform.stores.desk, "north", {"comments.flags": "2"}, actor=ACTOR)
    said = await town.say(town.ann, "Rude words")
    path = f"/api/v1/comments/{said['id']}/report"
    for _ in range(3):
        assert (await town.bob("POST", path, json={"reason": "Rude"})).status_code == 204
    assert await seen_by(town.cid, said) == 200
    assert (await town.cid("POST", path, json={})).status_code == 204
    assert await seen_by(town.cid, said) == 404
    mine = (await town.ann("GET", "/api/v1/comments/mine")).json()["comments"]
    assert [(each["status"], "moderators" in each["reason"]) for each in mine] == [("flagged", True)]
    detail = (await town.staff.get(f"/api/v1/staff/comments/{said['id']}")).json()
    assert sorted(each["reason"] for each in detail["flags"]) == ["", "Rude"]
    await moderate(town, said, status="active")
    assert await seen_by(town.cid, said) == 200


async def test_nobody_flags_their_own(town: Town) -> None:
    said = await town.say(town.ann)
    assert (await town.ann("POST", f"/api/v1/comments/{said['id']}/report", json={})).status_code == 422


async def test_a_deletion_needs_a_reason_which_the_author_reads_and_may_appeal_once(town: Town) -> None:
    root = await town.say(town.bob, "Root")
    said = await town.say(town.ann, "Off topic", reply_to=root["id"])
    assert (await moderate(town, said, status="deleted")).status_code == 422
    assert (await moderate(town, said, status="deleted", reason="Off topic")).status_code == 200
    assert await seen_by(town.bob, said) == 404
    assert (await town.bob("GET", f"/api/v1/comments/{root['id']}")).json()["reply_count"] == 0
    own = (await town.ann("GET", f"/api/v1/comments/{said['id']}")).json()
    assert (own["status"], own["reason"], own["may_appeal"]) == ("deleted", "Off topic", True)
    path = f"/api/v1/comments/{said['id']}/appeal"
    answers = await asyncio.gather(*(town.ann("POST", path, json={"text": "It was on topic"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await town.bob("POST", path, json={"text": "Mine"})).status_code == 404
    waiting = (await town.staff.get("/api/v1/staff/comments", params={"status": "deleted", "appealed": "1"})).json()
    assert [each["appeal"]["text"] for each in waiting["comments"]] == ["It was on topic"]
    verdict = {"decision": "restored", "words": "You are right"}
    decided = [await town.staff.post(f"/api/v1/staff/comments/{said['id']}/appeal", json=verdict) for _ in range(2)]
    assert [answer.status_code for answer in decided] == [200, 409]
    assert await seen_by(town.bob, said) == 200
    assert (await town.bob("GET", f"/api/v1/comments/{root['id']}")).json()["reply_count"] == 1
    own = (await town.ann("GET", f"/api/v1/comments/{said['id']}")).json()
    assert (own["appeal"]["decision"], own["may_appeal"]) == ("restored", False)


async def test_a_banned_author_is_out_and_the_comment_gone(town: Town) -> None:
    said = await town.say(town.ann, "Spam")
    path = f"/api/v1/staff/comments/{said['id']}/ban"
    assert (await town.staff.post(path, json={"reason": ""})).status_code == 422
    assert (await town.staff.post(path, json={"reason": "Spam"})).status_code == 200
    again = await town.ann("POST", "/api/v1/comments", json={"target_id": FILM, "body": "More spam"})
    assert again.status_code == 403
    assert await seen_by(town.bob, said) == 404
    stores = town.sites.platform.stores
    deeds = [each.action for each in await Audit(stores.database, stores.clock).entries(town.sites.north.scope)]
    assert {"viewer.ban", "comment.delete"} <= set(deeds)


async def test_a_brought_comments_unknown_author_cannot_be_banned(town: Town) -> None:
    answer = await town.staff.post("/api/v1/staff/comments/comment_x8s9d/ban", json={"reason": "Spam"})
    assert answer.status_code == 422


async def test_the_queue_is_the_staffs_of_this_site_alone(town: Town) -> None:
    said = await town.say(town.ann, LINK)
    token = town.staff.headers["authorization"]
    path = f"/api/v1/staff/comments/{said['id']}"
    for headers, status in (({}, 401), ({"authorization": "Bearer mqs_x"}, 401)):
        assert (await town.sue("GET", "/api/v1/staff/comments", headers=headers)).status_code == status
    assert (await town.sue("GET", "/api/v1/staff/comments", headers={"authorization": token})).status_code == 401
    assert (await town.ann("GET", "/api/v1/staff/comments")).status_code == 403
    assert (await town.ann("PATCH", path, json={"status": "active"})).status_code == 403
    own = await town.sites.platform.stores.staff.create(town.sites.south.scope, "Other", "owner", actor=ACTOR)
    theirs = {"authorization": f"Bearer {own.token}"}
    assert (await town.sue("GET", "/api/v1/staff/comments", headers=theirs)).json()["comments"] == []
    assert (await town.sue("GET", path, headers=theirs)).status_code == 404
    answer = await town.sue("PATCH", path, json={"status": "active"}, headers=theirs)
    assert answer.status_code == 404


async def test_an_admin_of_the_site_moderates_with_their_session(town: Town) -> None:
    said = await town.say(town.ann, LINK)
    await town.say(town.bob)
    stores = town.sites.platform.stores
    bob = await stores.sessions.current_viewer(town.sites.north.scope, town.bob.cookies["__Host-session"])
    assert bob is not None
    await stores.viewers.set_role(town.sites.north.scope, bob.id, "admin", actor=ACTOR)
    decided = await town.bob("PATCH", f"/api/v1/staff/comments/{said['id']}", json={"status": "active"})
    assert decided.status_code == 200
    assert decided.json()["decided_by"] == f"viewer:{bob.id}"


async def test_a_site_says_who_may_comment(town: Town) -> None:
    desk = town.sites.platform.stores.desk
    said = {"target_id": FILM, "body": "Hello"}
    for who, words in (("signed_in", "Sign in"), ("nobody", "closed")):
        await change_tenant(desk, "north", {"comments.who": who}, actor=ACTOR)
        answer = await town.ann("POST", "/api/v1/comments", json=said)
        assert (answer.status_code, words in answer.json()["detail"]) == (403, True)
        assert words in await town.ann.page(f"/comments?target_id={FILM}")
    assert (await town.sue("POST", "/api/v1/comments", json=said)).status_code == 201


async def test_a_nickname_changes_everywhere_once_in_thirty_days(town: Town) -> None:
    said = await town.say(town.ann)
    assert (await town.cid("GET", "/api/v1/nickname")).json()["nickname"] == ""
    assert (await town.ann("GET", "/api/v1/nickname")).json()["nickname"] == said["nickname"]
    changed = await town.ann("PUT", "/api/v1/nickname", json={"nickname": "Film Friend"})
    assert changed.status_code == 200
    assert (await town.bob("GET", f"/api/v1/comments/{said['id']}")).json()["nickname"] == "Film Friend"
    soon = await town.ann("PUT", "/api/v1/nickname", json={"nickname": "Other"})
    assert (soon.status_code, soon.json()["type"]) == (429, "urn:marquee:problem:nickname-too-soon")
    for name, status in (
        ("F1lm_Friend", 409),
        ("FILM FRIEND", 409),
        ("shadowreader 99", 409),
        ("admin", 422),
        ("North", 422),
    ):
        answer = await town.bob("PUT", "/api/v1/nickname", json={"nickname": name})
        assert answer.status_code == status, name
    assert (await town.sue("PUT", "/api/v1/nickname", json={"nickname": "Film Friend"})).status_code == 200
    town.clock.advance(30 * 86_400 + 1)


async def test_two_who_want_one_name_at_once_do_not_both_get_it(town: Town) -> None:
    await town.say(town.ann)
    await town.say(town.bob, "Me too")
    answers = await asyncio.gather(
        *(each("PUT", "/api/v1/nickname", json={"nickname": "Highlander"}) for each in (town.ann, town.bob))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
