"""Looking for a document whose origin message is not known, in its owner's channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from streaming.source import DocumentGone, SourceUnavailable
from streaming.telegram.faults import ConnectionLost, RpcFault, WrongAnswer
from streaming.telegram.fetching import Hand
from streaming.telegram.references import Location, Origin, location_in

_AT_ONCE: Final = 100
_EMPTY_PAGES: Final = 3
_PAGES: Final = 1000


async def find(hands: Sequence[Hand], channels: Sequence[int], media_id: int) -> Origin:
    """The origin of `media_id`. Bots cannot search: the channels' messages are read page by page, oldest first.

    Every document seen on the way is remembered by its worker. Raises DocumentGone when no channel has it,
    SourceUnavailable when a channel could not be read.
    """
    for chat_id in channels:
        if (message_id := await _in_channel(hands, chat_id, media_id)) is not None:
            return chat_id, message_id
    raise DocumentGone("the document is in none of its owner's channels")


async def _in_channel(hands: Sequence[Hand], chat_id: int, media_id: int) -> int | None:
    trouble: Exception | None = None
    for hand in hands:
        try:
            return await _read(hand, chat_id, media_id)
        except (RpcFault, ConnectionLost, WrongAnswer) as error:
            trouble = error
    raise SourceUnavailable(f"channel {chat_id} cannot be searched: {trouble or 'there is no worker'}")


async def _read(hand: Hand, chat_id: int, media_id: int) -> int | None:
    empty_pages = 0
    for page in range(_PAGES):
        first = page * _AT_ONCE + 1
        messages = await hand.references.messages(chat_id, list(range(first, first + _AT_ONCE)))
        seen = ((message.id, location_in(message)) for message in messages)
        found: dict[int, Location] = {message_id: location for message_id, location in seen if location is not None}
        for message_id, location in found.items():
            hand.references.learn((chat_id, message_id), location)
            if location.media_id == media_id:
                return message_id
        empty_pages = 0 if found else empty_pages + 1
        if empty_pages == _EMPTY_PAGES:
            return None
    return None
