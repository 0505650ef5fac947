"""What the sandbox keeps: keys, channels, posts and documents; and what it hands out about them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

Clock = Callable[[], float]

CHANNEL_PREFIX = -1_000_000_000_000
MAX_UPLOAD_BYTES = 2000 * 1024 * 1024


class AuthKey(msgspec.Struct, kw_only=True):
    """An authorisation key of one datacenter, and the account that signed in with it (None: nobody yet)."""

    dc_id: int
    key_id: bytes
    secret: bytes
    first_salt: int
    created_at: float
    user_id: int | None = None


class Channel(msgspec.Struct, kw_only=True):
    """A channel by its bare id (positive, without the -100 prefix of the Bot API)."""

    channel_id: int
    title: str
    date: int
    last_message_id: int = 0

    @property
    def chat_id(self) -> int:
        """The id as the Bot API and kurigram spell it: -100…"""
        return CHANNEL_PREFIX - self.channel_id


class Post(msgspec.Struct, kw_only=True):
    """One message of a channel."""

    channel_id: int
    message_id: int
    date: int
    text: str = ""
    media_id: int | None = None
    author_id: int = 0
    random_id: int = 0


class Document(msgspec.Struct, kw_only=True):
    """A stored file. `path` None: its bytes are computed (`content`). `attributes` is a serialised TL vector."""

    media_id: int
    kind: Literal["document", "photo"] = "document"
    size_bytes: int
    dc_id: int
    advertised_dc_id: int
    mime: str
    file_name: str
    attributes: bytes = b""
    path: str | None = None
    date: int = 0
    width: int = 0
    height: int = 0
    reference_generation: int = 0


class DocumentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A document as account `user_id` may name it in requests. `chat_id` is the Bot API's spelling (-100…)."""

    media_id: int
    access_hash: int
    file_reference: bytes
    size_bytes: int
    dc_id: int
    chat_id: int
    message_id: int
    mime: str
    file_name: str


class SandboxOptions(msgspec.Struct, kw_only=True):
    """How a sandbox is set up.

    data: its folder (None: a temporary one, removed at the end). port_base: DC n listens on port_base + n
    (0: ports chosen by the system). bot_tokens: who may sign in (None: every well-formed token).
    access_hash_per_account: as Telegram does it; off, one hash (that of `DocumentInfo`) serves every account.
    home_dc_id: where bots live; signing in elsewhere is answered USER_MIGRATE. salt_seconds: life of a server salt.
    """

    data: Path | None = None
    host: str = "127.0.0.1"
    port_base: int = 0
    datacenters: tuple[int, ...] = (2, 4)
    home_dc_id: int = 2
    bot_tokens: tuple[str, ...] | None = None
    access_hash_per_account: bool = True
    salt_seconds: int = 1800
    clock: Clock = time.time


def bare_channel_id(chat_id: int) -> int:
    """Take a channel's id in either spelling and give the bare one."""
    return CHANNEL_PREFIX - chat_id if chat_id < 0 else chat_id
