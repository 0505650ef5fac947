"""The AES-256-IGE provider: WarpCrypto, or TgCrypto where it has no wheel."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

Cipher = Callable[[bytes, bytes, bytes], bytes]


class CryptoMissing(ImportError):
    """Neither provider can be loaded."""


class Provider(NamedTuple):
    """`name` is the module that does the work. `decrypt` and `encrypt` take (data, key, iv), all bytes."""

    name: str
    decrypt: Cipher
    encrypt: Cipher
    module: ModuleType


_PROVIDERS = ("warpcrypto", "tgcrypto")
_SHAPE = ("ige256_encrypt", "ige256_decrypt", "ctr256_encrypt", "ctr256_decrypt")


def install() -> Provider:
    """Choose the provider and put it behind kurigram's `crypto.aes`, which knows TgCrypto by name alone.

    Call before pyrogram is imported: where TgCrypto has no wheel, pyrogram cannot be imported without. Idempotent.
    Raises CryptoMissing.
    """
    provider = _load()
    if provider.name != "tgcrypto":
        stand_in = ModuleType("tgcrypto", f"{provider.name} under TgCrypto's name")
        for function in _SHAPE:
            setattr(stand_in, function, getattr(provider.module, function))
        sys.modules["tgcrypto"] = stand_in
        if (loaded := sys.modules.get("pyrogram.crypto.aes")) is not None:
            loaded.__dict__["tgcrypto"] = stand_in
    return provider


def _load() -> Provider:
    for name in _PROVIDERS:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        return Provider(name, module.ige256_decrypt, module.ige256_encrypt, module)
    raise CryptoMissing("Telegram needs the package warpcrypto or tgcrypto; neither can be loaded")
