"""The ASGI response that carries one page: read in whole slices, metered to the tenant, and short-lived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final, cast

from litestar.types import Receive, Scope, Send

from streaming.delivery import Delivery, delivery_of
from streaming.heads import Head
from streaming.pages.errors import PageGone, PageUnreadable
from streaming.source import SourceError

LONGEST_SECONDS: Final = 120.0
_log = logging.getLogger(__name__)


class PageResponse:
    """A head and the bytes behind it, billed to `owner` under `stream`, within `longest_seconds`.

    Nothing may fail before the first byte any more: the caller has read it. What fails later, or takes too long, ends
    the connection, so that nobody takes a part for the whole.
    """

    def __init__(
        self,
        head: Head,
        pieces: AsyncGenerator[memoryview],
        *,
        owner: str,
        stream: str,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._head = head
        self._pieces = pieces
        self._owner = owner
        self._stream = stream
        self._longest_seconds = longest_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; see the class."""
        delivery = delivery_of(cast("dict[str, Any]", scope))
        try:
            async with asyncio.timeout(self._longest_seconds), aclosing(self._pieces):
                await self._send(delivery, send)
        except (TimeoutError, SourceError, PageGone, PageUnreadable) as error:
            _log.warning("a page was cut short: %r", error)
            if delivery is None:
                # No connection of ours to close: an in-process client has to see an error.
                raise ConnectionAbortedError("the response was cut short") from error
            delivery.abort() if isinstance(error, TimeoutError) else delivery.close()
        finally:
            if delivery is not None:
                delivery.finish()

    async def _send(self, delivery: Delivery | None, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._head.status, "headers": self._head.headers})
        if delivery is not None:
            delivery.begin(self._owner, self._stream)
        async for piece in self._pieces:
            if delivery is not None and delivery.is_closing():
                return
            await send({"type": "http.response.body", "body": cast("bytes", piece), "more_body": True})
            if delivery is not None:
                delivery.sent(len(piece))
        await send({"type": "http.response.body", "body": b"", "more_body": False})
