"""Every setting of the product, with its default: a TOML file (`MARQUEE_CONFIG`) under `MARQUEE_*` variables.

`telegram.api_id` is `MARQUEE_TELEGRAM__API_ID` in the environment; a secret may come from a file by `…_FILE`
(`MARQUEE_TELEGRAM__API_HASH_FILE`). `MONGODB_URI` and `REDIS_URL` (and their `_FILE`) are taken as they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from runtime.address import Address
from runtime.billing_settings import Billing, Btcpay, Stripe
from runtime.sections import Positive, Secret, Section
from tenancy.mail.letters import address_of

Role = Literal["web", "stream", "jobs", "all"]


class Mongodb(Section, frozen=True):
    # Where MongoDB is: a replica set or a sharded cluster. Empty: the embedded mongod of the home. Also MONGODB_URI.
    uri: Secret | None = None
    # The database that holds everything.
    database: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,63}$")] = "marquee"


class Redis(Section, frozen=True):
    # Where Redis or Valkey is (redis://, rediss://). Empty: the embedded Valkey of the home. Also REDIS_URL.
    url: Secret | None = None


class Platform(Section, frozen=True):
    # The host name that serves the platform's own consoles and API; never a tenant's domain.
    host: Annotated[str, Meta(min_length=1)] = "platform.localhost"


class Internal(Section, frozen=True):
    # Where metrics, health and the proxy's TLS question are answered. Keep it off the public network.
    listen: Address = Address("127.0.0.1", 9180)


class Proxy(Section, frozen=True):
    # Networks (CIDR) whose X-Forwarded-* headers are believed; nobody's by default.
    trusted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for network in self.trusted:
            ip_network(network, strict=False)


class Telegram(Section, frozen=True):
    # From my.telegram.org. Without api_id, api_hash and a bot token films in Telegram do not play; disk sources do.
    api_id: Positive | None = None
    api_hash: Secret | None = None
    # The bots that download, comma-separated in the environment, one a line in a file.
    bot_tokens: tuple[Secret, ...] = ()
    # Storage channels and the one owner that each belongs to: {"-100123" = "platform", "-100456" = "tenant:acme"}.
    storage_channels: dict[int, Annotated[str, Meta(pattern=r"^(platform|tenant:.+)$")]] = field(default_factory=dict)
    # Data centres (id → host:port) and the PEM files of their public keys; Telegram's own when empty.
    datacenters: dict[int, Address] = field(default_factory=dict)
    public_keys: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        given = (self.api_id is not None, self.api_hash is not None, bool(self.bot_tokens))
        if any(given) and not all(given):
            raise ValueError("api_id, api_hash and bot_tokens belong together: set all three or none")

    @property
    def configured(self) -> bool:
        """Whether there is anything to sign in to Telegram with."""
        return bool(self.bot_tokens)


class TelegramLogin(Section, frozen=True):
    # Who vouches for viewers: Telegram's own, unless a sandbox stands in for it. The bots are each tenant's own.
    issuer: Annotated[str, Meta(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)(:|$))[^?#]*[^/?#]$")] = (
        "https://oauth.telegram.org"
    )
    # The login widget's script; it loads after a click alone.
    widget_script: Annotated[str, Meta(pattern=r"^https://[^\s;,'\"]+$")] = (
        "https://telegram.org/js/telegram-widget.js?22"
    )
    # The Ed25519 key (64 hex digits) with which Telegram signs the data of Mini Apps.
    public_key: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}$")] = (
        "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"
    )


class Media(Section, frozen=True):
    # A directory below which disk sources lie; titles may only name files inside it. Empty: HOME/media.
    root: Path | None = None


class ChunkCache(Section, frozen=True):
    # Memory and disk that fetched chunks may take, in bytes. The directory is HOME/cache when empty.
    memory_bytes: Positive = 256 << 20
    disk_bytes: Annotated[int, Meta(ge=0)] = 2 << 30
    directory: Path | None = None


class Limits(Section, frozen=True):
    # Streams that a viewer may run at once, by role.
    streams_free: Positive = 2
    streams_premium: Positive = 4
    streams_admin: Positive = 8
    # Seconds that a client may take for a request's head, be silent within its body, and idle between requests.
    head_seconds: Positive = 15
    body_seconds: Positive = 30
    idle_seconds: Positive = 75
    # Seconds that running responses get to end after SIGTERM.
    shutdown_seconds: Positive = 10


class Links(Section, frozen=True):
    # Signing keys by key id (64 hex digits each), all of them accepted. Empty: two are made once and kept in HOME/keys.
    # Machines that serve the same tenants need the same keys.
    keys: dict[str, Secret] = field(default_factory=dict)
    # The key id that signs; the others only verify.
    current: str | None = None

    def __post_init__(self) -> None:
        if not all(re.fullmatch("[0-9a-fA-F]{64}", secret) for secret in self.keys.values()):
            raise ValueError("every key is 64 hex digits")
        if len(self.keys) > 2:
            raise ValueError("at most two keys are live at once")
        if self.current is not None and self.current not in self.keys:
            raise ValueError("current must be one of links.keys")
        if self.keys and self.current is None:
            raise ValueError("current must name one of links.keys")


class Mail(Section, frozen=True):
    # The mail server that letters to viewers go through. Empty: letters are only noted in the log.
    host: str | None = None
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    # starttls on 587, tls on 465; none only for a server on this machine.
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    # The address that letters come from; each tenant's name stands before it.
    sender: str | None = None

    def __post_init__(self) -> None:
        if self.host is None:
            return
        if self.sender is None:
            raise ValueError("sender is needed beside host")
        address_of(self.sender)
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")


class Log(Section, frozen=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    # `json` writes one object a line.
    format: Literal["text", "json"] = "text"


class Settings(Section, frozen=True):
    # Engines, caches, keys and metering segments live here.
    home: Path = field(default_factory=lambda: default_home(os.environ))
    # Where tenants' sites are served.
    listen: Address = Address("127.0.0.1", 8080)
    # Which work this process does.
    role: Role = "all"
    mongodb: Mongodb = Mongodb()
    redis: Redis = Redis()
    platform: Platform = Platform()
    internal: Internal = Internal()
    proxy: Proxy = Proxy()
    telegram: Telegram = field(default_factory=Telegram)
    telegram_login: TelegramLogin = TelegramLogin()
    media: Media = Media()
    cache: ChunkCache = ChunkCache()
    limits: Limits = Limits()
    links: Links = field(default_factory=Links)
    mail: Mail = Mail()
    billing: Billing = Billing()
    stripe: Stripe = field(default_factory=Stripe)
    btcpay: Btcpay = Btcpay()
    log: Log = Log()

    @property
    def cache_directory(self) -> Path:
        """Where chunks are cached on disk."""
        return self.cache.directory or self.home / "cache"

    @property
    def media_root(self) -> Path:
        """The directory that disk sources may not leave."""
        return self.media.root or self.home / "media"


def default_home(environ: Mapping[str, str]) -> Path:
    """The home where none is set: the user's data directory (XDG)."""
    data = environ.get("XDG_DATA_HOME") or Path(environ.get("HOME") or "/var/lib") / ".local" / "share"
    return Path(data) / "marquee"
