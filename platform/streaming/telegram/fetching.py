"""Getting a part of a document from whichever worker can, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict, deque
from typing import Final

import msgspec

from streaming.model import Document
from streaming.source import CHUNK, DocumentGone, NotPlayable, SourcePaused, SourceUnavailable
from streaming.telegram.faults import ConnectionLost, Kind, RpcFault, WrongAnswer, verdict
from streaming.telegram.references import Location, Origin, References, chat_id_of
from streaming.telegram.worker import Worker

_ATTEMPTS: Final = 16
_LOSSES: Final = 5
_FIRST_REST_SECONDS: Final = 0.05
_LONGEST_REST_SECONDS: Final = 2.0
_RECENT: Final = 8
_MOVES_KEPT: Final = 20_000
_REFUSED_RETRY_SECONDS: Final = 60.0


class Counters(msgspec.Struct):
    """What happened since the start."""

    requests: int = 0
    floods: int = 0
    migrations: int = 0
    wrong_answers: int = 0
    retries: int = 0


class Hand:
    """A worker and what it knows of documents."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.references = References(worker)
        self.last_used = 0


class _Search:
    """One part being looked for: how often, and who could not."""

    def __init__(self) -> None:
        self.losses = 0
        self.barred: set[Hand] = set()
        self.renewed_by: set[Hand] = set()
        self.trouble = ""

    async def rest(self, trouble: str) -> None:
        """Note that nothing came, and wait a little longer each time. Raises SourceUnavailable when it is too often."""
        self.trouble = trouble
        self.losses += 1
        if self.losses > _LOSSES:
            raise SourceUnavailable(f"Telegram does not give the bytes: {trouble}")
        await asyncio.sleep(min(_FIRST_REST_SECONDS * (1 << self.losses), _LONGEST_REST_SECONDS))


