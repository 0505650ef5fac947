"""A host has one spelling, and everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.errors import BadDomain, BadHost
from tenancy.host import canonical_domain, canonical_host


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        (b"anime-hub.example", "anime-hub.example"),
        (b"ANIME-hub.Example", "anime-hub.example"),
        (b"anime-hub.example.", "anime-hub.example"),
        (b"anime-hub.example:8443", "anime-hub.example"),
        (b"anime-hub.example.:80", "anime-hub.example"),
        (b"xn--bcher-kva.example", "xn--bcher-kva.example"),
        (b"XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        (b"night.localhost:8000", "night.localhost"),
        (b"localhost", "localhost"),
        (b"r3---sn-4g5e.example", "r3---sn-4g5e.example"),
        (b"127.0.0.1:8000", "127.0.0.1"),
        (b"[::1]:8000", "[::1]"),
        (b"[0:0::1]", "[::1]"),
    ],
)
def test_every_proper_spelling_leads_to_one_host(raw: bytes, host: str) -> None:
    assert canonical_host(raw) == host


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b".",
        b"..",
        b"a..example",
        b".a.example",
        b"a.example..",
        b" a.example",
        b"a.example ",
        b"a.example\t",
        b"a.example\x00",
        b"a.example,b.example",
        b"a.example b.example",
        b"a.example/",
        b"a.example?x",
        b"a.example#x",
        b"user@a.example",
        b"user:pass@a.example",
        b"http://a.example",
        b"a.example:",
        b"a.example:0",
        b"a.example:65536",
        b"a.example:8o",
        b"a.example:80:80",
        b"a.example:-1",
        b"a_b.example",
        b"-a.example",
        b"a-.example",
        b"a%2eexample",
        b"a\\b.example",
        "bücher.example".encode(),
        "\uff41.example".encode(),
        "a。example".encode(),
        b"a.example\xff",
        b"xn--.example",
        b"xn--zzzzzz.example",
        b"xn--a.example",
        b"a" * 64 + b".example",
        b"a." * 127 + b"ab",
        b"1.2.3",
        b"1.2.3.4.5",
        b"0127.0.0.1",
        b"256.1.1.1",
        b"[::1",
        b"::1",
        b"[::1%25eth0]",
        b"[v1.x]",
        b"[127.0.0.1]",
        b"*",
        b"*.example",
    ],
)
def test_an_odd_host_is_refused(raw: bytes) -> None:
    with pytest.raises(BadHost):
        canonical_host(raw)


@given(st.binary(max_size=40))
def test_no_bytes_bring_another_error(raw: bytes) -> None:
    try:
        host = canonical_host(raw)
    except BadHost:
        return
    assert canonical_host(host.encode()) == host


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Anime-Hub.example", "anime-hub.example"),
        (" bücher.example ", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a。example", "a.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("nocturne.localhost", "nocturne.localhost"),
    ],
)
def test_a_domain_is_taken_in_any_script(text: str, domain: str) -> None:
    assert canonical_domain(text) == domain
    assert canonical_host(domain.encode()) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b.example",
        "a.example:80",
        "*.example",
        "127.0.0.1",
        "[::1]",
        "a/b",
        "http://a.example",
        "a_b.c",
        "\ud800",
    ],
)
def test_what_no_browser_could_ask_for_is_no_domain(text: str) -> None:
    with pytest.raises(BadDomain):
        canonical_domain(text)
