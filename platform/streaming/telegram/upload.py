"""Putting a file into a storage channel. https://core.telegram.org/api/files#uploading-files"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

from streaming.source import NotPlayable, SourceUnavailable
from streaming.telegram.faults import ConnectionLost, Kind, RpcFault, WrongAnswer, verdict
from streaming.telegram.fetching import Hand
from streaming.telegram.references import Location, chat_id_of, location_in
from streaming.telegram.schema import TL, raw
from streaming.telegram.source import Described, TelegramSource, described

PART: Final = 512 << 10
MAX_BYTES: Final = 2000 << 20
"""Bots upload at most this much as one document."""

_BIG: Final = 10 << 20
_AT_ONCE: Final = 4
_PATIENCE_SECONDS: Final = 300.0
_REST_SECONDS: Final = 0.5

Progress = Callable[[int, int], None]


class TooLarge(ValueError):
    """More bytes than one document can hold."""


async def upload(
    source: TelegramSource,
    media: Path | AsyncIterable[bytes],
    chat_id: int,
    *,
    file_name: str,
    mime: str,
    size_bytes: int | None = None,
    progress: Progress | None = None,
) -> Described:
    """Upload a file, or a stream of `size_bytes` in pieces of any size, and post it in a registered channel.

    `progress` is told the bytes sent and the bytes in all. Raises TooLarge, ValueError for a stream without or of
    another size, NotPlayable for an unregistered channel, SourceUnavailable when Telegram does not take it.
    """
    chat_id = chat_id_of(chat_id)
    owner = source.owner_of(chat_id)
    if owner is None:
        raise NotPlayable(f"channel {chat_id} is not registered to an owner")
    size = (await asyncio.to_thread(media.stat)).st_size if isinstance(media, Path) else size_bytes
    if not size:
        raise ValueError("the size of what is uploaded must be known and not 0")
    if size > MAX_BYTES:
        raise TooLarge(f"{size} bytes are more than Telegram takes as one document ({MAX_BYTES})")
    hand = _first_ready(source)
    sender = _Sender(hand, size, progress)
    sent = await sender.send(_read(media) if isinstance(media, Path) else media, file_name)
    location, message_id = await _post(hand, chat_id, sent, file_name, mime)
    hand.references.learn((chat_id, message_id), location)
    return described(owner, chat_id, message_id, location)


def _first_ready(source: TelegramSource) -> Hand:
    for hand in sorted(source.hands, key=lambda hand: hand.worker.pause_left(hand.worker.home)):
        if hand.worker.ready:
            return hand
    raise SourceUnavailable("no worker is connected to Telegram")


async def _read(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, PART):
            yield piece


async def _parts(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in parts of exactly PART, the last one shorter."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


class _Sender:
    """Sends the parts of one file, a few at a time."""

    def __init__(self, hand: Hand, size_bytes: int, progress: Progress | None) -> None:
        self._hand = hand
        self._size_bytes = size_bytes
        self._progress = progress
        self._file_id = random.SystemRandom().getrandbits(63)
        self._parts = -(-size_bytes // PART)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._sent_bytes = 0

    async def send(self, pieces: AsyncIterable[bytes], file_name: str) -> TL:
        """The uploaded file as a request names it."""
        try:
            checksum = await self._send_all(pieces)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        if self._size_bytes > _BIG:
            return raw.types.InputFileBig(id=self._file_id, parts=self._parts, name=file_name)
        return raw.types.InputFile(id=self._file_id, parts=self._parts, name=file_name, md5_checksum=checksum)

    async def _send_all(self, pieces: AsyncIterable[bytes]) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        read_bytes = number = 0
        async with asyncio.TaskGroup() as group:
            async for part in _parts(pieces):
                read_bytes += len(part)
                if read_bytes > self._size_bytes:
                    break
                digest.update(part)
                await self._slots.acquire()
                group.create_task(self._send_part(number, part))
                number += 1
        if read_bytes != self._size_bytes:
            raise ValueError(f"the stream was to have {self._size_bytes} bytes and has another number of them")
        return digest.hexdigest()

    async def _send_part(self, number: int, part: bytes) -> None:
        try:
            await persist(self._hand, self._query(number, part))
        finally:
            self._slots.release()
        self._sent_bytes += len(part)
        if self._progress is not None:
            self._progress(self._sent_bytes, self._size_bytes)

    def _query(self, number: int, part: bytes) -> TL:
        if self._size_bytes > _BIG:
            return raw.functions.upload.SaveBigFilePart(
                file_id=self._file_id, file_part=number, file_total_parts=self._parts, bytes=part
            )
        return raw.functions.upload.SaveFilePart(file_id=self._file_id, file_part=number, bytes=part)


async def persist(hand: Hand, query: TL) -> Any:
    """Call at home until it is answered, through floods and lost connections. For calls that may be repeated.

    Raises SourceUnavailable when Telegram refuses, or after five minutes.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await hand.worker.invoke(query)
        except RpcFault as fault:
            found = verdict(fault)
            if found.kind not in (Kind.PAUSE, Kind.TRANSIENT):
                raise SourceUnavailable(f"Telegram refused: {fault.message}") from fault
            rest = float(found.value) or _REST_SECONDS
        except (ConnectionLost, WrongAnswer) as error:
            rest = _REST_SECONDS
            if time.monotonic() > deadline:
                raise SourceUnavailable(f"Telegram does not answer: {error}") from error
        if time.monotonic() + rest > deadline:
            raise SourceUnavailable("Telegram asks for too long a pause", rest)
        await asyncio.sleep(rest)


async def _post(hand: Hand, chat_id: int, file: TL, file_name: str, mime: str) -> tuple[Location, int]:
    try:
        channel = await hand.references.channel(chat_id)
    except (RpcFault, ConnectionLost, WrongAnswer) as error:
        raise SourceUnavailable(f"the channel cannot be posted in: {error}") from error
    media = raw.types.InputMediaUploadedDocument(
        file=file,
        mime_type=mime,
        attributes=[raw.types.DocumentAttributeFilename(file_name=file_name)],
        nosound_video=True,
        force_file=True,
    )
    peer = raw.types.InputPeerChannel(channel_id=channel.channel_id, access_hash=channel.access_hash)
    # the same random id at every try: Telegram posts it once
    random_id = random.SystemRandom().getrandbits(63)
    query = raw.functions.messages.SendMedia(peer=peer, media=media, message="", random_id=random_id)
    answer = await persist(hand, query)
    for update in answer.updates:
        message = getattr(update, "message", None)
        if message is not None and (location := location_in(message)) is not None:
            return location, message.id
    raise SourceUnavailable("Telegram posted the file and did not say where")
