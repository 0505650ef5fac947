"""What a browser or an app is called in a viewer's list of devices."""

import re
from typing import Final

_BROWSERS: Final = (
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Samsung Internet", "SamsungBrowser"),
    ("Firefox", "Firefox/"),
    ("Firefox", "FxiOS"),
    ("Chrome", "Chrome/"),
    ("Chrome", "CriOS"),
    ("Safari", "Safari/"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android TV", "Android TV"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac", "Macintosh"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)
_APP: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{1,30}", re.ASCII)
_LONGEST_READ: Final = 512


def device_name(user_agent: str) -> str:
    """Such as "Firefox on Linux": a browser and a system out of closed lists, else the app's own first word."""
    agent = user_agent[:_LONGEST_READ]
    browser = next((name for name, mark in _BROWSERS if mark in agent), None)
    system = next((name for name, mark in _SYSTEMS if mark in agent), None)
    if browser is None:
        app = _APP.match(agent.partition("/")[0])
        browser = app[0].strip() if app and not agent.startswith("Mozilla") else "A browser"
        browser = "A browser" if not agent else browser
    return browser if system is None else f"{browser} on {system}"
