"""The sandbox as a whole: start it, fill it, break it, ask what it saw."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self, final

from .counters import Counters
from .datacenter import Datacenter
from .faults import Faults
from .model import SandboxOptions
from .rsa_key import ServerKey
from .stock import Stock
from .store import Store
from .world import World


@final
class TelegramSandbox(Stock):
    """An MTProto server on loopback: `async with TelegramSandbox(SandboxOptions(...)) as sandbox`.

    `datacenters`: id → (host, port). `public_key_pem`: path of the PEM file; `fingerprint`: the key's name.
    `faults` may be turned at any time; `counters` count from the start.
    """

    def __init__(self, options: SandboxOptions | None = None, faults: Faults | None = None) -> None:
        self.options = options or SandboxOptions()
        self.faults = faults or Faults()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        folder = self.options.data
        if folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-telegram-")
            folder = Path(self._temporary.name)
        self._store = Store(folder)
        self._server_key = ServerKey(folder)
        super().__init__(World(self.options, self._store, self.faults))
        self._datacenters = {
            dc_id: Datacenter(self.world, dc_id, self._server_key) for dc_id in self.options.datacenters
        }

    async def start(self) -> Self:
        """Listen. Raises OSError for a used port."""
        try:
            for dc_id, datacenter in self._datacenters.items():
                port = self.options.port_base + dc_id if self.options.port_base else 0
                await datacenter.start(self.options.host, port)
        except OSError:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """End all connections and close the store; a temporary data folder goes with it."""
        for datacenter in self._datacenters.values():
            await datacenter.close()
        self._store.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def datacenters(self) -> dict[int, tuple[str, int]]:
        """Addresses by datacenter id."""
        return dict(self.world.datacenters)

    @property
    def public_key_pem(self) -> Path:
        """The server's public key (PKCS #1 PEM), as a client's settings name it."""
        return self._server_key.pem_path

    @property
    def fingerprint(self) -> int:
        """The key's signed 64-bit name."""
        return self._server_key.fingerprint

    @property
    def public_key(self) -> tuple[int, int]:
        """Modulus and exponent."""
        return self._server_key.modulus, self._server_key.exponent

    @property
    def counters(self) -> Counters:
        """What was asked and served so far."""
        return self.world.counters

    def sign_out(self, *, dc_id: int | None = None) -> None:
        """Forget who signed in (on one datacenter, or all): calls are answered AUTH_KEY_UNREGISTERED."""
        for key in self._store.keys.values():
            if dc_id in (None, key.dc_id):
                self.world.sign_in(key, None)

    def revoke_token(self, bot_token: str) -> None:
        """Let a bot in no more, and sign it out everywhere."""
        self.world.revoke_token(bot_token)

    def forget_keys(self, *, dc_id: int | None = None) -> None:
        """Forget authorisation keys: whoever uses one is told -404 and closed."""
        for key in list(self._store.keys.values()):
            if dc_id in (None, key.dc_id):
                self._store.drop_key(key)

    def reset_connections(self, *, dc_id: int | None = None) -> int:
        """End connections as a failing network would; gives how many."""
        ended = 0
        for datacenter in self._datacenters.values():
            if dc_id in (None, datacenter.dc_id):
                ended += len(datacenter.connections)
                datacenter.reset_connections()
        return ended

    def hang_connections(self, *, dc_id: int | None = None) -> None:
        """Make all connections of now answer nothing more."""
        for datacenter in self._datacenters.values():
            for connection in datacenter.connections if dc_id in (None, datacenter.dc_id) else ():
                connection.hang()
