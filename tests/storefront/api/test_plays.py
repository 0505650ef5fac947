"""Playing: who may, with which links, how often, and what another site can make of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.repository import ViewerRepository
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storefront.api.playing import LINK_SECONDS, PLAYS_PER_MINUTE
from streaming.links import LinkInvalid, LinkSigner, device_of
from tests.content.conftest import Importing
from tests.content.samples import MOVIE, film, resolved_file
from tests.storefront.api.conftest import Site
from tests.support.clock import FakeClock
from tests.support.limits import until_limited

Sites = Callable[..., Site]
PLAY = "/api/v1/titles/film_001/play"


class Guests(ViewerRepository):
    """What a test looks at and does behind the site's back."""

    async def count(self) -> int:
        return await self._count()

    async def ban_everybody(self) -> None:
        ban: dict[str, Any] = {"reason": "spam", "since": datetime(2026, 1, 1), "by": "ann"}  # noqa: DTZ001 - stored naive
        await self._update_where({}, {"$set": {"_marquee.ban": ban}})


async def test_a_play_opens_a_guest_session_and_gives_links_and_a_lease(
    importing: Importing, sites: Sites, scope_a: TenantScope, links: LinkSigner, clock: FakeClock
) -> None:
    files = [resolved_file(1), {"quality": "720p"}, resolved_file(2, quality="480p", size_bytes=5)]
    await importing(scope_a, [film(1, files=files)])
    site = sites(scope_a)
    answer = await site("POST", PLAY)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    attributes = answer.headers["set-cookie"]
    assert attributes.startswith("__Host-session=")
    for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=Lax"):
        assert attribute.lower() in attributes.lower()
    body = answer.json()
    assert [(each["quality"], each["size_bytes"]) for each in body["streams"]] == [("1080p", 1_000_000), ("480p", 5)]
    assert body["expires_at"] == int(clock()) + LINK_SECONDS
    assert body["lease"]["heartbeat_url"] == f"/api/v1/leases/{body['lease']['id']}"
    tokens = [each["url"].removeprefix("/stream/") for each in body["streams"]]
    claims = [links.verify(each, tenant=site.tenant.id, host=site.tenant.host, now=clock()) for each in tokens]
    assert [each.bucket for each in claims] == ["0", "2"]
    assert {each.device for each in claims} == {device_of(site.cookie or "")}
    assert {each.purpose for each in claims} == {"play"}
    with pytest.raises(LinkInvalid):
        links.verify(tokens[0], tenant="tenant_b", host=site.tenant.host, now=clock())


async def test_a_second_play_keeps_the_session_and_the_lease(
    importing: Importing, sites: Sites, scope_a: TenantScope, database: Database
) -> None:
    await importing(scope_a, [film(1)])
    site = sites(scope_a)
    first = await site("POST", PLAY)
    second = await site("POST", PLAY)
    assert "set-cookie" not in second.headers
    assert second.json()["lease"]["id"] == first.json()["lease"]["id"]
    assert await Guests(database, scope_a).count() == 1


async def test_looking_around_opens_no_session(
    importing: Importing, sites: Sites, scope_a: TenantScope, database: Database
) -> None:
    await importing(scope_a, [film(1)])
    site = sites(scope_a)
    for path in ("titles", "titles/film_001", "genres", "titles/nope"):
        assert "set-cookie" not in (await site.get(f"/api/v1/{path}")).headers
    assert "set-cookie" not in (await site("POST", "/api/v1/titles/nope/play")).headers
    assert await Guests(database, scope_a).count() == 0


async def test_a_lease_is_kept_given_back_and_then_gone(
    importing: Importing, sites: Sites, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1)])
    site = sites(scope_a)
    lease = (await site("POST", PLAY)).json()["lease"]
    kept = await site("POST", lease["heartbeat_url"])
    assert (kept.status_code, kept.json()) == (200, {"ttl_seconds": lease["ttl_seconds"]})
    assert (await site("DELETE", lease["heartbeat_url"])).status_code == 204
    assert (await site("DELETE", lease["heartbeat_url"])).status_code == 204
    late = await site("POST", lease["heartbeat_url"])
    assert (late.status_code, late.json()["type"]) == (410, "urn:marquee:problem:lease-gone")


