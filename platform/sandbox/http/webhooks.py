"""Webhooks: sent until they are taken, and each thing that can happen to one on its way."""

import asyncio
import json
import random
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import httpx
import msgspec

from .clock import Clock
from .store import Document, Store

Signer = Callable[[Document, bytes, str, float], dict[str, str]]
"""Headers for a delivery: the delivery, the body, the secret, and the time that it is said to be sent at."""
Renewer = Callable[[Document], None]
"""Changes a refused delivery before it comes again."""
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 10.0


@cache
def _trusted() -> ssl.SSLContext:
    """Made once: it takes a tenth of a second."""
    return ssl.create_default_context()


def _reached(url: str) -> tuple[str, str]:
    """Where to post, and to which host: names below localhost are this machine, which not every resolver knows."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, parts.netloc
    return url.replace(parts.netloc, f"127.0.0.1:{parts.port or 80}", 1), parts.netloc


class WebhookFaults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The knobs, all off. `…_every` N concerns each Nth sending.

    paused: nothing is sent. hold: nothing is sent until so many wait, then all of them go. order: how those that are
    due together go. delay_seconds, jitter_seconds: how much later they are due. duplicate_every: sent twice.
    lose_every: never sent, nor again. wrong_secret_every: signed with another secret. timestamp_offset_seconds: the
    signature's time is off by so much. reencode_every: the same JSON in other bytes than were signed. garble_every:
    bytes that are no UTF-8.
    """

    paused: bool = False
    hold: int = 0
    order: Literal["as_made", "reversed", "shuffled"] = "as_made"
    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    duplicate_every: int = 0
    lose_every: int = 0
    wrong_secret_every: int = 0
    timestamp_offset_seconds: float = 0.0
    reencode_every: int = 0
    garble_every: int = 0

    def set(self, **knobs: object) -> None:
        """Turn knobs by name. Raises AttributeError for a name that there is not, ValidationError for a value."""
        for name in knobs:
            if name not in self.__struct_fields__:
                raise AttributeError(f"no knob is called {name}")
        checked = msgspec.convert({**msgspec.structs.asdict(self), **knobs}, WebhookFaults)
        for name in knobs:
            setattr(self, name, getattr(checked, name))

    def clear(self) -> None:
        """Turn all off."""
        for name, value in msgspec.structs.asdict(WebhookFaults()).items():
            setattr(self, name, value)


class Outbox:
    """Deliveries that wait. `retry_seconds`: the pause after each refusal; after the last one it is given up."""

    def __init__(
        self, store: Store, clock: Clock, sign: Signer, retry_seconds: tuple[float, ...], renew: Renewer | None = None
    ) -> None:
        self.faults = WebhookFaults()
        self._store = store
        self._clock = clock
        self._sign = sign
        self._retry_seconds = retry_seconds
        self._renew = renew
        self._waiting = {each["id"]: each for each in store.all("delivery") if each["state"] == "waiting"}
        self._woken = asyncio.Event()
        self._sending = False
        self._count = 0

    @property
    def waiting(self) -> list[Document]:
        """Deliveries that are not through, oldest first."""
        return list(self._waiting.values())

    def put(self, url: str, secret: str, body: bytes, **about: str | bool | None) -> Document:
        """Send this as soon as the knobs let it. `about` is kept with the delivery; `retried` False: tried once."""
        delay = self.faults.delay_seconds + random.random() * self.faults.jitter_seconds
        delivery: Document = {
            "id": secrets.token_urlsafe(12),
            "url": url,
            "secret": secret,
            "body": body.decode(),
            "state": "waiting",
            "made": self._clock(),
            "at": self._clock() + delay,
            "answers": [],
            **about,
        }
        self._waiting[delivery["id"]] = delivery
        self._keep(delivery)
        self.wake()
        return delivery

    def wake(self) -> None:
        """Look again what is due."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        async with httpx.AsyncClient(verify=_trusted(), timeout=_ANSWER_SECONDS, trust_env=False) as client:
            while True:
                self._woken.clear()
                for delivery in self._due():
                    self._sending = True
                    await self._deliver(client, delivery)
                    self._store.commit()
                self._sending = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS if self._waiting else None)

    async def drain(self, timeout_seconds: float) -> None:
        """Wait until nothing is due now. Raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds):
            while self._sending or self._due(peek=True):  # noqa: ASYNC110 - knobs and clocks end it as well
                await asyncio.sleep(_POLL_SECONDS / 4)

    def _due(self, *, peek: bool = False) -> list[Document]:
        faults, now = self.faults, self._clock()
        due = [each for each in self._waiting.values() if each["at"] <= now]
        if faults.paused or len(due) < faults.hold:
            return []
        if not peek and faults.order != "as_made":
            due.reverse() if faults.order == "reversed" else random.shuffle(due)
        return due

    async def _deliver(self, client: httpx.AsyncClient, delivery: Document) -> None:
        self._count += 1
        if self._turn(self.faults.lose_every):
            self._end(delivery, "lost")
            return
        status = 0
        for _ in range(2 if self._turn(self.faults.duplicate_every) else 1):
            status = await self._post(client, delivery)
        delivery["answers"].append({"status": status, "at": self._clock()})
        if 200 <= status < 300:
            self._end(delivery, "delivered")
        elif len(delivery["answers"]) > len(self._retry_seconds) or not delivery.get("retried", True):
            self._end(delivery, "failed")
        else:
            delivery["at"] = self._clock() + self._retry_seconds[len(delivery["answers"]) - 1]
            if self._renew is not None:
                self._renew(delivery)
            self._keep(delivery)

    async def _post(self, client: httpx.AsyncClient, delivery: Document) -> int:
        faults = self.faults
        body: bytes = delivery["body"].encode()
        secret = secrets.token_hex(16) if self._turn(faults.wrong_secret_every) else delivery["secret"]
        headers = self._sign(delivery, body, secret, self._clock() + faults.timestamp_offset_seconds)
        if self._turn(faults.reencode_every):
            body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
        if self._turn(faults.garble_every):
            body = b"\xff\xfe" + body
        url, host = _reached(delivery["url"])
        sent = {"content-type": "application/json; charset=utf-8", "host": host, **headers}
        try:
            answer = await client.post(url, content=body, headers=sent)
        except httpx.HTTPError:
            return 0
        return answer.status_code

    def _turn(self, every: int) -> bool:
        return every > 0 and self._count % every == 0

    def _end(self, delivery: Document, state: str) -> None:
        delivery["state"] = state
        self._waiting.pop(delivery["id"], None)
        self._keep(delivery)

    def _keep(self, delivery: Document) -> None:
        self._store.put("delivery", delivery["id"], delivery)
