"""Asking another host whether a link still leads to something: HEAD, then the first byte of a GET.

Each hop's host is resolved here and the connection goes to the very address that was looked at, so that a name that
changes its address in between leads nowhere. Nothing but the status is read.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, Literal
from urllib.parse import urljoin

import httpx
from msgspec import Struct

from content.links.addresses import AddressRefused, AddressRule, Resolve, connectable, is_public, resolve
from content.mirrors import safe_address

TIMEOUT_SECONDS: Final = 6.0
"""Of the whole question, redirects included."""
MOST_REDIRECTS: Final = 5
_NAME: Final = "MarqueeLinkCheck/1.0"
_WORKS: Final = frozenset({200, 203, 204, 206, 416})
_GONE: Final = frozenset({404, 410, 451})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}


class Heard(Struct, frozen=True):
    """What came of asking: it works, it fails, or nobody can tell (`unsure`) and what was known stays."""

    outcome: Literal["works", "fails", "unsure"]
    reason: str = ""


class LinkAsker:
    """Asks hosts over connections of its own, one a hop: none is kept, nor shared between hosts of one address."""

    def __init__(self, *, resolver: Resolve = resolve, admits: AddressRule = is_public) -> None:
        self._resolver = resolver
        self._admits = admits
        self._transport = httpx.AsyncHTTPTransport(
            verify=ssl.create_default_context(), trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def __call__(self, url: str) -> Heard:
        """Whether the link works now. Never raises for what the other host does."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                heard = await self._follow("HEAD", url)
                return heard if heard.outcome == "works" else await self._follow("GET", url)
        except TimeoutError:
            return Heard("fails", "it does not answer in time")
        except AddressRefused as refusal:
            return Heard("unsure", str(refusal))
        except (httpx.TransportError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as error:
            return Heard("fails", f"it cannot be reached ({type(error).__name__})")

    async def _follow(self, method: str, url: str) -> Heard:
        for _ in range(MOST_REDIRECTS + 1):
            status, location = await self._ask(method, url)
            if status not in _REDIRECTS or location is None:
                return _heard(status)
            leads_to = safe_address(urljoin(url, location))
            if leads_to is None:
                return Heard("fails", "it leads to no address of the web")
            url = leads_to
        return Heard("fails", "it leads on and on")

    async def _ask(self, method: str, url: str) -> tuple[int, str | None]:
        asked = httpx.URL(url)
        host = asked.raw_host.decode("ascii")
        port = asked.port or _PORTS[asked.scheme]
        address = await connectable(host, port, resolver=self._resolver, admits=self._admits)
        headers = {"host": asked.netloc.decode("ascii"), "user-agent": _NAME, "accept": "*/*", "connection": "close"}
        if method == "GET":
            headers["range"] = "bytes=0-0"
        seconds = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
        request = httpx.Request(
            method,
            asked.copy_with(host=address, port=port),
            headers=headers,
            extensions={"timeout": seconds, "sni_hostname": host},
        )
        response = await self._transport.handle_async_request(request)
        try:
            return response.status_code, response.headers.get("location")
        finally:
            await response.aclose()


def _heard(status: int) -> Heard:
    if status in _WORKS:
        return Heard("works")
    fails = status in _GONE or status >= 500
    return Heard("fails" if fails else "unsure", f"it answers {status}")
