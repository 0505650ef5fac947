"""Asking a link: what counts as alive, and where the checker never goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from content.links.addresses import Address, is_public
from content.links.asking import Heard, LinkAsker
from tests.content.links.hosts import OtherHost, other_host, to_loopback

pytestmark = pytest.mark.anyio


def anywhere(_address: Address) -> bool:
    return True


@pytest.fixture
async def host() -> AsyncIterator[OtherHost]:
    async with other_host() as found:
        yield found


@pytest.fixture
def ask() -> LinkAsker:
    return LinkAsker(resolver=to_loopback, admits=anywhere)


async def test_a_head_is_enough_for_what_works(host: OtherHost, ask: LinkAsker) -> None:
    host.answers["/film"] = (200, "")
    assert await ask(host.url("/film")) == Heard("works")
    assert host.asked == [("HEAD", "/film")]
    assert host.headers[0]["host"] == f"mirror.example:{host.port}"


@pytest.mark.parametrize(("status", "outcome"), [(206, "works"), (416, "works"), (404, "fails"), (403, "unsure")])
async def test_where_a_head_is_refused_the_first_byte_decides(
    host: OtherHost, ask: LinkAsker, status: int, outcome: str
) -> None:
    host.answers |= {"HEAD /film": (405, ""), "GET /film": (status, "")}
    assert (await ask(host.url("/film"))).outcome == outcome
    assert host.headers[1]["range"] == "bytes=0-0"


@pytest.mark.parametrize(("status", "outcome"), [(410, "fails"), (500, "fails"), (503, "fails"), (429, "unsure")])
async def test_what_a_server_says_of_itself(host: OtherHost, ask: LinkAsker, status: int, outcome: str) -> None:
    host.answers["/film"] = (status, "")
    heard = await ask(host.url("/film"))
    assert (heard.outcome, heard.reason) == (outcome, f"it answers {status}")


async def test_redirects_are_followed_and_not_for_ever(host: OtherHost, ask: LinkAsker) -> None:
    host.answers |= {"/a": (302, "/b"), "/b": (301, host.url("/c", "other.example")), "/c": (200, "")}
    host.answers["/round"] = (302, "/round")
    assert await ask(host.url("/a")) == Heard("works")
    assert await ask(host.url("/round")) == Heard("fails", "it leads on and on")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "http://u:p@x.example/", "http://["])
async def test_a_redirect_to_what_is_no_web_address_fails(host: OtherHost, ask: LinkAsker, location: str) -> None:
    host.answers["/film"] = (302, location)
    assert (await ask(host.url("/film"))).outcome == "fails"


async def test_every_hop_is_looked_at(host: OtherHost) -> None:
    host.answers["/film"] = (302, "http://inside.example:1/secret")

    async def resolver(name: str, _port: int) -> list[str]:
        return ["10.0.0.1"] if name == "inside.example" else ["127.0.0.1"]

    ask = LinkAsker(resolver=resolver, admits=lambda address: address != ip_address("10.0.0.1"))
    assert await ask(host.url("/film")) == Heard("unsure", "it is not in a public network")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
async def test_this_machine_is_never_asked(host: OtherHost, name: str) -> None:
    host.answers["/film"] = (200, "")
    assert (await LinkAsker(admits=is_public)(host.url("/film", name))).outcome != "works"
    assert host.asked == []


async def test_a_host_that_hangs_up_or_is_not_there_fails(host: OtherHost, ask: LinkAsker) -> None:
    host.answers["/film"] = (0, "")
    assert (await ask(host.url("/film"))).outcome == "fails"
    assert (await ask("http://mirror.example:1/film")).outcome == "fails"


async def test_a_name_without_address_fails() -> None:
    async def resolver(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    assert (await LinkAsker(resolver=resolver)("https://gone.example/x")).outcome == "fails"
