from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, date, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import msgspec
import pytest

from content.importing.dump import import_dump
from content.importing.target import Target
from runtime.composition import import_services
from runtime.process import Process, running
from runtime.settings import Mongodb, Redis, Settings
from runtime.stores import Stores
from sandbox.telegram import DocumentInfo, TelegramSandbox
from storage.scope import TenantScope
from tenancy.desk import create_tenant
from tenancy.holds import resume, suspend
from tenancy.resolver import platform_scope
from tests.runtime.conftest import CHANNEL, FILM_BYTES, STAFF, film
from tests.support.wire import wire_to

HTML = {"Accept": "text/html"}


@pytest.fixture
async def document(process: Process, sandbox: TelegramSandbox, tmp_path: Path) -> DocumentInfo:
    """A film in Telegram, imported into the shared catalogue."""
    posted = sandbox.add_document(CHANNEL, FILM_BYTES, seed="film")
    dump = tmp_path / "library.jsonl"
    dump.write_text(json.dumps(film(posted)) + "\n", encoding="utf-8")
    stores = process.services.stores
    report = await import_dump(
        import_services(stores), Target.shared(platform_scope()), "library", dump, rights="open_licence", actor=STAFF
    )
    assert (report.inserted, report.refused, dict(report.not_playable)) == (1, 0, {})
    return posted


async def played(site: httpx.AsyncClient) -> tuple[str, str]:
    """Play the film as a browser does: the stream's path, and the session cookie."""
    listed = (await site.get("/api/v1/titles")).json()["titles"]
    assert [title["title"] for title in listed] == ["Big Buck Bunny"]
    answer = await site.post(f"/api/v1/titles/{listed[0]['id']}/play")
    assert answer.is_success, answer.text
    cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-session"]
    return answer.json()["streams"][0]["url"], f"__Host-session={cookie.value}"


async def test_a_film_is_imported_browsed_played_and_booked_to_the_right_tenant(
    process: Process, site: httpx.AsyncClient, sandbox: TelegramSandbox, document: DocumentInfo
) -> None:
    page = await site.get("/", headers=HTML)
    assert page.status_code == 200
    assert "Acme Films" in page.text
    assert "Big Buck Bunny" in page.text
    url, cookie = await played(site)
    part = await site.get(url, headers={"Cookie": cookie, "Range": "bytes=1000000-2500000"})
    assert part.status_code == 206
    assert part.content == sandbox.content(document.media_id, 1_000_000, 2_500_001)
    assert (await site.get(url)).status_code == 403, "the link belongs to the session"
    assert (await site.get(url, headers={"Cookie": cookie, "Host": "other.example"})).status_code == 403
    hidden = await site.get("/api/v1/titles", headers={"Host": "other.example"})
    assert hidden.json()["titles"] == []
    stores = process.services.stores
    acme, other = await stores.resolver.by_id("acme"), await stores.resolver.by_id("other")
    assert acme is not None
    assert other is not None
    today, tomorrow = _days()
    async with asyncio.timeout(15):
        # What was under way at a flush is booked with the next one.
        while await _bytes_of(stores, acme.scope, today, tomorrow) < len(part.content):
            await asyncio.sleep(0.1)
    assert await _bytes_of(stores, acme.scope, today, tomorrow) == len(part.content)
    assert await stores.usage.usage(other.scope, today, tomorrow) == []


async def _bytes_of(stores: Stores, scope: TenantScope, first: date, last: date) -> int:
    return sum(day.bytes for day in await stores.usage.usage(scope, first, last))


@pytest.mark.parametrize("missing", [("size_bytes", "dc_id", "mime"), ("size_bytes", "dc_id", "mime", "origin")])
async def test_a_bucket_that_came_without_its_particulars_is_resolved_and_plays(
    process: Process, site: httpx.AsyncClient, sandbox: TelegramSandbox, tmp_path: Path, missing: tuple[str, ...]
) -> None:
    posted = sandbox.add_document(CHANNEL, FILM_BYTES, seed="bare")
    title = film(posted)
    for known in missing:
        del title["files"][0][known]
    dump = tmp_path / "library.jsonl"
    dump.write_text(json.dumps(title) + "\n", encoding="utf-8")
    target = Target.shared(platform_scope())
    services = import_services(process.services.stores)
    report = await import_dump(services, target, "library", dump, rights="own", actor=STAFF)
    assert report.jobs == 1
    async with asyncio.timeout(15):
        while not (await site.get("/api/v1/titles")).json()["titles"][0]["playable"]:
            await asyncio.sleep(0.1)
    url, cookie = await played(site)
    end = await site.get(url, headers={"Cookie": cookie, "Range": "bytes=-10"})
    assert end.content == sandbox.content(posted.media_id, FILM_BYTES - 10, FILM_BYTES)


