"""A client's session: message ids and sequence numbers both ways, and the salts of its key.

https://core.telegram.org/mtproto/description and .../mtproto/service_messages_about_messages
"""

import hashlib
import struct
from typing import Any

import msgspec

from .model import AuthKey, Clock

_REMEMBERED = 2000
_PAST_SECONDS = 300
_FUTURE_SECONDS = 30
TOO_LOW, TOO_HIGH, BAD_BITS, SEQ_LOW, SEQ_HIGH, SEQ_NOT_EVEN, SEQ_NOT_ODD = 16, 17, 18, 32, 33, 34, 35
BAD_SALT = 48


class Salt(msgspec.Struct, frozen=True):
    """A server salt and the time it is good for, epoch seconds."""

    valid_since: int
    valid_until: int
    value: int


class Salts:
    """Salts follow from the key and the time, so nothing of them needs keeping."""

    def __init__(self, secret: bytes, period_seconds: int) -> None:
        self._secret = secret
        self._period = period_seconds

    def at(self, key: AuthKey, now: float, ahead: int = 0) -> Salt:
        """The salt of the period that `now` is in, or of a later one."""
        number = int(now // self._period) + ahead
        seed = key.key_id + number.to_bytes(8, "big")
        value = hashlib.blake2b(seed, key=self._secret, digest_size=8).digest()
        # half a period of overlap: an answer on its way when the salt turns is no mistake
        until = (number + 1) * self._period + self._period // 2
        return Salt(number * self._period, until, int.from_bytes(value, "little", signed=True))

    def good(self, key: AuthKey, salt: int, now: float) -> bool:
        """Whether a client may use this salt now."""
        if salt == key.first_salt and now - key.created_at < self._period:
            return True
        before = self.at(key, now, -1)
        return salt == self.at(key, now).value or (salt == before.value and now < before.valid_until)


class Session:
    """One session of one key. `unique_id` names this life of it on the server."""

    def __init__(self, key: AuthKey, session_id: bytes, clock: Clock) -> None:
        self.key = key
        self.session_id = session_id
        self.unique_id = struct.unpack("<q", hashlib.blake2b(key.key_id + session_id, digest_size=8).digest())[0]
        self.announced = False
        self._clock = clock
        self._seen: dict[int, bool] = {}
        self._last_content: tuple[int, int] = (0, 0)
        self._sent_content = 0
        self._last_msg_id = 0

    def next_msg_id(self, *, answers: bool) -> int:
        """A new id for a message to the client: greater than any before, 1 mod 4 for an answer and 3 for the rest."""
        base = int(self._clock() * (1 << 32)) & ~3
        base = max(base, (self._last_msg_id & ~3) + 4)
        self._last_msg_id = base | (1 if answers else 3)
        return self._last_msg_id

    def next_seq_no(self, *, content: bool) -> int:
        """Twice the content-related messages before it, plus one where it is one itself."""
        number = self._sent_content * 2 + content
        self._sent_content += content
        return number

    def complaint(self, msg_id: int) -> int:
        """The bad_msg_notification code that a packet's id deserves, 0 for none."""
        if msg_id & 3:
            return BAD_BITS
        age = self._clock() - msg_id / (1 << 32)
        return TOO_LOW if age > _PAST_SECONDS else TOO_HIGH if age < -_FUTURE_SECONDS else 0

    def sequence_complaint(self, msg_id: int, seq_no: int, *, content: bool) -> int:
        """The code that a sequence number deserves, 0 for none; a good one is remembered."""
        if seq_no % 2 != content:
            return SEQ_NOT_ODD if content else SEQ_NOT_EVEN
        if not content:
            return 0
        last_id, last_seq = self._last_content
        if msg_id > last_id:
            if seq_no <= last_seq and last_id:
                return SEQ_LOW
            self._last_content = (msg_id, seq_no)
        elif seq_no >= last_seq:
            return SEQ_HIGH
        return 0

    def seen_before(self, msg_id: int) -> bool:
        """Whether this id came already; it has now."""
        if msg_id in self._seen:
            return True
        self._seen[msg_id] = False
        if len(self._seen) > _REMEMBERED:
            for old in list(self._seen)[: _REMEMBERED // 2]:
                del self._seen[old]
        return False

    def answered(self, msg_id: int) -> None:
        """Remember that a request got its answer."""
        if msg_id in self._seen:
            self._seen[msg_id] = True

    def state(self, msg_id: int) -> int:
        """A message's byte in msgs_state_info: 1 too old to know, 2 may still come, 4 received, 4 | 64 answered."""
        if msg_id in self._seen:
            return 4 | (64 if self._seen[msg_id] else 0)
        return 1 if self._seen and msg_id < min(self._seen) else 2


class Request(msgspec.Struct, kw_only=True, eq=False):
    """An RPC of a session that waits for its turn."""

    session: Session
    msg_id: int
    method: str
    query: Any
