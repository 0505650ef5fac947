"""One bot account: its keys, its sessions in every datacenter, its pauses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeVar

from streaming.settings import TelegramSettings
from streaming.telegram.datacenters import Datacenters
from streaming.telegram.faults import ConnectionLost, KeyUnknown, Kind, RpcFault, WrongAnswer, verdict
from streaming.telegram.keys import AuthKey, KeyStore
from streaming.telegram.pool import Pool
from streaming.telegram.queries import sign_in
from streaming.telegram.schema import TL, raw
from streaming.telegram.session import Session

log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOK_AGAIN_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 1.0


class Worker:
    """Signs in where its account lives, takes its authorisation to other datacenters, and calls.

    Losing a sign-in, a key or connections is mended here; floods pause this worker in that datacenter alone.
    """

    def __init__(
        self, token: str, settings: TelegramSettings, datacenters: Datacenters, store: KeyStore, executor: Executor
    ) -> None:
        self.name = f"worker {token.partition(':')[0]}"
        self.reauthorised = 0
        self._token = token
        self._settings = settings
        self._datacenters = datacenters
        self._store = store
        self._keyring = store.load()
        self._keyring.home = datacenters.home(self._keyring.home)
        self._executor = executor
        self._pools: dict[int, Pool] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._paused_until: dict[int, float] = {}
        self._keeper: asyncio.Task[None] | None = None
        self.tried = asyncio.Event()

    @property
    def home(self) -> int:
        """The datacenter that the account lives in."""
        return self._keyring.home

    @property
    def ready(self) -> bool:
        """Signed in and connected at home."""
        return self.home in self._pools and self._pools[self.home].open_sessions > 0

    @property
    def open_sessions(self) -> int:
        return sum(pool.open_sessions for pool in self._pools.values())

    @property
    def connections_lost(self) -> int:
        return sum(pool.lost for pool in self._pools.values())

    def load(self, dc_id: int) -> int:
        """Calls under way in one datacenter."""
        return self._pools[dc_id].in_flight if dc_id in self._pools else 0

    def pause(self, dc_id: int, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        self._paused_until[dc_id] = max(self._paused_until.get(dc_id, 0.0), until)

    def pause_left(self, dc_id: int) -> float:
        """Seconds until this worker may call that datacenter again; 0 for now."""
        return max(self._paused_until.get(dc_id, 0.0) - asyncio.get_running_loop().time(), 0.0)

    def start(self) -> None:
        """Connect in the background and stay connected."""
        self._keeper = asyncio.create_task(self._keep(), name=f"{self.name} keeper")

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for pool in list(self._pools.values()):
            await pool.close()

    async def invoke(self, query: TL) -> Any:
        """Call at home. Raises RpcFault, ConnectionLost or WrongAnswer; a flood pauses the worker there."""
        try:
            return await self._call(self.home, lambda session: session.invoke(query))
        except RpcFault as fault:
            found = verdict(fault)
            if found.kind is not Kind.MIGRATE:
                raise
            self._move_home(found.value)
        return await self._call(self.home, lambda session: session.invoke(query))

    async def get_file(self, dc_id: int, query: TL) -> memoryview:
        """Call upload.getFile in one datacenter. Raises as `invoke`."""
        return await self._call(dc_id, lambda session: session.get_file(query))

    async def _call(self, dc_id: int, call: Callable[[Session], Awaitable[T]]) -> T:
        session = await self._session(dc_id)
        seen = session.key.authorisations
        try:
            return await self._watched(session, call)
        except RpcFault as fault:
            if verdict(fault).kind is not Kind.UNAUTHORISED:
                raise
            await self._authorise_again(session, seen)
        return await self._watched(session, call)

    async def _watched(self, session: Session, call: Callable[[Session], Awaitable[T]]) -> T:
        try:
            return await call(session)
        except KeyUnknown:
            self._forget(session.key)
            raise
        except RpcFault as fault:
            if (found := verdict(fault)).kind is Kind.PAUSE:
                self.pause(session.key.dc_id, found.value)
            raise

    async def _session(self, dc_id: int) -> Session:
        pool = self._pools.get(dc_id)
        if pool is None:
            name = f"{self.name} dc{dc_id}"
            pool = self._pools[dc_id] = Pool(name, self._settings.sessions_per_dc, lambda: self._connect(dc_id))
        return await pool.session()

    async def _connect(self, dc_id: int) -> Session:
        key = self._keyring.keys.get(dc_id)
        if key is None:
            key = self._keyring.keys[dc_id] = await self._datacenters.agree_on_key(dc_id)
        timeout = self._settings.request_timeout_seconds
        session = Session(key, api_id=self._settings.api_id, timeout_seconds=timeout, executor=self._executor)
        try:
            await session.connect(*self._datacenters.address(dc_id))
            self._datacenters.learn(session.config)
            if not key.authorisations:
                await self._authorise_again(session, 0)
        except BaseException as error:
            if isinstance(error, KeyUnknown):
                self._forget(key)
            await session.close()
            raise
        return session

    async def _authorise_again(self, session: Session, seen: int) -> None:
        """Authorise the session's key, once for all who found it unauthorised at `seen` authorisations."""
        key = session.key
        async with self._locks.setdefault(key.dc_id, asyncio.Lock()):
            if key.authorisations != seen:
                return
            self.reauthorised += seen > 0
            if key.dc_id == self.home:
                await self._watched(session, lambda on: on.invoke(sign_in(self._settings, self._token)))
            else:
                await self._import(session)
            key.authorisations += 1
            self._store.save(self._keyring)

    async def _import(self, session: Session) -> None:
        exported = await self.invoke(raw.functions.auth.ExportAuthorization(dc_id=session.key.dc_id))
        query = raw.functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
        await self._watched(session, lambda on: on.invoke(query))

    def _move_home(self, dc_id: int) -> None:
        log.info("%s lives in dc%d", self.name, dc_id)
        self._keyring.home = dc_id
        self._store.save(self._keyring)

    def _forget(self, key: AuthKey) -> None:
        if self._keyring.keys.get(key.dc_id) is key:
            log.warning("dc%d does not know the key of %s any more", key.dc_id, self.name)
            del self._keyring.keys[key.dc_id]
            self._store.save(self._keyring)

    async def _keep(self) -> None:
        said = ""
        while True:
            try:
                await self.invoke(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
            except (ConnectionLost, RpcFault, WrongAnswer) as error:
                if str(error) != said:
                    log.warning("%s cannot work: %s", self.name, error)
                said = str(error)
                self.tried.set()
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                if said:
                    log.info("%s works again", self.name)
                said = ""
                self.tried.set()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
