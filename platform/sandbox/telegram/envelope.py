"""MTProto 2.0 envelopes: what is encrypted with an authorisation key, and the clear ones of the key exchange.

https://core.telegram.org/mtproto/description
"""

import hashlib
import os
import struct

import msgspec
import warpcrypto

_CLEAR = struct.Struct("<qqi")
_INNER = struct.Struct("<q8sqii")
INNER_BYTES = _INNER.size


class BadEnvelope(Exception):
    """A packet that its key does not open, or whose lengths cannot be."""


class Envelope(msgspec.Struct, frozen=True):
    """One opened packet: the message in it (a container, a service message or a request) and how it came."""

    salt: int
    session_id: bytes
    msg_id: int
    seq_no: int
    body: bytes


def open_clear(packet: bytes) -> bytes:
    """Give the body of an unencrypted message. Raises BadEnvelope."""
    if len(packet) < _CLEAR.size:
        raise BadEnvelope("short")
    _, _, length = _CLEAR.unpack_from(packet)
    if not 0 < length <= len(packet) - _CLEAR.size:
        raise BadEnvelope("length")
    return packet[_CLEAR.size : _CLEAR.size + length]


def clear(msg_id: int, body: bytes) -> bytes:
    """Make an unencrypted message."""
    return _CLEAR.pack(0, msg_id, len(body)) + body


def open_sealed(packet: bytes, secret: bytes) -> Envelope:
    """Open a client's packet. Raises BadEnvelope where hash or lengths are wrong."""
    usable = (len(packet) - 24) // 16 * 16
    if usable < INNER_BYTES:
        raise BadEnvelope("short")
    msg_key = packet[8:24]
    key, iv = _keys(secret, msg_key, 0)
    plain = warpcrypto.ige256_decrypt(packet[24 : 24 + usable], key, iv)
    hashed = hashlib.sha256(secret[88:120])
    hashed.update(plain)
    if hashed.digest()[8:24] != msg_key:
        raise BadEnvelope("msg_key")
    salt, session_id, msg_id, seq_no, length = _INNER.unpack_from(plain)
    if length % 4 or not 12 <= len(plain) - INNER_BYTES - length <= 1024:
        raise BadEnvelope("length")
    return Envelope(salt, session_id, msg_id, seq_no, plain[INNER_BYTES : INNER_BYTES + length])


def seal(
    secret: bytes, key_id: bytes, salt: int, session_id: bytes, msg_id: int, seq_no: int, parts: list[bytes]
) -> list[bytes]:
    """Encrypt a server's message whose body is `parts` joined: the one copy that a file's bytes make on their way."""
    length = sum(map(len, parts))
    padding = os.urandom(-(INNER_BYTES + length + 12) % 16 + 12)
    plain = b"".join((_INNER.pack(salt, session_id, msg_id, seq_no, length), *parts, padding))
    hashed = hashlib.sha256(secret[96:128])
    hashed.update(plain)
    msg_key = hashed.digest()[8:24]
    key, iv = _keys(secret, msg_key, 8)
    return [key_id + msg_key, warpcrypto.ige256_encrypt(plain, key, iv)]


def _keys(secret: bytes, msg_key: bytes, direction: int) -> tuple[bytes, bytes]:
    a = hashlib.sha256(msg_key + secret[direction : direction + 36]).digest()
    b = hashlib.sha256(secret[direction + 40 : direction + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
