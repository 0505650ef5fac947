"""The AES-256-IGE provider: WarpCrypto, or TgCrypto where it has no wheel. CTR is OpenSSL's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

Ige = Callable[[bytes, bytes, bytes], bytes]


class CryptoMissing(ImportError):
    """Neither provider can be loaded."""


class Provider(NamedTuple):
    """`name` is the module that does the work. `decrypt` and `encrypt` take (data, key, iv), all bytes."""

    name: str
    decrypt: Ige
    encrypt: Ige


_PROVIDERS = ("warpcrypto", "tgcrypto")
_BLOCK = 16


def install() -> Provider:
    """Choose the provider and put it behind kurigram's `crypto.aes`, which knows TgCrypto by name alone.

    Call before pyrogram is imported: where TgCrypto has no wheel, pyrogram cannot be imported without. Idempotent.
    Raises CryptoMissing.
    """
    provider = _load()
    if provider.name != "tgcrypto":
        stand_in = ModuleType("tgcrypto", f"{provider.name} under TgCrypto's name")
        functions = {
            "ige256_encrypt": provider.encrypt,
            "ige256_decrypt": provider.decrypt,
            "ctr256_encrypt": ctr256,
            "ctr256_decrypt": ctr256,
        }
        for name, function in functions.items():
            setattr(stand_in, name, function)
        sys.modules["tgcrypto"] = stand_in
        if (loaded := sys.modules.get("pyrogram.crypto.aes")) is not None:
            loaded.__dict__["tgcrypto"] = stand_in
    return provider


def ctr256(data: bytes, key: bytes, iv: bytearray, state: bytearray) -> bytes:
    """AES-256-CTR both ways, as TgCrypto has it: `iv` (the counter) and `state` (bytes used of its block) move on."""
    used = state[0]
    stream = Cipher(AES(bytes(key)), CTR(bytes(iv))).encryptor()
    stream.update(bytes(used))
    result = stream.update(bytes(data))
    blocks, state[0] = divmod(used + len(data), _BLOCK)
    iv[:] = ((int.from_bytes(iv, "big") + blocks) % (1 << 8 * _BLOCK)).to_bytes(_BLOCK, "big")
    return result


def _load() -> Provider:
    for name in _PROVIDERS:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        return Provider(name, module.ige256_decrypt, module.ige256_encrypt)
    raise CryptoMissing("Telegram needs the package warpcrypto or tgcrypto; neither can be loaded")
