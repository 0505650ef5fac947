"""Somebody whom webhooks are posted to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from sandbox.http.exchange import Answer, Receive, Request, Send, read, write
from sandbox.http.serving import listening, serving


class Receiver:
    """Keeps every request; answers with the statuses in `answers`, one each, and 200 when they are used up."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []
        self.answers: list[int] = []

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        self.requests.append(await read(scope, receive))
        await write(Answer(self.answers.pop(0) if self.answers else 200), send)

    @property
    def events(self) -> list[Any]:
        return [msgspec.json.decode(request.body) for request in self.requests]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    async with listening() as (listener, port):
        receiver = Receiver(f"http://127.0.0.1:{port}/hooks")
        async with serving(receiver, listener):
            yield receiver
