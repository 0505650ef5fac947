"""The streaming core's settings, taken from the product's."""

from __future__ import annotations

from runtime.settings import Settings
from streaming.settings import CoreSettings, TelegramSettings


def core_settings(settings: Settings) -> CoreSettings:
    """What the core needs to know. Without Telegram it runs from disk alone."""
    return CoreSettings(
        media_root=str(settings.media_root),
        telegram=_telegram(settings),
        memory_cache_bytes=settings.cache.memory_bytes,
        disk_cache_dir=str(settings.cache_directory / "chunks") if settings.cache.disk_bytes else None,
        disk_cache_bytes=settings.cache.disk_bytes,
    )


def _telegram(settings: Settings) -> TelegramSettings | None:
    telegram = settings.telegram
    if telegram.api_id is None or telegram.api_hash is None:
        return None
    return TelegramSettings(
        api_id=telegram.api_id,
        api_hash=telegram.api_hash,
        bot_tokens=telegram.bot_tokens,
        storage_channels=telegram.storage_channels,
        datacenters={number: (address.host, address.port) for number, address in telegram.datacenters.items()},
        public_keys=tuple(str(path) for path in telegram.public_keys),
        session_dir=str(settings.home / "sessions"),
    )
