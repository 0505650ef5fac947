"""Looking for a document whose origin message is not known, in its owner's channels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from streaming.source import SourceUnavailable
from streaming.telegram.faults import ConnectionLost, RpcFault, WrongAnswer
from streaming.telegram.fetching import Hand
from streaming.telegram.references import location_in

_AT_ONCE: Final = 100
_EMPTY_PAGES: Final = 3
_PAGES: Final = 1000


class ChannelIndex:
    """Which message of one channel holds a document. Bots cannot search: messages are read page by page, oldest first.

    Each message is read once for all documents that are ever looked for; what was posted later is read when it is
    first needed.
    """

    def __init__(self, chat_id: int) -> None:
        self._chat_id = chat_id
        self._messages: dict[int, int] = {}
        self._pages_read = 0
        self._reading = asyncio.Lock()

    async def find(self, hands: Sequence[Hand], media_id: int) -> int | None:
        """The message's id, None when the channel does not hold the document.

        Raises SourceUnavailable when no worker could read the channel; what was read until then is kept.
        """
        async with self._reading:
            if media_id not in self._messages:
                await self._read_on(hands, media_id)
            return self._messages.get(media_id)

    async def _read_on(self, hands: Sequence[Hand], media_id: int) -> None:
        trouble: Exception | None = None
        for hand in hands:
            try:
                await self._read(hand, media_id)
            except (RpcFault, ConnectionLost, WrongAnswer) as error:
                trouble = error
            else:
                return
        raise SourceUnavailable(f"channel {self._chat_id} cannot be searched: {trouble or 'there is no worker'}")

    async def _read(self, hand: Hand, media_id: int) -> None:
        page, empty_pages = self._pages_read, 0
        while media_id not in self._messages and empty_pages < _EMPTY_PAGES and page < _PAGES:
            if await self._read_page(hand, page):
                # The last page may still fill up: it is read again.
                self._pages_read, empty_pages = page, 0
            else:
                empty_pages += 1
            page += 1

    async def _read_page(self, hand: Hand, page: int) -> bool:
        first = page * _AT_ONCE + 1
        found = False
        for message in await hand.references.messages(self._chat_id, list(range(first, first + _AT_ONCE))):
            location = location_in(message)
            if location is not None:
                hand.references.learn((self._chat_id, message.id), location)
                self._messages[location.media_id] = message.id
                found = True
        return found
