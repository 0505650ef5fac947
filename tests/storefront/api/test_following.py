"""The list, and word of what is new: exactly once, to those who want it, where they want it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from content.importing.target import Target
from content.notices.telling import MAIL_PAUSE_SECONDS
from content.watchlist import listing
from runtime.handlers import handlers_of
from runtime.jobs import work_one
from storage.scope import PlatformScope, TenantScope
from tests.content.samples import MANGA, SERIES, film
from tests.storefront.people import Person, person
from tests.support.clock import FakeClock
from tests.support.platform import Composed, composed, open_site, settings_of, take_in
from tests.support.postbox import Postbox, postbox, text_of


def show(*episodes: int, **more: Any) -> dict[str, Any]:
    return {
        **SERIES,
        "seasons": {"1": [{"episode": number, "file_id": f"BAACAg{number}"} for number in episodes]},
        **more,
    }


def book(*chapters: float, **more: Any) -> dict[str, Any]:
    return {**MANGA, "chapters": [{"chap": chapter, "pages": ["a"]} for chapter in chapters], **more}


async def work(platform: Composed, *kinds: str) -> int:
    """Works every due job of the kinds; how many there were."""
    handlers = handlers_of(platform.services)
    done = 0
    for kind in kinds or ("new_units", "tell_followers", "mail_confirm", "mail_notices"):
        while await work_one(platform.stores.jobs, kind, handlers[kind], clock=platform.stores.clock):
            done += 1
    return done


class Site:
    """Two sites, a library that grows, and a mail server."""

    def __init__(self, platform: Composed, folder: Path, box: Postbox) -> None:
        self.platform = platform
        self.folder = folder
        self.box = box

    async def take(self, scope: TenantScope | PlatformScope, *titles: dict[str, Any]) -> None:
        target = Target.tenant(scope) if isinstance(scope, TenantScope) else Target.shared(scope)
        await take_in(self.platform.stores, target, "library", titles, self.folder)


@pytest.fixture
async def site(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock, clean_database: None
) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(postbox())
        mail = {"MAIL__HOST": "127.0.0.1", "MAIL__PORT": str(box.port), "MAIL__SECURITY": "none"}
        mail |= {"MAIL__SENDER": "noreply@mail.example"}
        home = tmp_path / "home"
        settings = settings_of(home, mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name, **mail)
        platform = await stack.enter_async_context(composed(settings, clock=clock))
        for name in ("north", "south"):
            await open_site(platform.stores, name, f"{name}.example", brand__name=f"{name.title()} Star")
        yield Site(platform, tmp_path, box)


async def scope_of(site: Site, name: str) -> TenantScope:
    tenant = await site.platform.stores.resolver.by_id(name)
    assert tenant is not None
    return tenant.scope


async def told(viewer: Person) -> list[tuple[str | None, str]]:
    notices = (await viewer.api("GET", "/notices"))["notices"]
    return [(each["title"], each["text"]) for each in notices]


async def test_a_list_is_kept_and_paged(site: Site, clock: FakeClock) -> None:
    await site.take(await scope_of(site, "north"), film(1), film(2), film(3))
    async with person(site.platform, "north.example") as viewer, person(site.platform, "north.example") as other:
        for number in (1, 2, 3):
            await viewer.api("PUT", f"/watchlist/film_00{number}", {})
            clock.advance(5)
        again = await viewer.api("PUT", "/watchlist/film_001", {"notify": False})
        assert again["notify"] is False
        first = await viewer.api("GET", "/watchlist?limit=2")
        assert [each["title"]["id"] for each in first["entries"]] == ["film_003", "film_002"]
        rest = await viewer.api("GET", f"/watchlist?limit=2&after={first['next']}")
        assert ([each["title"]["id"] for each in rest["entries"]], rest["next"]) == (["film_001"], None)
        assert (await viewer("GET", f"/api/v1/watchlist?after={first['next']}A")).status_code == 400
        await other.api("PUT", "/watchlist/film_001", {})
        assert (await other("GET", f"/api/v1/watchlist?after={first['next']}")).status_code == 400
        assert await viewer.api("DELETE", "/watchlist/film_002") == {"removed": 1}
        assert await viewer.api("DELETE", "/watchlist/film_002") == {"removed": 0}
        assert len((await viewer.api("GET", "/watchlist"))["entries"]) == 2


async def test_a_list_takes_what_the_site_shows_and_has_an_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.take(await scope_of(site, "north"), film(1), film(2))
    monkeypatch.setattr(listing, "MOST_TITLES", 1)
    async with person(site.platform, "north.example") as viewer, person(site.platform, "south.example") as south:
        for path in ("film_009", "x" * 100):
            assert (await viewer("PUT", f"/api/v1/watchlist/{path}", json={})).status_code == 404
        assert (await south("PUT", "/api/v1/watchlist/film_001", json={})).status_code == 404
        await viewer.api("PUT", "/watchlist/film_001", {})
        full = await viewer("PUT", "/api/v1/watchlist/film_002", json={})
        assert (full.status_code, full.json()["type"]) == (409, "urn:marquee:problem:list-full")
        await viewer.api("PUT", "/watchlist/film_001", {"notify": False})


async def test_followers_hear_once_of_what_is_new(site: Site, clock: FakeClock) -> None:
    north = await scope_of(site, "north")
    await site.take(north, show(1), book(1))
    async with person(site.platform, "north.example") as viewer, person(site.platform, "north.example") as quiet:
        await viewer.api("PUT", "/watchlist/tmdb_1399", {})
        await viewer.api("PUT", "/watchlist/manga_sample", {})
        await quiet.api("PUT", "/watchlist/tmdb_1399", {"notify": False})
        await site.take(north, show(1, 2), book(1, 2, 2.5, 3))
        assert await work(site.platform) > 0
        news = [("A Series", "New episode: S1 E2"), ("manga_sample", "3 new chapters: 2 to 3")]
        assert sorted(await told(viewer)) == news
        assert await told(quiet) == []
        assert (await viewer.api("GET", "/notices/unread"))["unread"] == 2
        await site.take(north, show(1), book(1, 2, 2.5, 3))
        await site.take(north, show(1, 2), book(1, 2, 2.5, 3))
        await work(site.platform)
        assert len(await told(viewer)) == 2, "an episode that comes back is no news"
        assert await viewer.api("POST", "/notices/read", {"ids": None}) == {"unread": 0}


async def test_a_job_that_is_worked_twice_tells_once(site: Site) -> None:
    north = await scope_of(site, "north")
    await site.take(north, show(1))
    async with person(site.platform, "north.example") as viewer:
        await viewer.api("PUT", "/watchlist/tmdb_1399", {})
        jobs = site.platform.stores.jobs
        payload = {"title_id": "tmdb_1399", "units": ["s1e1"], "shared": False, "batch": "one"}
        for _ in range(2):
            await jobs.enqueue(north, "tell_followers", payload)
        await jobs.enqueue(north, "tell_followers", {**payload, "batch": "two"})
        assert await work(site.platform, "tell_followers") == 3
        await viewer.api("POST", "/notices/read", {"ids": None})
        await jobs.enqueue(north, "tell_followers", payload)
        await work(site.platform, "tell_followers")
        assert (await viewer.api("GET", "/notices"))["unread"] == 0
        assert len(await told(viewer)) == 1


async def test_shared_titles_reach_followers_of_every_site_that_shows_them(site: Site) -> None:
    shared = site.platform.stores.system.platform_scope()
    north, south = await scope_of(site, "north"), await scope_of(site, "south")
    await site.take(shared, show(1))
    async with AsyncExitStack() as stack:
        viewers = [
            await stack.enter_async_context(person(site.platform, f"{name}.example")) for name in ("north", "south")
        ]
        for viewer in viewers:
            await viewer.api("PUT", "/watchlist/tmdb_1399", {})
        await site.take(shared, show(1, 2))
        await work(site.platform)
        assert [len(await told(viewer)) for viewer in viewers] == [1, 1]
        # South puts a title of its own in the shared one's place: shared news are no longer its own.
        await site.take(south, show(1, title="South's own"))
        await site.take(shared, show(1, 2, 3))
        await site.take(north, film(1))
        await work(site.platform)
        assert len(await told(viewers[0])) == 2
        assert [title for title, _ in await told(viewers[1])] == ["South's own"]


async def test_letters_go_to_a_confirmed_address_alone_and_stop_by_one_click(site: Site, clock: FakeClock) -> None:
    north = await scope_of(site, "north")
    await site.take(north, show(1))
    async with person(site.platform, "north.example") as viewer, person(site.platform, "north.example") as provider:
        await viewer.api("PUT", "/watchlist/tmdb_1399", {})
        asked = await viewer.api("PUT", "/notices/email", {"email": "ann@mail.example"})
        assert (asked["email"], asked["email_to_confirm"]) == (None, "ann@mail.example")
        await site.take(north, show(1, 2))
        await work(site.platform)
        (letter,) = site.box.letters
        link = next(line for line in text_of(letter).splitlines() if "/notices/email/" in line).strip()
        assert link.startswith("http://north.example/notices/email/")
        path = link.removeprefix("http://north.example")
        assert "ann@mail.example" in await provider.page(path)
        assert (await viewer.api("GET", "/notices/settings"))["email"] is None, "looking at the link confirms nothing"
        assert (await provider.submit(path)).status_code == 303
        assert (await viewer.api("GET", "/notices/settings"))["email"] == "ann@mail.example"
        assert (await provider("POST", path)).status_code == 404, "a link confirms once"

        clock.advance(1)
        await site.take(north, show(1, 2, 3, 4))
        await work(site.platform)
        assert len(site.box.letters) == 1, "it waits for more"
        clock.advance(MAIL_PAUSE_SECONDS + 1)
        await work(site.platform)
        _, news = site.box.letters
        assert news["Subject"] == "A Series: New episode: S1 E2, and 1 more"
        assert news["From"].addresses[0].display_name == "North Star"
        clock.advance(MAIL_PAUSE_SECONDS + 1)
        await work(site.platform)
        assert len(site.box.letters) == 2

        stop = str(news["List-Unsubscribe"]).strip("<>").removeprefix("http://north.example")
        clicked = await provider("POST", stop, data={"List-Unsubscribe": "One-Click"})
        assert clicked.status_code == 200
        assert (await viewer.api("GET", "/notices/settings"))["email"] is None
        await site.take(north, show(1, 2, 3, 4, 5))
        clock.advance(MAIL_PAUSE_SECONDS + 1)
        await work(site.platform)
        clock.advance(MAIL_PAUSE_SECONDS + 1)
        await work(site.platform)
        assert len(site.box.letters) == 2


async def test_an_address_that_is_refused_for_good_gets_no_more_letters(site: Site, clock: FakeClock) -> None:
    north = await scope_of(site, "north")
    await site.take(north, show(1))
    async with person(site.platform, "north.example") as viewer:
        await viewer.api("PUT", "/watchlist/tmdb_1399", {})
        await viewer.api("PUT", "/notices/email", {"email": "ann@mail.example"})
        await work(site.platform)
        path = next(line for line in text_of(site.box.letters[0]).splitlines() if "/notices/email/" in line)
        await viewer.submit(path.strip().removeprefix("http://north.example"))
        site.box.refusal = "550 no such mailbox"
        await site.take(north, show(1, 2))
        await work(site.platform)
        clock.advance(MAIL_PAUSE_SECONDS + 1)
        assert await work(site.platform, "mail_notices") == 1
        assert await work(site.platform, "mail_notices") == 0, "it is not tried again"
        assert (await viewer.api("GET", "/notices/settings"))["email"] is None


@pytest.mark.parametrize("email", ["", "ann", "ann@mail.example\r\nBcc: x@y.example", "x" * 300])
async def test_what_is_no_address_is_refused(site: Site, email: str) -> None:
    async with person(site.platform, "north.example") as viewer:
        answer = await viewer("PUT", "/api/v1/notices/email", json={"email": email})
        assert answer.status_code == 400


async def test_nobody_can_have_many_letters_sent(site: Site) -> None:
    async with person(site.platform, "north.example") as viewer:
        for number in range(5):
            await viewer.api("PUT", "/notices/email", {"email": f"ann{number}@mail.example"})
        answer = await viewer("PUT", "/api/v1/notices/email", json={"email": "bob@mail.example"})
        assert answer.status_code == 429
        viewer.cookies.clear()
        assert (await viewer("PUT", "/api/v1/notices/email", json={"email": "bob@mail.example"})).status_code == 429
        await work(site.platform)
        assert [letter["To"] for letter in site.box.letters] == ["ann4@mail.example"], (
            "the last address that was asked for"
        )
