"""The server's own RSA key: made at the first start, kept in the data folder, named by its fingerprint."""

import hashlib
from pathlib import Path
from typing import final

import warpcrypto
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from . import tl

_PRIVATE = "server_key.pem"
_PUBLIC = "server_key.pub.pem"
_BYTES = 256


def fingerprint(modulus: int, exponent: int) -> int:
    """Give the signed 64-bit name of a public key: the low half of SHA-1 over its TL form."""
    numbers = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (modulus, exponent))
    serialised = b"".join(tl.string(number) for number in numbers)
    return int.from_bytes(hashlib.sha1(serialised).digest()[-8:], "little", signed=True)


@final
class ServerKey:
    """A 2048-bit key. `pem_path` is the public half as Telegram publishes its own (PKCS #1 PEM)."""

    def __init__(self, folder: Path) -> None:
        self.pem_path = folder / _PUBLIC
        private = _load_or_make(folder / _PRIVATE)
        self.pem_path.write_bytes(
            private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
        )
        numbers = private.private_numbers()
        self.modulus = numbers.public_numbers.n
        self.exponent = numbers.public_numbers.e
        self.fingerprint = fingerprint(self.modulus, self.exponent)
        self._numbers = numbers

    def open(self, encrypted: bytes) -> tuple[bytes, bytes | None] | None:
        """Open the 256-byte block of req_DH_params: its data (with padding behind), and for the older padding the
        SHA-1 that the data must have, which the caller checks, knowing where it ends. None: no such block.

        RSA_PAD and its forerunner: https://core.telegram.org/mtproto/auth_key
        """
        number = int.from_bytes(encrypted, "big")
        if len(encrypted) != _BYTES or number >= self.modulus:
            return None
        block = self._decrypt(number).to_bytes(_BYTES, "big")
        padded = _unpad(block)
        return (padded, None) if padded is not None else (block[21:], block[1:21])

    def _decrypt(self, number: int) -> int:
        numbers = self._numbers
        by_p, by_q = pow(number, numbers.dmp1, numbers.p), pow(number, numbers.dmq1, numbers.q)
        return by_q + numbers.q * ((by_p - by_q) * numbers.iqmp % numbers.p)


def _unpad(block: bytes) -> bytes | None:
    masked_key, sealed = block[:32], block[32:]
    mask = hashlib.sha256(sealed).digest()
    key = bytes(a ^ b for a, b in zip(masked_key, mask, strict=True))
    opened = warpcrypto.ige256_decrypt(sealed, key, bytes(32))
    data = opened[:192][::-1]
    return data if hashlib.sha256(key + data).digest() == opened[192:] else None


def _load_or_make(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        return loaded
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)
    return made
