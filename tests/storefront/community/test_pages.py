"""Comments and reports as pages and forms: all of it without JavaScript."""

import re

from tests.storefront.community.conftest import FILM, Town
from tests.storefront.people import Person


async def slug_of(person: Person) -> str:
    return str((await person("GET", f"/api/v1/titles/{FILM}")).json()["slug"])


async def test_a_form_says_it_and_leads_to_it_on_the_titles_page(town: Town) -> None:
    here = f"/title/{await slug_of(town.ann)}"
    page = await town.ann.page(here)
    assert "Nobody has said anything yet" in page
    sent = await town.ann.submit(
        "/comments", target_id=FILM, body="Lovely >!twist!< <img src=x onerror=alert(1)>", back=here
    )
    assert sent.status_code == 303
    where, _, anchor = sent.headers["location"].partition("#")
    assert where == here
    shown = await town.bob.page(here)
    assert f'id="{anchor}"' in shown
    assert '<span class="veiled">twist</span>' in shown
    assert "<img src=x" not in shown
    assert "You are" in await town.ann.page(here)


async def test_forms_lead_nowhere_else(town: Town) -> None:
    sent = await town.ann.submit("/comments", target_id=FILM, body="Hello", back="//evil.example/x")
    assert sent.headers["location"].startswith("/#")
    answer = await town.ann(
        "POST", "/comments", data={"target_id": FILM, "body": "x"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_every_deed_has_a_form(town: Town) -> None:
    said = await town.say(town.ann, "First words")
    path = f"/comments/{said['id']}"
    assert "Edit" in await town.ann.page(path)
    assert "Report to the moderators" in await town.bob.page(path)
    for deed, likes in (("like", 1), ("unlike", 0)):
        assert (await town.bob.submit(path, deed=deed)).status_code == 303
        assert (await town.bob("GET", f"/api/v1{path}")).json()["likes"] == likes
    assert (await town.bob.submit(path, deed="report", reason="Rude")).status_code == 303
    assert (await town.ann.submit(path, deed="edit", body="Better words")).status_code == 303
    assert "Better words" in await town.bob.page(path)
    assert (await town.bob.submit(path, deed="delete")).status_code == 403
    assert (await town.ann.submit(path, deed="delete")).status_code == 303
    assert (await town.bob("GET", path)).status_code == 404


async def test_ones_own_page_tells_status_and_reason_and_takes_an_appeal(town: Town) -> None:
    said = await town.say(town.ann, "Look at https://spam.example/x now")
    assert said["status"] == "flagged"
    mine = await town.ann.page("/comments/mine")
    assert "Waits for a moderator" in mine
    assert "It has a link" in mine
    path = f"/comments/{said['id']}"
    assert (await town.ann.submit(path, deed="appeal", text="It is my own blog")).status_code == 303
    assert "It is waiting" in await town.ann.page(path)
    assert (await town.bob("GET", path)).status_code == 404


async def test_a_name_is_taken_by_a_form(town: Town) -> None:
    await town.say(town.ann)
    assert (await town.ann.submit("/nickname", nickname="Film Friend")).status_code == 303
    assert "Film Friend" in await town.ann.page("/comments/mine")
    assert "Film Friend" in await town.bob.page(f"/title/{await slug_of(town.bob)}")


async def test_all_comments_page_by_links(town: Town) -> None:
    for number in range(6):
        await town.say(town.ann, f"Number {number}")
        await town.say(town.bob, f"Also {number}")
    path = f"/comments?target_id={FILM}&sort=old"
    first = await town.cid.page(path)
    following = re.search(r'href="(/comments\?[^"]*after=[^"]*)"', first)
    assert following is not None
    second = await town.cid.page(following[1].replace("&amp;", "&"))
    assert "Number 0" in first
    assert "Also 5" in second
    assert "Number 0" not in second
    fragment = await town.cid.page(path + "&fragment=1")
    assert fragment.count('<li class="thread"') == 10
    assert "<html" not in fragment


async def test_with_javascript_a_form_is_answered_with_the_comment_alone(town: Town) -> None:
    said = await town.ann.submit("/comments?fragment=1", target_id=FILM, body="Hello", back="/")
    assert said.status_code == 201
    assert said.text.strip().startswith('<li class="thread"')
    root = re.search(r'data-comment="([^"]+)"', said.text)
    assert root is not None
    reply = await town.bob.submit("/comments?fragment=1", target_id=FILM, body="Hi", reply_to=root[1], back="/")
    assert reply.text.strip().startswith("<li>")
    wrong = await town.ann("POST", "/comments?fragment=1", data={"target_id": FILM, "body": " "})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "A comment needs some text.")


async def test_a_report_by_form_leads_to_its_fate(town: Town) -> None:
    page = await town.ann.page(f"/title/{await slug_of(town.ann)}")
    assert "Report a problem" in page
    assert "missing_pages" not in page
    sent = await town.ann.submit("/reports", target_id=FILM, issue="wrong_audio", note="It is <b>Klingon</b>")
    assert sent.status_code == 303
    shown = await town.ann.page("/reports")
    assert "Waits to be looked into" in shown
    assert "&lt;b&gt;Klingon" in shown
    assert "Klingon" not in await town.bob.page("/reports")


async def test_faces_are_drawn_here_the_same_for_a_seed_and_run_nothing(town: Town) -> None:
    first = await town.ann("GET", "/avatars/x8s9d.svg")
    again = await town.sue("GET", "/avatars/x8s9d.svg")
    other = await town.ann("GET", "/avatars/other.svg")
    assert first.status_code == 200
    assert first.content == again.content != other.content
    assert first.headers["content-type"].startswith("image/svg+xml")
    assert first.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "immutable" in first.headers["cache-control"]
    assert b"<script" not in first.content
    assert b"http" not in first.content.replace(b"http://www.w3.org/2000/svg", b"")
    cached = await town.ann("GET", "/avatars/x8s9d.svg", headers={"if-none-match": first.headers["etag"]})
    assert cached.status_code == 304
    for odd in ("x", ".svg", "a" * 65 + ".svg", "a%20b.svg", "%3Cscript%3E.svg", "..%2fx.svg", "ä.svg"):
        assert (await town.ann("GET", f"/avatars/{odd}")).status_code == 404, odd
