"""Which addresses the checker may connect to."""

from ipaddress import ip_address

import pytest

from content.links.addresses import AddressRefused, connectable, is_public

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("fec0::1", "3fff::1", "::127.0.0.1", "64:ff9b:1::a00:1", "2001:0:7f00:1::", "168.63.129.16", "192.0.0.170"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    ],
)
def test_no_private_address_is_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("found", [["10.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["not an address"]])
async def test_a_host_with_any_address_inside_is_refused(found: list[str]) -> None:
    async def resolver(_host: str, _port: int) -> list[str]:
        return found

    with pytest.raises(AddressRefused):
        await connectable("mixed.example", 80, resolver=resolver, admits=is_public)


async def test_the_address_that_was_looked_at_is_the_one_to_connect_to() -> None:
    asked: list[str] = []

    async def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["1.1.1.1"] if len(asked) == 1 else ["127.0.0.1"]

    assert await connectable("rebinding.example", 80, resolver=resolver, admits=is_public) == "1.1.1.1"
    assert asked == ["rebinding.example"]
