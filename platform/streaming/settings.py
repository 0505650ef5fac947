"""Settings of the streaming core, filled by the runtime."""

from __future__ import annotations

from msgspec import Struct, field


class TelegramSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Telegram is reached.

    `bot_tokens`: one worker each. `storage_channels`: channel id (the Bot API's -100… form) to the owner that it is
    registered to ("platform" or "tenant:<id>"). `datacenters` (id → host, port) and `public_keys` (PEM files) default
    to Telegram's own when empty. `session_dir` None keeps sign-ins in memory: every start signs in anew.
    """

    api_id: int
    api_hash: str
    bot_tokens: tuple[str, ...]
    storage_channels: dict[int, str] = field(default_factory=dict)
    datacenters: dict[int, tuple[str, int]] = field(default_factory=dict)
    public_keys: tuple[str, ...] = ()
    session_dir: str | None = None
    sessions_per_dc: int = 3
    request_timeout_seconds: float = 10.0


class CoreSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the core; sizes in bytes. `parallel_fetches` is for each lane: the disk, or one Telegram datacenter.

    `media_root` is the folder of the disk source. `disk_cache_dir` None switches the disk cache off. `telegram` None
    runs from disk alone.
    """

    media_root: str | None = None
    telegram: TelegramSettings | None = None
    memory_cache_bytes: int = 256 << 20
    disk_cache_dir: str | None = None
    disk_cache_bytes: int = 10 << 30
    stream_window_bytes: int = 8 << 20
    window_total_bytes: int = 512 << 20
    parallel_fetches: int = 16
    patience_seconds: float = 60.0