class Fetcher:
    """Spreads requests over workers; each fault ends here or becomes a SourceError."""

    def __init__(self, hands: list[Hand]) -> None:
        self.counters = Counters()
        self._chunk_seconds: deque[float] = deque(maxlen=_RECENT)
        self._hands = hands
        self._moved: OrderedDict[int, int] = OrderedDict()
        self._turns = itertools.count(1)

    @property
    def chunk_seconds(self) -> float:
        """What a whole chunk takes at present: the quickest of the last few, so that a burst of ours does not count."""
        return min(self._chunk_seconds, default=0.0)

    async def fetch(self, document: Document, offset: int, limit: int, length: int) -> memoryview:
        """Exactly `length` bytes at `offset`, asked for as `limit` (Telegram's rules hold for offset and limit).

        Raises SourcePaused when every worker must wait, SourceUnavailable, DocumentGone or NotPlayable.
        """
        search = _Search()
        for _ in range(_ATTEMPTS):
            hand = self._choose(document, search)
            try:
                return await self._ask(hand, document, offset, limit, length)
            except RpcFault as fault:
                await self._answer_to(fault, hand, document, search)
            except (ConnectionLost, WrongAnswer) as error:
                self.counters.wrong_answers += isinstance(error, WrongAnswer)
                self.counters.retries += 1
                await search.rest(str(error))
        raise SourceUnavailable(f"Telegram does not give the bytes: {search.trouble}")

    async def locate(self, document: Document) -> Location:
        """Where a worker finds the document. Raises as `fetch`."""
        search = _Search()
        for _ in range(_ATTEMPTS):
            hand = self._choose(document, search)
            try:
                return await hand.references.locate(origin_of(document))
            except RpcFault as fault:
                await self._answer_to(fault, hand, document, search)
            except (ConnectionLost, WrongAnswer) as error:
                await search.rest(str(error))
        raise SourceUnavailable(f"Telegram does not answer: {search.trouble}")

    async def _ask(self, hand: Hand, document: Document, offset: int, limit: int, length: int) -> memoryview:
        location = await hand.references.locate(origin_of(document))
        _check(document, location)
        dc_id = self._moved.get(location.media_id, location.dc_id)
        clock = asyncio.get_running_loop().time
        started = clock()
        self.counters.requests += 1
        try:
            found = await hand.worker.get_file(dc_id, location.query(offset, limit))
        except RpcFault as fault:
            if verdict(fault).kind is Kind.REFERENCE:
                await hand.references.locate(origin_of(document), stale=location)
            raise
        if len(found) != length:
            raise WrongAnswer(f"Telegram gave {len(found)} bytes where {length} are due")
        if limit == CHUNK:
            self._chunk_seconds.append(clock() - started)
        return found

    def _choose(self, document: Document, search: _Search) -> Hand:
        able = [hand for hand in self._hands if hand not in search.barred]
        if not able:
            raise SourceUnavailable(f"no worker may read the document: {search.trouble}", _REFUSED_RETRY_SECONDS)
        waits = {hand: self._wait_seconds(hand, document) for hand in able}
        free = [hand for hand in able if waits[hand] <= 0]
        if not free:
            raise SourcePaused("Telegram asked every worker to wait", min(waits.values()))
        dc_id = self._dc(document)
        chosen = min(free, key=lambda hand: (not hand.worker.ready, hand.worker.load(dc_id), hand.last_used))
        chosen.last_used = next(self._turns)
        return chosen

    def _wait_seconds(self, hand: Hand, document: Document) -> float:
        wait = hand.worker.pause_left(self._dc(document))
        if hand.references.known(origin_of(document)) is None:
            wait = max(wait, hand.worker.pause_left(hand.worker.home))
        return wait

    def _dc(self, document: Document) -> int:
        if (moved := self._moved.get(document.media_id)) is not None:
            return moved
        known = (hand.references.known(origin_of(document)) for hand in self._hands)
        return next((location.dc_id for location in known if location is not None), document.dc_id)

    async def _answer_to(self, fault: RpcFault, hand: Hand, document: Document, search: _Search) -> None:
        search.trouble = fault.message
        found = verdict(fault)
        match found.kind:
            case Kind.PAUSE:
                self.counters.floods += 1  # the worker has noted its pause
            case Kind.MIGRATE:
                self._move(document.media_id, found.value)
            case Kind.REFERENCE:
                search.renewed_by.add(hand)
            case Kind.NO_ACCESS if hand not in search.renewed_by:
                search.renewed_by.add(hand)
                await self._look_again(hand, document, search)
            case Kind.NO_ACCESS | Kind.UNAUTHORISED | Kind.FINAL:
                search.barred.add(hand)  # another worker may
            case Kind.TRANSIENT:
                self.counters.retries += 1
                await search.rest(fault.message)

    async def _look_again(self, hand: Hand, document: Document, search: _Search) -> None:
        """The worker's location may be outdated: see the origin message again, or leave it to other workers."""
        known = hand.references.known(origin_of(document))
        try:
            await hand.references.locate(origin_of(document), stale=known)
        except (RpcFault, ConnectionLost, WrongAnswer) as error:
            search.barred.add(hand)
            search.trouble = str(error)

    def _move(self, media_id: int, dc_id: int) -> None:
        self.counters.migrations += 1
        self._moved[media_id] = dc_id
        while len(self._moved) > _MOVES_KEPT:
            self._moved.popitem(last=False)


def origin_of(document: Document) -> Origin:
    """Raises NotPlayable for a document without an origin message."""
    if document.chat_id is None or document.message_id is None:
        raise NotPlayable("the document's origin message is not known")
    return chat_id_of(document.chat_id), document.message_id


def _check(document: Document, location: Location) -> None:
    if location.media_id != document.media_id:
        raise DocumentGone("the origin message holds another document now")
    if location.size_bytes != document.size_bytes:
        raise NotPlayable(f"Telegram's document has {location.size_bytes} bytes, ours {document.size_bytes}")
