"""What is answered before or instead of the application: short, and without any tenant's brand where none is known."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from typing import Any, Final

import msgspec

ASGIScope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

_MACHINE_PATHS: Final = ("/api/", "/stream/")
_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>\
<meta name="viewport" content="width=device-width"></head><body><h1>{title}</h1><p>{detail}</p></body></html>"""


class Answer(msgspec.Struct, frozen=True):
    """A whole response, but for the headers that every response has."""

    status: int
    content_type: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


def wants_problem(scope: ASGIScope) -> bool:
    """Whether the answer goes to a program: an API path, or an Accept that asks for JSON and not for HTML."""
    if str(scope["path"]).startswith(_MACHINE_PATHS):
        return True
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    accepted = b",".join(value for name, value in headers if name == b"accept")
    return b"json" in accepted and b"text/html" not in accepted


def problem(status: int, title: str, detail: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Problem details by RFC 9457."""
    body = msgspec.json.encode({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return Answer(status, b"application/problem+json", body, headers)


def page(status: int, html: str, *headers: tuple[bytes, bytes]) -> Answer:
    """A page as it is."""
    return Answer(status, b"text/html; charset=utf-8", html.encode(), headers)


def neutral(scope: ASGIScope, status: int, title: str, detail: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer with nobody's brand, in the form that the client reads."""
    if wants_problem(scope):
        return problem(status, title, detail, *headers)
    return page(status, _PAGE.format(title=escape(title), detail=escape(detail)), *headers)


async def give(answer: Answer, scope: ASGIScope, send: Send) -> None:
    """Sends the answer; a websocket is closed instead."""
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", b"no-store"),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})
