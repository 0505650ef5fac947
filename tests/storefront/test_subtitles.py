"""Links to subtitles over HTTP: whose they are, where they count, and what they open."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from accounts.sessions import session_id
from content.catalogue import Catalogue
from content.importing.target import Target
from content.locating import BucketLocation
from content.model import Subtitle
from content.subtitles.offers import Holder
from content.subtitles.repository import Contents, ContentsRepository, KeptTrack
from storage.moments import moment
from storefront.subtitles import SubtitleLink, subtitle_links
from streaming.links import Claims, Purpose, user_claim
from tests.content.samples import film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.support.clock import FakeClock
from tests.support.platform import take_in

TEXT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"


class Scene(Struct, frozen=True):
    """A film with a subtitle on the northern site, and a viewer there."""

    sites: TwoSites
    cookie: str
    user: str
    slug: str

    async def token(self, bucket: str = "0:3", *, seconds: int = 60, purpose: Purpose = "play", host: str = "") -> str:
        north, services = self.sites.north, self.sites.platform.services
        claims = Claims(
            tenant=north.id,
            host=host or north.host,
            user=self.user,
            device=session_id(self.cookie),
            title=self.slug,
            bucket=bucket,
            expires_at=int(services.stores.clock()) + seconds,
            purpose=purpose,
        )
        return services.links.sign(claims)

    async def get(self, token: str, *, host: str = "north.example", cookie: str | None = None) -> httpx.Response:
        headers = {"cookie": f"__Host-session={self.cookie if cookie is None else cookie}"}
        async with self.sites.platform.client(host) as client:
            return await client.get(f"/subtitles/{token}", headers=headers if cookie != "" else {})


@pytest.fixture
async def scene(two_sites: TwoSites, tmp_path: Path, clock: FakeClock) -> Scene:
    stores, north = two_sites.platform.stores, two_sites.north
    await take_in(stores, Target.tenant(north.scope), "library", [film(1, files=[resolved_file(1)])], tmp_path)
    title = await Catalogue(stores.database, north).get("film_001")
    assert title is not None
    bucket = await BucketLocation(stores.database)(north, title.slug, "0")
    blob = await stores.blobs.put(north.scope, "x.vtt", TEXT, "text/vtt")
    tracks = [KeptTrack(index=3, blob=blob), KeptTrack(index=4, reason="it is made of pictures")]
    await ContentsRepository(stores.database, north.scope).keep(
        Contents(id=bucket.etag, at=moment(clock()), tracks=tracks)
    )
    viewer, cookie = await stores.sessions.open_guest_session(north.scope, "tests")
    return Scene(two_sites, cookie, user_claim(viewer.id), title.slug)


async def test_a_link_gives_the_text_and_may_be_kept_by_its_browser(scene: Scene) -> None:
    token = await scene.token()
    answer = await scene.get(token)
    assert (answer.status_code, answer.content) == (200, TEXT)
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    headers = {"cookie": f"__Host-session={scene.cookie}", "if-none-match": answer.headers["etag"]}
    async with scene.sites.platform.client("north.example") as client:
        assert (await client.get(f"/subtitles/{token}", headers=headers)).status_code == 304
        assert (await client.head(f"/subtitles/{token}", headers=headers | {"if-none-match": '"x"'})).content == b""


async def test_a_link_counts_in_its_own_browser_on_its_own_site_until_it_expires(
    scene: Scene, clock: FakeClock
) -> None:
    token = await scene.token()
    assert (await scene.get(token, cookie="")).status_code == 403
    assert (await scene.get(token, cookie="A" * 43)).status_code == 403
    assert (await scene.get(token, host="south.example")).status_code == 403
    assert (await scene.get(token[:-2] + "AA")).status_code == 403
    assert (await scene.get(await scene.token(host="south.example"))).status_code == 403
    clock.advance(61)
    answer = await scene.get(token)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:link-expired")


async def test_an_external_link_needs_no_cookie(scene: Scene) -> None:
    assert (await scene.get(await scene.token(purpose="external"), cookie="")).content == TEXT


@pytest.mark.parametrize(
    ("bucket", "status"),
    [("0", 403), ("0:x", 403), ("0:1000", 403), (":3", 403), ("7:3", 404), ("0:9", 409), ("0:4", 409), ("0:3:3", 404)],
)
async def test_a_link_to_what_is_not_there_says_so(scene: Scene, bucket: str, status: int) -> None:
    answer = await scene.get(await scene.token(bucket))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_link_to_pages_opens_no_subtitle(scene: Scene) -> None:
    assert (await scene.get(await scene.token(purpose="page"))).status_code == 403


async def test_a_link_to_a_subtitle_streams_nothing(scene: Scene) -> None:
    async with scene.sites.platform.client("north.example") as client:
        answer = await client.get(
            f"/stream/{await scene.token()}", headers={"cookie": f"__Host-session={scene.cookie}"}
        )
        assert answer.status_code == 404


def test_links_name_the_stream_in_their_bucket() -> None:
    holder = Holder("s1e2/0", 5, [Subtitle(lang="eng", index=3)])
    link = SubtitleLink(lang="en", label="English", url="/subtitles/<s1e2/0:3>")
    assert subtitle_links([holder], lambda bucket: f"<{bucket}>") == [link]
