"""What goes wrong around a running platform, as its visitors and its operators see it.

Settings and ports are tested in tests/runtime, the chunk cache on a full disk in tests/streaming/core.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import resource
import struct
import time
from collections.abc import AsyncIterator, Generator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from content.importing.target import Target
from runtime.cli import run
from runtime.settings import Settings
from tests.content.samples import film
from tests.journeys.crawling import Visit
from tests.support.platform import Composed, composed, open_site, settings_of, take_in
from tests.support.wire import wire_to

HTML = {"accept": "text/html"}
FIELDS = ("version", "key", "tenant", "host", "user", "device", "title", "bucket", "expiry", "purpose")
PATIENCE_SECONDS = 6.0


@pytest.fixture
def settings(tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str) -> Settings:
    return settings_of(tmp_path / "home", mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name)


async def stocked(platform: Composed, folder: Path) -> None:
    tenant = await open_site(platform.stores, "acme", "acme.example", brand__name="Acme Films")
    await take_in(platform.stores, Target.tenant(tenant.scope), "library", [film(1), film(2)], folder)


@pytest.fixture
async def platform(settings: Settings, tmp_path: Path) -> AsyncIterator[Composed]:
    async with composed(settings) as platform:
        await stocked(platform, tmp_path / "dump")
        yield platform


@pytest.mark.parametrize("lost", ["mongodb", "redis"])
async def test_without_an_engine_every_address_answers_soon_and_says_why(
    lost: str, tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str
) -> None:
    async with wire_to(mongodb_uri if lost == "mongodb" else redis_url) as (wire, url):
        mongodb, cache = (url, redis_url) if lost == "mongodb" else (mongodb_uri, url)
        settings = settings_of(tmp_path / "home", mongodb_uri=mongodb, redis_url=cache, database=database_name)
        async with composed(settings) as platform, platform.client("acme.example") as site:
            await stocked(platform, tmp_path / "dump")
            visit = Visit(site, platform.app)
            await visit.all()
            cookie = {"cookie": f"__Host-session={visit.cookies['__Host-session']}"}
            await wire.cut()
            begun = idle_seconds()
            asked = [site.get(address, headers={**HTML, **cookie}) for address in visit.addresses]
            plays = [site.post("/api/v1/titles/film_001/play", headers=with_) for with_ in ({}, cookie)]
            answers = await asyncio.gather(*asked, *plays)
            assert idle_seconds() - begun < PATIENCE_SECONDS
            assert {answer.status_code for answer in answers if answer.status_code >= 500} == {503}
            assert {answer.status_code for answer in answers[len(asked) :]} == {503}
            for answer in answers:
                assert "default-src 'none'" in answer.headers["content-security-policy"]
                if answer.status_code == 503 and answer.request.url.path != "/-/ready":
                    assert answer.headers["retry-after"]
            pages = {str(answer.request.url.path): answer for answer in answers[: len(asked)]}
            assert "Acme Films" in pages["/browse"].text
            assert pages["/browse"].status_code == (503 if lost == "mongodb" else 200)
            if lost == "mongodb":
                async with platform.client("unheard-of.example") as stranger:
                    unknown = await stranger.get("/", headers=HTML)
                assert (unknown.status_code, "Acme" in unknown.text) == (503, False)
            await wire.mend()
            await answers_again(site)


def idle_seconds() -> float:
    """What passes while nothing is reckoned: a hundred pages at once are work, and no waiting for an engine."""
    return time.monotonic() - time.process_time()


async def answers_again(site: httpx.AsyncClient) -> None:
    """Without a restart."""
    async with asyncio.timeout(10):
        while (await site.post("/api/v1/titles/film_001/play")).status_code != 200:
            await asyncio.sleep(0.1)
    assert (await site.get("/browse", headers=HTML)).status_code == 200
    assert (await site.get("/-/ready")).status_code == 200


@contextlib.contextmanager
def full_disk() -> Generator[None]:
    """No file of this process may grow: what a full disk is to a writer, but for the errno."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_pages_are_drawn_and_plays_begin_on_a_full_disk(platform: Composed) -> None:
    async with platform.client("acme.example") as site:
        with full_disk():
            pages = [await site.get(path, headers=HTML) for path in ("/", "/browse", "/nothing")]
            played = await site.post("/api/v1/titles/film_001/play")
        assert [page.status_code for page in pages] == [200, 200, 404]
        assert played.status_code == 200
        again = await site.get("/", headers=HTML)
        assert again.text == pages[0].text


