"""News between processes: sent by pub/sub, and written down in MongoDB for those whom pub/sub does not reach.

Each topic is one document with a generation that counts its events and the last of their payloads. A message carries
its generation, so a process notices a gap and reads what it missed; besides it looks at the generations by itself,
twice a second while pub/sub is unhealthy. Every process sees each event once and in order.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, final

import msgspec
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from storage.errors import StorageUnavailable
from storage.mongo import Database, Stored, collection_of, edge
from storage.valkey import Cache, closed, publish, subscription

Handler = Callable[[Mapping[str, Any]], Awaitable[None]]

_CHANNEL: Final = "marquee:events"
_KEPT: Final = 64
_UNHEALTHY_POLL_SECONDS: Final = 0.5
_HEALTHY_POLL_SECONDS: Final = 1.0
_RECONNECT_SECONDS: Final = 0.5
_CANCEL_AGAIN_SECONDS: Final = 0.1
_LOST: Final[Mapping[str, Any]] = {}
_log = logging.getLogger(__name__)


class Event(msgspec.Struct):
    """One message on the wire."""

    topic: str
    generation: int
    payload: dict[str, Any]


@final
class Events:
    """`async with Events(database, cache) as events`. Subscribe before entering; handlers run one at a time.

    A handler gets the payload. An empty payload says that events were lost and anything of the topic may have
    changed. A handler that raises is logged and does not stop the others.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        self._topics = collection_of(database, "events")
        self._cache = cache
        self._handlers: dict[str, list[Handler]] = {}
        self._seen: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._delivering = asyncio.Lock()
        self._healthy = False

    @property
    def healthy(self) -> bool:
        """Whether pub/sub is connected; while it is not, news take up to half a second."""
        return self._healthy

    def subscribe(self, topic: str, handler: Handler) -> None:
        """Calls the handler for every event of the topic from now on."""
        self._handlers.setdefault(topic, []).append(handler)

    async def publish(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Writes the event down, then sends it. Raises StorageUnavailable only when it could not be written down."""
        if not payload:
            raise ValueError("an event says what happened: its payload is not empty")
        with edge:
            found: Stored | None = await self._topics.find_one_and_update(
                {"_id": topic},
                {"$inc": {"generation": 1}, "$push": {"recent": {"$each": [dict(payload)], "$slice": -_KEPT}}},
                projection={"generation": 1},
                upsert=True,
                return_document=True,
            )
        if found is None:
            raise StorageUnavailable("MongoDB did not say what it wrote")
        event = Event(topic, int(found["generation"]), dict(payload))
        with contextlib.suppress(StorageUnavailable):  # the generation tells those who listen in vain
            await publish(self._cache, _CHANNEL, msgspec.json.encode(event))

    async def __aenter__(self) -> "Events":
        """Starts listening from the present generation. Raises StorageUnavailable."""
        self._seen = {topic: generation for topic, (generation, _) in (await self._read()).items()}
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]
        return self

    async def __aexit__(self, *_exit: object) -> None:
        """Stops listening; a handler that runs is cancelled."""
        pending = set(self._tasks)
        while pending:
            # Again and again: a cancellation that meets a time-out inside the driver is lost there.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN_SECONDS)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._healthy = False

    async def _read(self) -> dict[str, tuple[int, list[dict[str, Any]]]]:
        with edge:
            found: list[Stored] = await self._topics.find({"_id": {"$in": list(self._handlers)}}).to_list()
        return {each["_id"]: (int(each["generation"]), each["recent"]) for each in found}

    async def _generations(self) -> dict[str, int]:
        with edge:
            found = await self._topics.find({"_id": {"$in": list(self._handlers)}}, {"generation": 1}).to_list()
        return {each["_id"]: int(each["generation"]) for each in found}

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_HEALTHY_POLL_SECONDS if self._healthy else _UNHEALTHY_POLL_SECONDS)
            with contextlib.suppress(StorageUnavailable):  # asked again in a moment
                generations = await self._generations()
                if any(generation > self._seen.get(topic, 0) for topic, generation in generations.items()):
                    await self._catch_up()

    async def _catch_up(self) -> None:
        async with self._delivering:
            for topic, (generation, recent) in (await self._read()).items():
                missed = generation - self._seen.get(topic, 0)
                if missed <= 0:
                    continue
                self._seen[topic] = generation
                payloads = recent[-missed:] if missed <= len(recent) else [_LOST]
                for payload in payloads:
                    await self._deliver(topic, payload)

    async def _receive(self, data: bytes) -> None:
        try:
            event = msgspec.json.decode(data, type=Event)
        except msgspec.DecodeError:
            _log.warning("something else speaks on the channel %s", _CHANNEL)
            return
        if event.topic not in self._handlers:
            return
        async with self._delivering:
            seen = self._seen.get(event.topic, 0)
            if event.generation <= seen:
                return
            if event.generation == seen + 1:
                self._seen[event.topic] = event.generation
                await self._deliver(event.topic, event.payload)
                return
        await self._catch_up()

    async def _deliver(self, topic: str, payload: Mapping[str, Any]) -> None:
        for handler in self._handlers[topic]:
            try:
                await handler(payload)
            except Exception:  # noqa: BLE001 - one reader's fault is not the others'
                _log.exception("a handler of topic %s failed", topic)

    async def _listen(self) -> None:
        while True:
            listener = subscription(self._cache)
            try:
                await listener.subscribe(_CHANNEL)
                self._healthy = True
                await self._catch_up()  # what was said before the subscription stood
                await self._hear(listener)
            except (RedisError, OSError, StorageUnavailable) as error:
                _log.warning("pub/sub is not to be had, generations are polled: %s", error)
            finally:
                self._healthy = False
                with contextlib.suppress(RedisError, OSError):
                    await closed(listener)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hear(self, listener: PubSub) -> None:
        while True:
            message = await listener.get_message(timeout=_HEALTHY_POLL_SECONDS)
            if message is not None and isinstance(data := message["data"], bytes):
                await self._receive(data)
