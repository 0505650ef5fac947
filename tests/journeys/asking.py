"""One request to an app, without a client between them: a walk asks tens of thousands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from litestar.types import ASGIApp
from msgspec import Struct

_CLIENT: Final = ("127.0.0.1", 40_000)


class Answer(Struct, frozen=True):
    """What an app said. Header names are lower case; a header that comes twice is there twice."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


async def ask(
    app: ASGIApp, host: str, method: str, address: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """The app's answer to one request. Errors that it raises after its answer began are the server's to log."""
    parts = urlsplit(f"//{host}{address}")
    given = {"host": host, "content-length": str(len(body)), **headers}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "server": (host, None),
        "client": _CLIENT,
    }
    started: dict[str, Any] = {}
    said: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            said.append(bytes(message.get("body", b"")))

    try:
        await app(scope, receive, send)  # type: ignore[arg-type]  # a plain dict is what a server gives
    except Exception:  # noqa: BLE001 - as a server does: what was said stands, an app that said nothing is a 500
        started.setdefault("status", 500)
    spoken = [(name.decode("latin-1").lower(), text.decode("latin-1")) for name, text in started.get("headers", ())]
    return Answer(int(started["status"]), spoken, b"".join(said))
