"""A person on a site: a client of the API and the pages that keeps its session."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.support.platform import Composed

FORM = "application/x-www-form-urlencoded"


class Person:
    """A browser that keeps its cookies."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    async def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**({"cookie": cookie} if cookie else {}), **more.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **more)
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def api(self, method: str, path: str, json: Any = None) -> Any:
        """The body of a good answer of the API."""
        answer = await self(method, f"/api/v1{path}", json=json)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def page(self, path: str) -> str:
        """A page that is there."""
        answer = await self("GET", path, headers={"accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """What a form's button does."""
        return await self("POST", path, data=fields, headers={"accept": "text/html", "sec-fetch-site": "same-origin"})


@asynccontextmanager
async def person(platform: Composed, host: str, *, address: str = "127.0.0.1") -> AsyncGenerator[Person]:
    """Somebody without a session yet."""
    async with platform.client(host, address=address) as client:
        yield Person(client)
