"""A stand-in as a whole: served on loopback, with its clock, its store, its faults and its webhooks."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .clock import Clock, MovableClock
from .control import Control
from .exchange import Answer, Receive, Request, Send, in_json, read, write
from .faults import Fate, Faults, Rule
from .serving import DROP, listening, serving
from .store import Store
from .timers import Timers
from .webhooks import Outbox, Renewer, Signer, WebhookFaults

_PULSE_SECONDS = 0.05


class HttpSandbox:
    """What every stand-in has; each says what it answers (`answer`) and what its timers do (`deeds`).

    `faults` (requests) and `webhook_faults` may be turned at any time. `counters` count requests by route and answers
    by status. State lives as long as the object, or in `data` where a folder is named.
    """

    def __init__(
        self,
        *,
        data: Path | None,
        port: int,
        clock: Clock | None,
        sign: Signer,
        retry_seconds: tuple[float, ...],
        renew: Renewer | None = None,
    ) -> None:
        self._port = port
        self.store = Store(data)
        ahead = self.store.get("sandbox", "clock") or {"ahead_seconds": 0.0}
        self.clock = MovableClock(clock or time.time, ahead["ahead_seconds"])
        self.timers = Timers(self.store, self.clock)
        self.faults = Faults()
        self.outbox = Outbox(self.store, self.clock, sign, retry_seconds, renew)
        self.counters: Counter[str] = Counter()
        self.url = ""
        self.control = Control(self)
        self._stack = AsyncExitStack()
        self._closing = asyncio.Event()

    async def answer(self, request: Request, rule: Rule | None) -> Answer:
        """Answer a request; `rule` is a fault that the service itself has to show (slow, 429, 500, 503)."""
        raise LookupError(request.path)

    def deeds(self) -> Mapping[str, Callable[[str], object]]:
        """What timers do, by name."""
        return {}

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """What can be commanded over HTTP, beside what every stand-in can."""
        return {}

    @property
    def webhook_faults(self) -> WebhookFaults:
        """The knobs of webhooks."""
        return self.outbox.faults

    async def start(self) -> Self:
        """Listen. Raises OSError for a used port."""
        async with AsyncExitStack() as stack:
            listener, port = await stack.enter_async_context(listening(self._port))
            self.url = f"http://127.0.0.1:{port}"
            await stack.enter_async_context(serving(self, listener))
            for work in (self.outbox.run(), self._pulse()):
                stack.push_async_callback(_ended, asyncio.create_task(work))
            stack.callback(self._closing.set)
            self._stack = stack.pop_all()
        return self

    async def close(self) -> None:
        """Stop answering and write what is kept; the store cannot be used afterwards."""
        await self._stack.aclose()
        self.store.close()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def advance(self, seconds: float) -> None:
        """Let time pass at once, and let happen what is due by then."""
        self.clock.advance(seconds)
        self.store.put("sandbox", "clock", {"ahead_seconds": self.clock.ahead_seconds})
        self.tick()
        self.outbox.wake()

    def tick(self) -> None:
        """Let happen what is due by now."""
        for deed, subject in self.timers.due():
            self.deeds()[deed](subject)
        self.store.commit()

    async def delivered(self, timeout_seconds: float = 10.0) -> None:
        """Wait until every webhook that is due has been sent. Raises TimeoutError."""
        self.tick()
        await self.outbox.drain(timeout_seconds)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One request, over ASGI."""
        request = await read(scope, receive)
        self.tick()
        if request.path.startswith("/_sandbox/"):
            await write(in_json(*self.control.obey(request)), send)
            return
        rule = self.faults.of(request.method, request.path)
        if rule:
            self.counters[f"fault {rule.fate}"] += 1
        if rule and rule.fate in {Fate.DROP_BEFORE, Fate.HANG_BEFORE}:
            await self._leave(rule.fate, scope, receive)
            return
        answer = await self.answer(request, rule)
        self.store.commit()
        self.counters[f"status {answer.status}"] += 1
        if rule and rule.fate in {Fate.DROP_AFTER, Fate.HANG_AFTER}:
            await self._leave(rule.fate, scope, receive)
            return
        await write(answer, send)

    async def _leave(self, fate: Fate, scope: Any, receive: Receive) -> None:
        """Answer nothing: at once, or when the client has given up."""
        gone = asyncio.create_task(_disconnected(receive))
        if fate in {Fate.HANG_BEFORE, Fate.HANG_AFTER}:
            closing = asyncio.create_task(self._closing.wait())
            await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
            closing.cancel()
        scope["extensions"][DROP]["abort"]()
        await gone

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(_PULSE_SECONDS)
            self.tick()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
