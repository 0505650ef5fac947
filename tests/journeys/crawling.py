"""What a visitor of a site comes to know: every address that its pages and answers name, and every value in them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.journeys.values import Values, gather, place

_LINK: Final = re.compile(r"""=["'](/[^"'\s]*)["']""")
_OF_A_KIND: Final = 2


class Template:
    """One route of the app, as a form of addresses."""

    def __init__(self, route: HTTPRoute) -> None:
        self.route = route
        self.format = route.path_format
        self.names = re.findall(r"\{(\w+)\}", self.format)
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.format))
        self._pattern = re.compile(pattern)

    def read(self, path: str) -> dict[str, str] | None:
        """The parameters of a path of this route."""
        found = self._pattern.fullmatch(path)
        return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


def templates(app: Litestar) -> list[Template]:
    """Every HTTP route of the app."""
    return [Template(route) for route in app.routes if isinstance(route, HTTPRoute)]


class Visit:
    """A visitor who opens everything that a site leads to, and does everything that it offers."""

    def __init__(self, client: httpx.AsyncClient, app: Litestar) -> None:
        self._client = client
        self._templates = templates(app)
        self._seen: dict[tuple[str, ...], list[str]] = {}
        self.cookies: dict[str, str] = {}
        self.values: Values = {}
        self.addresses: list[str] = []
        self.examples: dict[str, list[dict[str, str]]] = {}

    async def all(self) -> None:
        """The pages, and whatever else there is to do."""
        await self.pages()
        await self._all_deeds()

    async def pages(self) -> None:
        """Begins at every route without parameters, and follows whatever those lead to."""
        for template in self._templates:
            if not template.names and "GET" in template.route.methods:
                await self._open(template.format)

    async def _all_deeds(self) -> None:
        for template in self._templates:
            for method in template.route.methods:
                if method not in {"GET", "HEAD", "OPTIONS", "DELETE"}:
                    await self._do(method, template)

    async def _open(self, address: str) -> None:
        path = urlsplit(address).path
        for template in self._templates:
            found = template.read(path)
            if found is not None and template.names != ["path"]:
                break
        else:
            return
        query = parse_qsl(urlsplit(address).query)
        kind = (template.format, *(name for name, _ in query))
        opened = self._seen.setdefault(kind, [])
        if address in opened or len(opened) >= _OF_A_KIND:
            return
        opened.append(address)
        self.addresses.append(address)
        self._learn(template, found)
        gather(self.values, f"query {template.format}", dict(query))
        await self._read(template.format, await self._client.get(address, headers=self._headers()))

    async def _do(self, method: str, template: Template) -> None:
        """POST and the like with parameters of the same names as seen elsewhere on the site."""
        known = {name: value for found in self.examples.values() for each in found for name, value in each.items()}
        if any(name not in known for name in template.names):
            return
        given = {name: known[name] for name in template.names}
        self._learn(template, given)
        response = await self._client.request(method, template.format.format(**given), headers=self._headers())
        await self._read(f"{method} {template.format}", response)

    def _learn(self, template: Template, given: dict[str, str]) -> None:
        if not given:
            return
        self.examples.setdefault(template.format, []).append(given)
        gather(self.values, f"path {template.format}", given)

    async def _read(self, source: str, response: httpx.Response) -> None:
        for header in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
                place(self.values, f"cookie {name}", morsel.value)
        body = response.text
        if "json" in response.headers.get("content-type", ""):
            answer: object = json.loads(body)
            if source != "/api/v1/openapi.json":
                gather(self.values, f"answer {source}", answer)
            links = [text for text in _strings(answer) if text.startswith("/")]
        else:
            links = [html.unescape(link) for link in _LINK.findall(body)]
        for link in links:
            await self._open(link)

    def _headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"accept": "text/html, application/json;q=0.9", **({"cookie": cookie} if cookie else {})}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in cast("dict[str, object]", value).values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value
