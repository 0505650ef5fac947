"""A request as it came and an answer as it goes, as ASGI carries them."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Request(Struct, frozen=True):
    """`headers` by their names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def asked(self) -> dict[str, str]:
        """The query's values, the last of each name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The values of a posted form, the last of each name."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class Answer(Struct, frozen=True):
    """Status, content, its media type, and further headers."""

    status: int
    content: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = msgspec.field(default_factory=lambda: dict[str, str]())


def in_json(status: int, document: Any, headers: dict[str, str] | None = None) -> Answer:
    """A document as an answer."""
    return Answer(status, msgspec.json.format(msgspec.json.encode(document), indent=2), headers=headers or {})


def page(content: str, status: int = 200) -> Answer:
    """A page for a browser."""
    return Answer(status, content.encode(), "text/html; charset=utf-8", {"cache-control": "no-store"})


def sent_on(url: str) -> Answer:
    """A redirect that turns a POST into a GET."""
    return Answer(303, b"", "text/plain", {"location": url})


async def read(scope: Any, receive: Receive) -> Request:
    """The whole request."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, bytes(body))


async def write(answer: Answer, send: Send) -> None:
    """The whole answer."""
    headers = {"content-type": answer.kind, "content-length": str(len(answer.content)), **answer.headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.content})
