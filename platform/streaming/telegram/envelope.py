"""MTProto 2.0 encryption of one session's messages. https://core.telegram.org/mtproto/description"""

from __future__ import annotations

import hmac
import os
import struct
from hashlib import sha1, sha256
from typing import NamedTuple

from streaming.telegram.crypto import Provider
from streaming.telegram.faults import WrongAnswer

_INNER = struct.Struct("<q8sqii")
_OUTGOING, _INCOMING = 0, 8


class Opened(NamedTuple):
    """A message as it came: its body is `plain[start:end]`, not copied."""

    msg_id: int
    seq_no: int
    plain: bytes
    start: int
    end: int


class Envelope:
    """Seals and opens packets. `open` may run in any thread."""

    def __init__(self, auth_key: bytes, session_id: bytes, provider: Provider) -> None:
        self._auth_key = auth_key
        self._key_id = sha1(auth_key, usedforsecurity=False).digest()[-8:]
        self._session_id = session_id
        self._provider = provider
        self._check = sha256(auth_key[88 + _INCOMING : 120 + _INCOMING])

    def seal(self, salt: int, msg_id: int, seq_no: int, body: bytes) -> bytes:
        """The packet for one message to the server."""
        plain = _INNER.pack(salt, self._session_id, msg_id, seq_no, len(body)) + body
        plain += os.urandom(-(len(plain) + 12) % 16 + 12)
        msg_key = sha256(self._auth_key[88:120] + plain).digest()[8:24]
        key, iv = _derive(self._auth_key, msg_key, _OUTGOING)
        return self._key_id + msg_key + self._provider.encrypt(plain, key, iv)

    def open(self, packet: bytes | memoryview) -> Opened:
        """The message in a packet of the server. Raises WrongAnswer for one that is not genuinely this session's."""
        if len(packet) < 24 + _INNER.size or (len(packet) - 24) % 16 or packet[:8] != self._key_id:
            raise WrongAnswer("the packet is not of this key")
        msg_key = bytes(packet[8:24])
        key, iv = _derive(self._auth_key, msg_key, _INCOMING)
        plain = self._provider.decrypt(bytes(packet[24:]), key, iv)  # ciphers take bytes alone
        check = self._check.copy()
        check.update(plain)
        if not hmac.compare_digest(check.digest()[8:24], msg_key):
            raise WrongAnswer("the packet was altered")
        _, session_id, msg_id, seq_no, length = _INNER.unpack_from(plain)
        end = _INNER.size + length
        if session_id != self._session_id or not msg_id & 1:
            raise WrongAnswer("the packet is of another session")
        if length < 4 or length % 4 or not 12 <= len(plain) - end <= 1024:
            raise WrongAnswer("the packet's length is wrong")
        return Opened(msg_id, seq_no, plain, _INNER.size, end)


def _derive(auth_key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = sha256(msg_key + auth_key[x : x + 36]).digest()
    b = sha256(auth_key[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]
