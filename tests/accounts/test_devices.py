"""Browsers are called what people call them."""

import pytest

from accounts.devices import device_name

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1"
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (MAC, "Safari on Mac"),
        (PHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        (ANDROID, "Chrome on Android"),
        ("Panels/3.1 CFNetwork", "Panels"),
        ("", "A browser"),
        ("Mozilla/5.0 (Nokia)", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
        ("x" * 100_000, "x" * 31),
    ],
)  # fmt: skip
def test_a_device_is_called_by_its_browser_and_system(agent: str, name: str) -> None:
    assert device_name(agent) == name
