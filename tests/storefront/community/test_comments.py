"""Comments over the API: said, answered, liked, edited, taken back, and nobody else's business on another site."""

import asyncio

import pytest

from tests.storefront.community.conftest import FILM, Town


async def test_a_guest_says_something_under_a_generated_name_and_everybody_reads_it(town: Town) -> None:
    said = await town.say(town.ann, "**Great** >!he dies!< <script>alert(1)</script>", timestamp=61)
    assert said["mine"]
    assert said["is_spoiler"]
    assert said["timestamp"] == 61
    assert said["status"] == "active"
    assert '<span class="veiled">he dies</span>' in said["html"]
    assert "<script" not in said["html"]
    assert said["body"] == "**Great** >!he dies!< <script>alert(1)</script>"
    page = await town.listed(town.bob)
    (thread,) = page["threads"]
    assert (thread["comment"]["nickname"], thread["comment"]["mine"]) == (said["nickname"], False)
    assert page["count"] == 1
    assert (await town.listed(town.sue))["threads"] == []
    assert "user_id" not in thread["comment"]


async def test_replies_hang_on_the_thread_and_say_whom_they_answer(town: Town) -> None:
    root = await town.say(town.ann, "First")
    reply = await town.say(town.bob, "Second", reply_to=root["id"])
    deep = await town.say(town.cid, "Third", reply_to=reply["id"])
    assert (deep["thread_id"], deep["reply_to"]["id"], deep["reply_to"]["nickname"]) == (
        root["id"],
        reply["id"],
        reply["nickname"],
    )
    (thread,) = (await town.listed(town.ann))["threads"]
    assert [each["id"] for each in thread["replies"]] == [reply["id"], deep["id"]]
    assert thread["comment"]["reply_count"] == 2


async def test_a_long_thread_pages_through_all_replies_once(town: Town) -> None:
    root = await town.say(town.ann, "First")
    for number in range(5):
        await town.say(town.bob, f"Reply {number}", reply_to=root["id"])
    (thread,) = (await town.listed(town.ann))["threads"]
    assert len(thread["replies"]) == 3
    path = f"/api/v1/comments/{root['id']}/replies"
    rest = (await town.ann("GET", path, params={"after": thread["next"]})).json()
    bodies = [each["body"] for each in (*thread["replies"], *rest["replies"])]
    assert bodies == [f"Reply {number}" for number in range(5)]
    assert rest["next"] is None