async def test_a_suspension_shows_within_a_second_and_ends_what_runs(
    process: Process, site: httpx.AsyncClient, document: DocumentInfo
) -> None:
    url, cookie = await played(site)
    desk = process.services.stores.desk
    await suspend(desk, "acme", "operator", "Back on Monday", actor=STAFF)
    deadline = time.monotonic() + 1
    while (page := await site.get("/", headers=HTML)).status_code != 503:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert "Back on Monday" in page.text
    assert "Acme Films" in page.text
    assert (await site.get(url, headers={"Cookie": cookie})).status_code == 503
    assert (await site.get("/-/ready")).status_code == 200
    await resume(desk, "acme", "operator", actor=STAFF)
    async with asyncio.timeout(2):
        while (await site.get("/", headers=HTML)).status_code != 200:
            await asyncio.sleep(0.02)


async def test_every_answer_has_the_tenants_face_and_the_security_headers(site: httpx.AsyncClient) -> None:
    missing = await site.get("/no/such/page", headers=HTML)
    refused = await site.delete("/", headers=HTML)
    assert (missing.status_code, refused.status_code) == (404, 405)
    for answer in (missing, refused):
        assert "Acme Films" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    api = await site.get("/api/v1/titles/nothing")
    assert (api.status_code, api.headers["content-type"]) == (404, "application/problem+json")
    assert (await site.get("/", headers={"Host": "nobody.example"})).status_code == 404
    platform = await site.get("/", headers={"Host": "platform.localhost", **HTML})
    assert (platform.status_code, "Acme" in platform.text) == (200, False)


async def test_the_api_describes_itself(site: httpx.AsyncClient) -> None:
    schema = (await site.get("/api/v1/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/titles", "/api/v1/titles/{title_id}", "/api/v1/titles/{title_id}/play"} <= set(schema["paths"])


async def test_metrics_and_the_tls_question_are_on_their_own_listener(
    process: Process, site: httpx.AsyncClient
) -> None:
    assert (await site.get("/metrics")).status_code == 404
    async with httpx.AsyncClient(base_url=f"http://{process.internal}") as internal:
        assert "marquee_meter_durable 1.0" in (await internal.get("/metrics")).text
        domains = {"acme.example": 200, "nobody.example": 404, "platform.localhost": 200, "not a domain": 404}
        for domain, status in domains.items():
            assert (await internal.get("/tls/ask", params={"domain": domain})).status_code == status


@pytest.mark.usefixtures("driver_leftovers")
@pytest.mark.parametrize("lost", ["mongodb", "redis"])
async def test_a_lost_engine_fails_fast_and_comes_back_without_a_restart(
    settings: Settings, mongodb_uri: str, redis_url: str, lost: str
) -> None:
    async with wire_to(mongodb_uri if lost == "mongodb" else redis_url) as (wire, url):
        uris = {
            "mongodb": Mongodb(uri=url if lost == "mongodb" else mongodb_uri, database=settings.mongodb.database),
            "redis": Redis(url=url if lost == "redis" else redis_url),
        }
        async with running(msgspec.structs.replace(settings, **uris), attach=False) as process:
            await create_tenant(process.services.stores.desk, "acme", "acme.example", {}, actor=STAFF)
            async with httpx.AsyncClient(
                base_url=f"http://{process.sites}", headers={"Host": "acme.example"}, timeout=10
            ) as site:
                assert (await site.get("/api/v1/titles")).status_code == 200
                await wire.cut()
                begun = time.monotonic()
                ready = await site.get("/-/ready")
                assert (ready.status_code, time.monotonic() - begun < 4) == (503, True)
                if lost == "mongodb":
                    page = await site.get("/browse", headers=HTML)
                    assert (page.status_code, "acme.example" in page.text) == (503, True)
                    assert page.headers["retry-after"]
                assert (await site.get("/-/live")).status_code == 200
                await wire.mend()
                async with asyncio.timeout(10):
                    while (await site.get("/-/ready")).status_code != 200:
                        await asyncio.sleep(0.1)
                assert (await site.get("/api/v1/titles")).status_code == 200


def _days() -> tuple[date, date]:
    today = datetime.now(UTC).date()
    return today, today + timedelta(days=1)
