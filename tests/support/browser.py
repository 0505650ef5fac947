"""A real Chromium, and visitors that remember what went wrong on the pages they saw."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    async_playwright,
)

NOTHING_SKIPPED: Final = "TESTS_SKIP_NOTHING"
_QUIET: Final = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-default-browser-check",
    "--mute-audio",
)
# "serious" is what keeps somebody from using a page.
_BARRIERS: Final = frozenset({"serious", "critical"})

_TOO_WIDE: Final = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => `${each.tagName}.${each.className}`).concat('something').slice(0, 8)"""
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}


def chromium() -> Path:
    """The browser of this machine. Skips the test where there is none, or fails it where nothing may be skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "needs Chromium on the PATH (apt install chromium)"
        if os.environ.get(NOTHING_SKIPPED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(found)


@asynccontextmanager
async def launched() -> AsyncGenerator[Browser]:
    """Chromium without a window, talking to nobody but the pages' hosts."""
    executable = chromium()
    is_root = os.geteuid() == 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(_QUIET), chromium_sandbox=not is_root
        )
        try:
            yield browser
        finally:
            await browser.close()


class Visitor:
    """One browser profile on one site. `troubles` are console errors, page errors and requests to other hosts."""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.context = context
        self.page = page
        self.origin = origin
        self.troubles: list[str] = []
        self.requests: list[str] = []
        context.on("request", self._on_request)
        context.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))

    async def open(self, path: str) -> int:
        """The status of the page at the path."""
        answer = await self.page.goto(f"{self.origin}{path}")
        assert answer is not None
        return answer.status

    async def until(self, expression: str, seconds: float = 20.0) -> None:
        """Waits until the JavaScript expression is true. Not Playwright's own way: the sites' policy forbids eval."""
        deadline = time.monotonic() + seconds
        while not await self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"never {expression}"
            await asyncio.sleep(0.05)

    async def barriers(self) -> list[str]:
        """What axe finds serious on the page as it is now."""
        results = await Axe().run(self.page)
        violations: list[dict[str, Any]] = results.response["violations"]
        return [
            f"{self.page.url}: {each['id']} ({each['impact']}): {each['help']}; {node['html'][:160]}"
            for each in violations
            if each["impact"] in _BARRIERS
            for node in each["nodes"][:3]
        ]

    async def too_wide(self) -> list[str]:
        """What makes the page wider than the window."""
        found: list[str] = await self.page.evaluate(_TOO_WIDE)
        return [f"{self.page.url} is too wide: {each}" for each in found]

    async def faults(self, path: str, status: int = 200) -> list[str]:
        """What is wrong with a page at the width of a phone and of a desk; the console may tell of another status."""
        await self.page.set_viewport_size(PHONE)
        answered = await self.open(path)
        found = [] if answered == status else [f"{path} answers {answered} instead of {status}"]
        for size in (PHONE, DESK):
            await self.page.set_viewport_size(size)
            found += await self.barriers() + await self.too_wide()
        if status != 200:
            self.forgive(f"the server responded with a status of {status}")
        return found

    def forgive(self, *expected: str) -> None:
        """Takes out the troubles that a test means to cause: those that contain one of the texts."""
        self.troubles = [each for each in self.troubles if not any(text in each for text in expected)]

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.troubles.append(f"request to another host: {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")


@asynccontextmanager
async def visiting(browser: Browser, origin: str, **profile: Any) -> AsyncGenerator[Visitor]:
    """A visitor with a fresh profile (Playwright's context options). Fails if there were troubles at the end."""
    context = await browser.new_context(**profile)
    context.set_default_timeout(15_000)
    try:
        visitor = Visitor(context, await context.new_page(), origin)
        yield visitor
        assert visitor.troubles == []
    finally:
        await context.close()
