"""Only a configured proxy is heard, and only what it wrote itself."""

import pytest

from tenancy.errors import BadHost
from tenancy.proxies import TrustedProxies


def chain(*values: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"x-forwarded-for", value) for value in values]


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("unix", False),
        ("", False),
        (None, False),
    ],
)
def test_networks_and_single_addresses_are_trusted(address: str | None, trusted: bool) -> None:
    proxies = TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])
    assert proxies.trusts(address) is trusted
    assert proxies.trusts(address) is trusted


def test_a_socket_file_is_trusted_by_name() -> None:
    assert TrustedProxies(["unix"]).trusts(None)
    assert not TrustedProxies(["unix"]).trusts("10.0.0.1")
    assert not TrustedProxies([])


def test_a_network_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        TrustedProxies(["nonsense"])


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        (chain(b"203.0.113.9"), "203.0.113.9"),
        (chain(b"6.6.6.6, 203.0.113.9, 10.0.0.2"), "203.0.113.9"),
        (chain(b"6.6.6.6", b"203.0.113.9"), "203.0.113.9"),
        (chain(b"junk, 203.0.113.9"), "203.0.113.9"),
        (chain(b"203.0.113.9, junk, 10.0.0.2"), "10.0.0.2"),
        (chain(b"junk"), None),
        (chain(b"10.0.0.3, 10.0.0.2"), "10.0.0.3"),
        (chain(b"2001:db8::9"), "2001:db8::9"),
        ([], None),
    ],
)
def test_the_client_is_the_last_one_that_no_proxy_of_ours_is(
    headers: list[tuple[bytes, bytes]], client: str | None
) -> None:
    assert TrustedProxies(["10.0.0.0/8"]).heard(headers).client == client


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-forwarded-host", b"a.example"), (b"x-forwarded-host", b"a.example")],
        [(b"x-forwarded-host", b"a.example, b.example")],
        [(b"x-forwarded-proto", b"https"), (b"x-forwarded-proto", b"http")],
        [(b"x-forwarded-proto", b"https,http")],
        [(b"x-forwarded-proto", b"gopher")],
        [(b"x-forwarded-proto", b"")],
    ],
)
def test_a_proxy_that_says_it_twice_or_oddly_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadHost):
        TrustedProxies(["10.0.0.0/8"]).heard(headers)
