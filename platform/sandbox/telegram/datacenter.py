"""One datacenter: a listening port, its connections, its sessions."""

import asyncio
from typing import final

from . import accounts, downloads, messages, parts
from .connection import Connection
from .desk import Desk
from .inbox import Inbox
from .rpc import Methods
from .rsa_key import ServerKey
from .world import World


@final
class Datacenter:
    """Listens on one port for one datacenter id."""

    def __init__(self, world: World, dc_id: int, server_key: ServerKey) -> None:
        self.world = world
        self.dc_id = dc_id
        self.server_key = server_key
        self.connections: set[Connection] = set()
        self.inbox = Inbox(world)
        tables = (accounts.HANDLERS, messages.HANDLERS, downloads.HANDLERS, parts.HANDLERS)
        self.desk = Desk(world, Methods(*tables))
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen, and name the address in the world's list. Raises OSError for a used port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        address = self._server.sockets[0].getsockname()
        self.world.datacenters[self.dc_id] = (host, address[1])

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            return
        self._server.close()
        self.reset_connections()
        await self._server.wait_closed()
        # aborted transports report their end in the loop's next turn
        await asyncio.sleep(0)

    def reset_connections(self) -> None:
        """End every connection at once, as a failing network would."""
        for connection in list(self.connections):
            connection.reset()
