"""HEAD on the JSON API: what GET answers, without the body.

https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
"""

from __future__ import annotations

from typing import Final

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX: Final = "/api/"


def answering_head(app: ASGIApp) -> ASGIApp:
    """The application, which is asked for GET where the API is asked for HEAD: no operation is declared twice."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != ScopeType.HTTP
            or scope["method"] != HttpMethod.HEAD
            or not scope["path"].startswith(_PREFIX)
        ):
            await app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        asked = scope.copy()
        asked["method"] = HttpMethod.GET
        await app(asked, receive, send_head)

    return answer