async def test_one_like_a_viewer_counts_exactly_also_when_all_click_at_once(town: Town) -> None:
    said = await town.say(town.ann)
    path = f"/api/v1/comments/{said['id']}/like"
    for person in (town.bob, town.cid):
        await town.say(person, f"I too, {id(person)}")
    answers = await asyncio.gather(*(person("PUT", path) for person in (town.bob, town.cid) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await town.bob("GET", f"/api/v1/comments/{said['id']}")).json()["likes"] == 2
    assert (await town.bob("GET", f"/api/v1/comments/{said['id']}")).json()["liked"]
    await asyncio.gather(*(town.bob("DELETE", path) for _ in range(8)))
    after = (await town.bob("GET", f"/api/v1/comments/{said['id']}")).json()
    assert (after["likes"], after["liked"]) == (1, False)


async def test_an_edit_is_marked_and_its_history_is_the_moderators(town: Town) -> None:
    said = await town.say(town.ann, "Frist!")
    path = f"/api/v1/comments/{said['id']}"
    edited = (await town.ann("PATCH", path, json={"body": "First!"})).json()
    assert (edited["body"], edited["edited"]) == ("First!", True)
    assert (await town.bob("PATCH", path, json={"body": "Mine!"})).status_code == 403
    detail = (await town.staff.get(f"/api/v1/staff/comments/{said['id']}")).json()
    assert [each["body"] for each in detail["comment"]["versions"]] == ["Frist!"]


async def test_after_a_day_it_stays_as_it_is(town: Town) -> None:
    said = await town.say(town.ann)
    town.clock.advance(24 * 3_600 + 1)
    answer = await town.ann("PATCH", f"/api/v1/comments/{said['id']}", json={"body": "Other"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:marquee:problem:comment-settled")


async def test_taken_back_the_words_are_gone_and_the_thread_stays(town: Town) -> None:
    root = await town.say(town.ann, "Regretted words")
    await town.say(town.bob, "I read it", reply_to=root["id"])
    assert (await town.bob("DELETE", f"/api/v1/comments/{root['id']}")).status_code == 403
    assert (await town.ann("DELETE", f"/api/v1/comments/{root['id']}")).status_code == 204
    (thread,) = (await town.listed(town.ann))["threads"]
    gone = thread["comment"]
    assert (gone["body"], gone["html"], gone["nickname"], gone["status"]) == ("", "", "", "deleted")
    assert [each["body"] for each in thread["replies"]] == ["I read it"]
    stored = town.sites.platform.stores.tenant_data.export(town.sites.north.scope)
    assert "Regretted words" not in str([each async for each in stored])


async def test_a_lone_comment_that_is_taken_back_leaves_nothing(town: Town) -> None:
    said = await town.say(town.ann)
    await town.ann("DELETE", f"/api/v1/comments/{said['id']}")
    assert (await town.listed(town.bob))["threads"] == []
    assert (await town.bob("GET", f"/api/v1/comments/{said['id']}")).status_code == 404


async def test_all_of_ones_own_can_be_taken_back_at_once(town: Town) -> None:
    for number in range(3):
        await town.say(town.ann, f"Number {number}")
    kept = await town.say(town.bob)
    assert (await town.ann("DELETE", "/api/v1/comments/mine")).json() == {"removed": 3}
    assert (await town.ann("DELETE", "/api/v1/comments/mine")).json() == {"removed": 0}
    assert [each["comment"]["id"] for each in (await town.listed(town.ann))["threads"]] == [kept["id"]]


@pytest.mark.parametrize(
    "target", ["tmdb_1399#s1e1", "manga_sample#c1.5", "manga_sample#c1.50", "tmdb_1399", "v7K1wP2"]
)
async def test_what_the_site_shows_can_be_spoken_about(town: Town, target: str) -> None:
    said = (await town.ann("POST", "/api/v1/comments", json={"target_id": target, "body": "Yes"})).json()
    found = (await town.bob("GET", "/api/v1/comments", params={"target_id": target})).json()
    assert said["id"] in [each["comment"]["id"] for each in found["threads"]]


@pytest.mark.parametrize("target", ["nothing", "tmdb_1399#s1e2", "manga_sample#c2", "film_001#s1e1", "film_002x"])
async def test_what_the_site_does_not_show_cannot(town: Town, target: str) -> None:
    assert (await town.ann("POST", "/api/v1/comments", json={"target_id": target, "body": "Yes"})).status_code == 404
    assert (await town.ann("GET", "/api/v1/comments", params={"target_id": target})).status_code == 404
    assert (await town.ann("GET", "/api/v1/comments/markers", params={"target_id": target})).status_code == 404


async def test_what_is_for_adults_is_spoken_about_behind_the_gate(town: Town) -> None:
    said = {"target_id": "film_002", "body": "Spicy"}
    assert (await town.ann("POST", "/api/v1/comments", json=said)).status_code == 403
    town.bob.cookies["__Host-age"] = "18"
    made = await town.bob("POST", "/api/v1/comments", json=said)
    assert made.status_code == 201
    identity = made.json()["id"]
    for method, path in (("GET", ""), ("GET", "/replies"), ("PUT", "/like"), ("DELETE", "")):
        assert (await town.ann(method, f"/api/v1/comments/{identity}{path}")).status_code == 403
    assert (await town.bob("PUT", f"/api/v1/comments/{identity}/like")).status_code == 200


async def test_another_sites_ids_mean_nothing(town: Town) -> None:
    said = await town.say(town.ann)
    path = f"/api/v1/comments/{said['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("GET", "/replies", None),
        ("PUT", "/like", None),
        ("DELETE", "/like", None),
        ("PATCH", "", {"body": "x"}),
        ("DELETE", "", None),
        ("POST", "/report", {"reason": "x"}),
        ("POST", "/appeal", {"text": "x"}),
    ):
        assert (await town.sue(method, path + more, json=body)).status_code == 404, (method, more)
    answered = await town.sue("POST", "/api/v1/comments", json={"target_id": FILM, "body": "x", "reply_to": said["id"]})
    assert answered.status_code == 404
    assert (await town.bob("GET", path)).json()["likes"] == 0


async def test_saying_it_twice_at_once_is_said_once(town: Town) -> None:
    await town.say(town.ann, "Hello")
    answers = await asyncio.gather(
        *(town.ann("POST", "/api/v1/comments", json={"target_id": FILM, "body": " again  AND again"}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await town.listed(town.ann))["count"] == 2


async def test_too_many_comments_are_told_when_to_come_back(town: Town) -> None:
    for number in range(6):
        await town.say(town.ann, f"Number {number}")
    answer = await town.ann("POST", "/api/v1/comments", json={"target_id": FILM, "body": "One more"})
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:marquee:problem:too-many-comments")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"body": ""}, 422),
        ({"body": " \n\t "}, 422),
        ({"body": "\u200b\u202e\u2066"}, 422),
        ({"body": "\u0301\u0301\u0301"}, 422),
        ({"body": "x" * 2_001}, 422),
        ({"body": "x" * 8_001}, 400),
        ({"body": "a\n" * 200}, 422),
        ({"body": 7}, 400),
        ({"body": "x", "timestamp": -1}, 400),
        ({"body": "x", "timestamp": 1e300}, 400),
        ({"body": "x", "timestamp": 172_801}, 400),
        ({"body": "x", "reply_to": "nobody"}, 404),
        ({"body": "x", "user_id": 7}, 400),
        ({"body": "x", "is_spoiler": "yes"}, 400),
    ],
)
async def test_odd_comments_are_refused_with_a_reason(town: Town, body: dict[str, object], status: int) -> None:
    sent = {"target_id": FILM, **body} if body else {}
    answer = await town.ann("POST", "/api/v1/comments", json=sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_only_what_plays_has_seconds(town: Town) -> None:
    for target, status in (("tmdb_1399#s1e1", 201), ("tmdb_1399", 422), ("manga_sample#c1.5", 422)):
        sent = {"target_id": target, "body": "Now!", "timestamp": 5}
        assert (await town.ann("POST", "/api/v1/comments", json=sent)).status_code == status


async def test_markers_count_by_second_and_keep_spoilers_to_themselves(town: Town) -> None:
    await town.say(town.ann, "See >!the ending!< here", timestamp=30)
    best = await town.say(town.bob, "**Best** shot", timestamp=30)
    await town.say(town.cid, "All of it", timestamp=10, is_spoiler=True)
    await town.say(town.cid, "Nowhere")
    await town.ann("PUT", f"/api/v1/comments/{best['id']}/like")
    answer = await town.ann("GET", "/api/v1/comments/markers", params={"target_id": FILM})
    assert answer.json() == {
        "markers": [{"second": 10, "count": 1, "text": ""}, {"second": 30, "count": 2, "text": "Best shot"}]
    }
    timeline = await town.listed(town.ann, sort="timeline")
    assert [each["comment"]["timestamp"] for each in timeline["threads"]] == [10, 30, 30]


async def test_nobody_loses_or_sees_twice_while_others_write(town: Town) -> None:
    written = []
    for number in range(9):
        written.append(await town.say(town.ann if number % 2 else town.bob, f"Number {number}"))
    seen: list[str] = []
    after = None
    while True:
        page = await town.listed(town.bob, sort="new", limit="2", **({"after": after} if after else {}))
        seen += [each["comment"]["id"] for each in page["threads"]]
        await town.say(town.cid, f"Meanwhile {len(seen)}")
        after = page["next"]
        if after is None:
            break
    assert seen == [each["id"] for each in reversed(written)]


async def test_a_cursor_belongs_to_its_question_and_site(town: Town) -> None:
    for number in range(3):
        await town.say(town.ann, f"Number {number}")
        await town.say(town.sue, f"Number {number}")
    after = (await town.listed(town.ann, sort="new", limit="1"))["next"]
    for person, query in (
        (town.ann, {"sort": "old"}),
        (town.sue, {"sort": "new"}),
        (town.ann, {"sort": "new", "target_id": "tmdb_1399"}),
    ):
        answer = await person("GET", "/api/v1/comments", params={"target_id": FILM, "after": after, **query})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:marquee:problem:cursor-invalid")
    for query in ({"sort": "best"}, {"limit": "0"}, {"limit": "51"}, {"limit": "1_0"}, {"after": "!!"}):
        answer = await town.ann("GET", "/api/v1/comments", params={"target_id": FILM, **query})
        assert answer.status_code == 400


async def test_a_brought_comment_reads_like_any_other(town: Town) -> None:
    page = (await town.ann("GET", "/api/v1/comments", params={"target_id": "tmdb_10378"})).json()
    (thread,) = page["threads"]
    comment = thread["comment"]
    assert (comment["nickname"], comment["likes"], comment["timestamp"]) == ("ShadowReader_99", 12, 450)
    assert comment["avatar"] == "/avatars/x8s9d.svg"
    liked = await town.bob("PUT", f"/api/v1/comments/{comment['id']}/like")
    assert liked.json() == {"likes": 13, "liked": True}
    said = {"target_id": "tmdb_10378", "body": "Yes", "reply_to": comment["id"]}
    assert (await town.bob("POST", "/api/v1/comments", json=said)).status_code == 201
