"""MTProto's TCP transports: abridged, intermediate, padded intermediate, full, and those under obfuscation.

https://core.telegram.org/mtproto/mtproto-transports
"""

import os
import zlib
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

MAX_PACKET_BYTES = 1 << 21
_OBFUSCATED_HEADER_BYTES = 64


class BadFrame(Exception):
    """What came is no packet of the transport that the connection opened with."""


class Framing(Protocol):
    """How packets lie in the stream."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Remove the first whole packet from `buffer` and give its payload; None while it is incomplete."""
        ...

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Give what goes on the wire for one packet made of `parts`."""
        ...


def _cut(buffer: bytearray, head: int, length: int) -> bytes | None:
    if not 0 < length <= MAX_PACKET_BYTES:
        raise BadFrame(f"a packet of {length} bytes")
    if len(buffer) < head + length:
        return None
    with memoryview(buffer) as view:
        packet = bytes(view[head : head + length])
    del buffer[: head + length]
    return packet


class Abridged:
    """One length byte in words of four, or 0x7f and three."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Length's top bit asks for a quick acknowledgement, which servers may leave out."""
        if not buffer:
            return None
        words = buffer[0] & 0x7F
        if words != 0x7F:
            return _cut(buffer, 1, words * 4)
        if len(buffer) < 4:
            return None
        return _cut(buffer, 4, int.from_bytes(buffer[1:4], "little") * 4)

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Prefix the length."""
        words = sum(map(len, parts)) // 4
        head = bytes([words]) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        return [head + parts[0], *parts[1:]]


class Intermediate:
    """Four length bytes."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Cut by the length."""
        if len(buffer) < 4:
            return None
        return _cut(buffer, 4, int.from_bytes(buffer[:4], "little") & 0x7FFFFFFF)

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Prefix the length."""
        return [sum(map(len, parts)).to_bytes(4, "little") + parts[0], *parts[1:]]


class PaddedIntermediate(Intermediate):
    """Intermediate with 0 to 15 random bytes after the payload; the envelope's own length tells them off."""

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Pad at random."""
        return super().wrap([*parts, os.urandom(os.urandom(1)[0] & 0x0F)])


class Full:
    """Length, sequence number, payload, CRC-32."""

    def __init__(self) -> None:
        self._sent = 0
        self._taken = 0

    def take(self, buffer: bytearray) -> bytes | None:
        """Check sequence and checksum."""
        if len(buffer) < 4:
            return None
        length = int.from_bytes(buffer[:4], "little")
        packet = _cut(buffer, 0, length)
        if packet is None:
            return None
        if length < 12 or zlib.crc32(packet[:-4]) != int.from_bytes(packet[-4:], "little"):
            raise BadFrame("checksum")
        if int.from_bytes(packet[4:8], "little") != self._taken:
            raise BadFrame("sequence")
        self._taken += 1
        return packet[8:-4]

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Number and sum."""
        head = (sum(map(len, parts)) + 12).to_bytes(4, "little") + self._sent.to_bytes(4, "little")
        self._sent += 1
        checksum = zlib.crc32(head)
        for part in parts:
            checksum = zlib.crc32(part, checksum)
        return [head, *parts, checksum.to_bytes(4, "little")]


class Wire:
    """One connection's bytes both ways: finds the transport out by the first bytes, then cuts and wraps packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._framing: Framing | None = None
        self._decrypt: CipherContext | None = None
        self._encrypt: CipherContext | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes of the socket and give the packets complete by now. Raises BadFrame."""
        self._buffer += self._decrypt.update(data) if self._decrypt else data
        if self._framing is None:
            self._framing = self._detect()
        packets: list[bytes] = []
        while self._framing is not None and (packet := self._framing.take(self._buffer)) is not None:
            packets.append(packet)
        return packets

    def wrap(self, parts: list[bytes]) -> list[bytes]:
        """Give the socket's bytes for a packet; only after a packet came (the client speaks first)."""
        if self._framing is None:
            raise BadFrame("no packet came yet")
        framed = self._framing.wrap(parts)
        return [self._encrypt.update(part) for part in framed] if self._encrypt else framed

    def _detect(self) -> Framing | None:
        start = bytes(self._buffer[:8])
        if start[:1] == b"\xef":
            del self._buffer[:1]
            return Abridged()
        if len(start) < 8:
            return None
        plain: dict[bytes, type[Framing]] = {b"\xee" * 4: Intermediate, b"\xdd" * 4: PaddedIntermediate}
        if start[:4] in plain:
            del self._buffer[:4]
            return plain[start[:4]]()
        if start[4:8] == bytes(4):
            return Full()
        return self._obfuscated() if len(self._buffer) >= _OBFUSCATED_HEADER_BYTES else None

    def _obfuscated(self) -> Framing:
        header = bytes(self._buffer[:_OBFUSCATED_HEADER_BYTES])
        back = header[55:7:-1]
        self._decrypt = Cipher(AES(header[8:40]), CTR(header[40:56])).decryptor()
        self._encrypt = Cipher(AES(back[:32]), CTR(back[32:48])).encryptor()
        clear = self._decrypt.update(bytes(self._buffer))
        self._buffer = bytearray(clear[_OBFUSCATED_HEADER_BYTES:])
        kinds: dict[bytes, type[Framing]] = {
            b"\xef" * 4: Abridged,
            b"\xee" * 4: Intermediate,
            b"\xdd" * 4: PaddedIntermediate,
        }
        if clear[56:60] not in kinds:
            raise BadFrame("unknown transport")
        return kinds[clear[56:60]]()