def fields_of(token: str) -> tuple[list[bytes], bytes]:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    payload, mac, fields, at = raw[:-32], raw[-32:], [], 0
    while at < len(payload):
        (length,) = struct.unpack_from(">H", payload, at)
        fields.append(payload[at + 2 : at + 2 + length])
        at += 2 + length
    return fields, mac


def token_of(fields: list[bytes], mac: bytes) -> str:
    payload = b"".join(struct.pack(">H", len(field)) + field for field in fields)
    return base64.urlsafe_b64encode(payload + mac).decode().rstrip("=")


async def test_a_link_altered_in_any_field_is_refused_in_the_sites_own_words(platform: Composed) -> None:
    async with platform.client("acme.example") as site:
        played = await site.post("/api/v1/titles/film_001/play")
        cookie = {"cookie": f"__Host-session={SimpleCookie(played.headers['set-cookie'])['__Host-session'].value}"}
        token = played.json()["streams"][0]["url"].removeprefix("/stream/")
        fields, mac = fields_of(token)
        assert token_of(fields, mac) == token
        assert len(fields) == len(FIELDS)
        # The film itself lies in a Telegram that is not there: past every check of the link, and no further.
        whole = await site.get(f"/stream/{token}", headers=cookie)
        assert whole.json()["type"] not in {"urn:marquee:problem:link-invalid", "urn:marquee:problem:not-admitted"}
        altered = {name: [*fields] for name in FIELDS}
        for place, name in enumerate(FIELDS):
            altered[name][place] = {b"play": b"external", b"0": b"1"}.get(fields[place], fields[place][:-1] + b"9")
            if altered[name][place] == fields[place]:
                altered[name][place] = fields[place][:-1] + b"8"
        tokens = {name: token_of(each, mac) for name, each in altered.items()}
        tokens |= {"seal": token_of(fields, mac[::-1]), "end": token[:-1], "more": f"{token}A", "none": "x"}
        for name, changed in tokens.items():
            for method in ("GET", "HEAD"):
                answer = await site.request(method, f"/stream/{changed}", headers=cookie)
                assert answer.status_code == 403, name
                assert method == "HEAD" or answer.json()["type"] == "urn:marquee:problem:link-invalid", name
        for stolen in ({}, {"cookie": f"__Host-session={'A' * 43}"}):
            answer = await site.get(f"/stream/{token}", headers=stolen)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:not-admitted")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("library.jsonl", b'{"_id": "film_a", "media_type": "movie"}\n{"_id": "film_b", oops\n', "line 2"),
        ("library.jsonl", b'{"_id": "film_a", "media_type": "movie"}\n\xff\xfe\n', "line 2"),
        ("library.jsonl", b'{"_id": "film_a", "media_type": "movie"}\n[1, 2]\n', "line 2"),
        ("library.jsonl.gz", gzip.compress(b'{"_id": "film_a"}\n' * 900)[:-20], "library.jsonl.gz"),
    ],
    ids=["no JSON", "no text", "no document", "cut short"],
)
def test_a_corrupt_dump_is_told_by_its_line_and_the_rest_goes_in(
    name: str,
    content: bytes,
    says: str,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MARQUEE_HOME", str(settings.home))
    monkeypatch.setenv("MONGODB_URI", settings.mongodb.uri or "")
    monkeypatch.setenv("REDIS_URL", settings.redis.url or "")
    monkeypatch.setenv("MARQUEE_MONGODB__DATABASE", settings.mongodb.database)
    assert run(["tenant", "create", "acme", "--domain", "acme.example"]) == 0
    dump = tmp_path / name
    dump.write_bytes(content)
    capsys.readouterr()
    assert run(["import", "--tenant", "acme", "--rights", "own", str(dump)]) == 1
    told = capsys.readouterr()
    assert says in told.err
    assert "Traceback" not in told.err
    folder = tmp_path / "out"
    assert run(["export", "--tenant", "acme", str(folder)]) == 0
    exported = [json.loads(line) for line in (folder / "library.jsonl").read_text().splitlines()]
    assert [document["_id"] for document in exported] == ["film_a"]
