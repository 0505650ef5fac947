"""Where a worker finds documents: the origin message, seen with the worker's own eyes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

from streaming.singleflight import SingleFlight
from streaming.source import DocumentGone
from streaming.telegram.faults import WrongAnswer
from streaming.telegram.schema import raw
from streaming.telegram.worker import Worker

_KEPT: Final = 20_000
_CHANNEL_OFFSET: Final = -1_000_000_000_000

Origin = tuple[int, int]
"""Chat id in the -100… form, message id."""


class Location(NamedTuple):
    """A document or photo as one worker may name it; access hash and file reference are that worker's alone.

    `photo_size` names the size of a photo and is empty for a document.
    """

    media_id: int
    access_hash: int
    file_reference: bytes
    dc_id: int
    size_bytes: int
    mime: str
    file_name: str
    photo_size: str = ""

    def query(self, offset: int, limit: int) -> Any:
        """The upload.getFile for `[offset, offset + limit)`."""
        kind = raw.types.InputPhotoFileLocation if self.photo_size else raw.types.InputDocumentFileLocation
        location = kind(
            id=self.media_id,
            access_hash=self.access_hash,
            file_reference=self.file_reference,
            thumb_size=self.photo_size,
        )
        return raw.functions.upload.GetFile(location=location, offset=offset, limit=limit)


def chat_id_of(channel: int) -> int:
    """A channel's id in the -100… form, given in either."""
    return channel if channel < 0 else _CHANNEL_OFFSET - channel


class References:
    """One worker's locations by origin, fetched once for all who wait and kept until they expire."""

    def __init__(self, worker: Worker) -> None:
        self.renewed = 0
        self._worker = worker
        self._known: OrderedDict[Origin, Location] = OrderedDict()
        self._flights: SingleFlight[Origin, Location] = SingleFlight()
        self._access_hashes: dict[int, int] = {}

    def known(self, origin: Origin) -> Location | None:
        return self._known.get(origin)

    async def locate(self, origin: Origin, stale: Location | None = None) -> Location:
        """The location; one that is still `stale` is fetched anew.

        Raises DocumentGone when the message is gone or holds no document, and what `Worker.invoke` raises.
        """
        found = self._known.get(origin)
        if found is not None and found is not stale:
            self._known.move_to_end(origin)
            return found
        if found is not None:
            del self._known[origin]
            self.renewed += 1
        return await self._flights.run(origin, lambda: self._fetch(origin))

    def learn(self, origin: Origin, location: Location) -> None:
        self._known[origin] = location
        self._known.move_to_end(origin)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    async def channel(self, chat_id: int) -> Any:
        """The channel as a request names it. Raises what `Worker.invoke` raises."""
        channel_id = _CHANNEL_OFFSET - chat_id
        access_hash = self._access_hashes.get(chat_id)
        if access_hash is None:
            # a bot names a channel that it is a member of without knowing the hash
            unknown = raw.types.InputChannel(channel_id=channel_id, access_hash=0)
            answer = await self._worker.invoke(raw.functions.channels.GetChannels(id=[unknown]))
            access_hash = self._access_hashes[chat_id] = next(
                (chat.access_hash or 0 for chat in answer.chats if chat.id == channel_id), 0
            )
        return raw.types.InputChannel(channel_id=channel_id, access_hash=access_hash)

    async def messages(self, chat_id: int, message_ids: list[int]) -> list[Any]:
        """Messages of a channel; missing ones as MessageEmpty. At most 100."""
        channel = await self.channel(chat_id)
        wanted = [raw.types.InputMessageID(id=message_id) for message_id in message_ids]
        answer = await self._worker.invoke(raw.functions.channels.GetMessages(channel=channel, id=wanted))
        found: list[Any] = answer.messages
        return found

    async def _fetch(self, origin: Origin) -> Location:
        chat_id, message_id = origin
        messages = await self.messages(chat_id, [message_id])
        if not messages:
            raise WrongAnswer("channels.getMessages was answered by nothing")
        location = location_in(messages[0])
        if location is None:
            self._known.pop(origin, None)
            raise DocumentGone(f"message {message_id} of {chat_id} holds no document")
        self.learn(origin, location)
        return location


def location_in(message: Any) -> Location | None:
    """The document or photo in a message, None where it holds neither."""
    media: Any = getattr(message, "media", None)
    document: Any = getattr(media, "document", None)
    if not isinstance(document, raw.types.Document):
        return _photo_in(media)
    names = [
        attribute.file_name
        for attribute in document.attributes
        if isinstance(attribute, raw.types.DocumentAttributeFilename)
    ]
    return Location(
        media_id=document.id,
        access_hash=document.access_hash,
        file_reference=document.file_reference,
        dc_id=document.dc_id,
        size_bytes=document.size,
        mime=document.mime_type,
        file_name=names[0] if names else "",
    )


def _photo_in(media: Any) -> Location | None:
    """The largest size of a photo; Telegram keeps photos as JPEG. https://core.telegram.org/api/files"""
    photo: Any = getattr(media, "photo", None)
    if not isinstance(photo, raw.types.Photo):
        return None
    sizes = {size.type: size.size for size in photo.sizes if isinstance(size, raw.types.PhotoSize)}
    sizes |= {size.type: max(size.sizes) for size in photo.sizes if isinstance(size, raw.types.PhotoSizeProgressive)}
    if not sizes:
        return None
    largest = max(sizes, key=lambda name: sizes[name])
    return Location(
        media_id=photo.id,
        access_hash=photo.access_hash,
        file_reference=photo.file_reference,
        dc_id=photo.dc_id,
        size_bytes=sizes[largest],
        mime="image/jpeg",
        file_name="",
        photo_size=largest,
    )
