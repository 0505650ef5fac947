from __future__ import annotations

from typing import Any

import httpx

from runtime.health import Health
from runtime.platform_site import platform_app


def client() -> httpx.AsyncClient:
    app: Any = platform_app(Health({}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform")


async def test_the_platform_host_shows_a_neutral_page_and_health() -> None:
    async with client() as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "sha256-" in page.headers["content-security-policy"]
        assert (await http.get("/-/ready")).json() == {"status": "ready"}


async def test_what_the_platform_host_does_not_have_is_a_problem_or_a_page() -> None:
    async with client() as http:
        missing = await http.get("/nothing")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        refused = await http.post("/", headers={"Accept": "text/html"})
        assert refused.status_code == 405
        assert "<h1>" in refused.text
