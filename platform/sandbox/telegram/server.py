"""The sandbox as a whole: start it, fill it, break it, ask what it saw."""

import hashlib
import secrets
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, final

from . import messages
from .counters import Counters
from .datacenter import Datacenter
from .downloads import stored_bytes
from .faults import Faults
from .model import Channel, Document, DocumentInfo, SandboxOptions, bare_channel_id
from .rsa_key import ServerKey
from .store import Store
from .world import World


@final
class TelegramSandbox:
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
        self.world = World(self.options, self._store, self.faults)
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

    def add_channel(self, channel_id: int, title: str = "Storage") -> int:
        """Make a channel, or leave the one that is there; bots may read and post. Gives its -100… id."""
        bare = bare_channel_id(channel_id)
        row = self._store.channels.get(bare)
        if row is None:
            row = Channel(channel_id=bare, title=title, date=int(self.world.clock()))
            self._store.put_channel(row)
        return row.chat_id

    def add_document(
        self,
        chat_id: int,
        size_bytes: int | None = None,
        *,
        seed: str | None = None,
        path: Path | None = None,
        dc_id: int | None = None,
        advertised_dc_id: int | None = None,
        mime: str = "video/mp4",
        file_name: str = "film.mp4",
        kind: Literal["document", "photo"] = "document",
        text: str = "",
    ) -> DocumentInfo:
        """Post a document in a channel: `size_bytes` of computed content (its id follows from `seed`), or the file at
        `path`, read where it lies. `advertised_dc_id`: what the message says where `dc_id` is to come as a surprise.
        """
        if (size_bytes is None) == (path is None):
            raise ValueError("give either size_bytes or path")
        at = dc_id if dc_id is not None else self.options.home_dc_id
        row = Document(
            media_id=_media_id(seed),
            kind=kind,
            size_bytes=path.stat().st_size if path is not None else size_bytes or 0,
            dc_id=at,
            advertised_dc_id=advertised_dc_id if advertised_dc_id is not None else at,
            mime=mime,
            file_name=file_name,
            path=str(path.resolve()) if path is not None else None,
            date=int(self.world.clock()),
            width=1280,
            height=720,
        )
        self._store.put_document(row)
        channel = self._store.channels[bare_channel_id(chat_id)]
        post = messages.post(self.world, channel, text=text, media_id=row.media_id, author_id=0)
        return self._describe(row, channel, post.message_id, 0)

    def document(self, media_id: int, *, user_id: int = 0) -> DocumentInfo:
        """Describe a document as `user_id` (a bot's id) would name it now, by its first message. Raises KeyError."""
        post = next(post for post in self._store.posts.values() if post.media_id == media_id)
        return self._describe(
            self._store.documents[media_id], self._store.channels[post.channel_id], post.message_id, user_id
        )

    def content(self, media_id: int, start: int, end: int) -> bytes:
        """Bytes [start, end) of any document, cut at its end."""
        return stored_bytes(self.world, self._store.documents[media_id], start, end)

    def move_document(self, media_id: int, dc_id: int, *, advertise: bool = False) -> None:
        """Move a document to another datacenter; the messages go on naming the old one unless told to `advertise`."""
        row = self._store.documents[media_id]
        row.dc_id = dc_id
        row.advertised_dc_id = dc_id if advertise else row.advertised_dc_id
        self._store.put_document(row)

    def expire_references(self, media_id: int) -> None:
        """End every file reference to a document handed out so far."""
        self.world.expire_references(self._store.documents[media_id])

    def delete_message(self, chat_id: int, message_id: int) -> None:
        """Delete a message; its document can be fetched no longer than its references live."""
        self._store.drop_post(self._store.posts[bare_channel_id(chat_id), message_id])

    def sign_out(self, *, dc_id: int | None = None) -> None:
        """Forget who signed in (on one datacenter, or all): calls are answered AUTH_KEY_UNREGISTERED."""
        for key in self._store.keys.values():
            if dc_id in (None, key.dc_id):
                self.world.sign_in(key, None)

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

    def _describe(self, row: Document, channel: Channel, message_id: int, user_id: int) -> DocumentInfo:
        return DocumentInfo(
            media_id=row.media_id,
            access_hash=self.world.access_hash(row.media_id, user_id),
            file_reference=self.world.file_reference(row, user_id),
            size_bytes=row.size_bytes,
            dc_id=row.dc_id,
            chat_id=channel.chat_id,
            message_id=message_id,
            mime=row.mime,
            file_name=row.file_name,
        )


def _media_id(seed: str | None) -> int:
    if seed is None:
        return secrets.randbits(62)
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big") >> 2