async def test_a_free_viewer_plays_two_videos_at_once(importing: Importing, sites: Sites, scope_a: TenantScope) -> None:
    await importing(scope_a, [film(1), film(2), film(3)])
    site = sites(scope_a)
    leases = [(await site("POST", f"/api/v1/titles/film_00{number}/play")).json()["lease"] for number in (1, 2)]
    third = await site("POST", "/api/v1/titles/film_003/play")
    assert (third.status_code, third.json()["type"]) == (409, "urn:marquee:problem:stream-limit")
    await site("DELETE", leases[0]["heartbeat_url"])
    assert (await site("POST", "/api/v1/titles/film_003/play")).status_code == 200


async def test_what_cannot_be_played_says_why(importing: Importing, sites: Sites, scope_a: TenantScope) -> None:
    await importing(scope_a, [MOVIE, film(1, files=[]), film(2, status="repairing")])
    site = sites(scope_a)
    for title_id, reason in (
        ("tmdb_10378", "its origin message is not known"),
        ("film_001", "it has no video"),
        ("film_002", "it is being repaired"),
    ):
        answer = await site("POST", f"/api/v1/titles/{title_id}/play")
        assert (answer.status_code, answer.json()["detail"]) == (409, reason)
    assert site.cookie is None


async def test_plays_are_limited(importing: Importing, sites: Sites, scope_a: TenantScope) -> None:
    site = sites(scope_a)
    *before, answer = await until_limited(lambda: site("POST", "/api/v1/titles/nope/play"), PLAYS_PER_MINUTE)
    assert {each.status_code for each in before} == {404}
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", PLAY), ("POST", "/api/v1/leases/x"), ("DELETE", "/api/v1/leases/x")]
)
async def test_another_sites_page_can_change_nothing(
    sites: Sites, scope_a: TenantScope, headers: dict[str, str], method: str, path: str
) -> None:
    answer = await sites(scope_a)(method, path, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:cross-site")


async def test_a_body_of_another_type_is_refused(sites: Sites, scope_a: TenantScope) -> None:
    site = sites(scope_a)
    answer = await site.http.post(PLAY, content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


async def test_a_banned_viewer_plays_nothing(
    importing: Importing, sites: Sites, scope_a: TenantScope, database: Database
) -> None:
    await importing(scope_a, [film(1)])
    site = sites(scope_a)
    lease = (await site("POST", PLAY)).json()["lease"]
    await Guests(database, scope_a).ban_everybody()
    for method, path in (("POST", PLAY), ("POST", lease["heartbeat_url"])):
        answer = await site(method, path)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:banned")
        assert "spam" not in answer.text


async def test_another_tenants_ids_leases_and_cookies_are_worth_nothing_on_any_route(
    importing: Importing,
    sites: Sites,
    scope_a: TenantScope,
    scope_b: TenantScope,
    platform: PlatformScope,
    links: LinkSigner,
) -> None:
    await importing(scope_b, [film(1, title="Theirs", short_id="theirs1", genres=["Secret"])])
    await importing(platform, [film(2)])
    theirs = sites(scope_b)
    played = (await theirs("POST", PLAY)).json()
    ours = sites(scope_a)
    stolen = sites(scope_a)
    stolen.cookie = theirs.cookie
    for site in (ours, stolen):
        for title_id in ("film_001", "theirs1"):
            assert (await site.get(f"/api/v1/titles/{title_id}")).status_code == 404
            assert (await site("POST", f"/api/v1/titles/{title_id}/play")).status_code == 404
        for path in ("titles", "titles?q=theirs", "titles?genre=secret", "genres"):
            answer = await site.get(f"/api/v1/{path}")
            assert "Theirs" not in answer.text
            assert "Secret" not in answer.text
        assert (await site("POST", played["lease"]["heartbeat_url"])).status_code == 410
        assert (await site("DELETE", played["lease"]["heartbeat_url"])).status_code == 204
        cursor = (await sites(scope_b).get("/api/v1/titles?limit=1")).json()["next"]
        if cursor is not None:
            assert (await site.get(f"/api/v1/titles?after={cursor}")).status_code == 400
    assert (await theirs("POST", played["lease"]["heartbeat_url"])).status_code == 200
    answer = await stolen("POST", "/api/v1/titles/film_002/play")
    assert answer.status_code == 200
    assert stolen.cookie != theirs.cookie
    token = played["streams"][0]["url"].removeprefix("/stream/")
    with pytest.raises(LinkInvalid):
        links.verify(token, tenant=ours.tenant.id, host=ours.tenant.host, now=0)
