"""What can go wrong with a call, and what each means for the one who asked."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple


class RpcFault(Exception):
    """Telegram answered with an error. https://core.telegram.org/api/errors"""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class ConnectionLost(Exception):
    """The connection ended, or was ended because it hung, before the answer came."""


class KeyUnknown(ConnectionLost):
    """The datacenter does not know the authorisation key (transport error -404)."""


class WrongAnswer(Exception):
    """The answer is not what was asked for: another type, another length, unreadable."""


class Kind(Enum):
    """How to go on."""

    PAUSE = auto()  # value: seconds, for this worker and datacenter
    MIGRATE = auto()  # value: the datacenter that has it
    REFERENCE = auto()  # fetch the origin message again
    UNAUTHORISED = auto()  # sign in, or import the authorisation, again
    NO_ACCESS = auto()  # this worker cannot; another may
    TRANSIENT = auto()  # ask again a little later
    FINAL = auto()  # this worker's asking again would not help


class Verdict(NamedTuple):
    kind: Kind
    value: int = 0


_PAUSE = re.compile(r"(?:FLOOD_WAIT|FLOOD_PREMIUM_WAIT|SLOWMODE_WAIT|FLOOD_TEST_PHONE_WAIT)_(\d+)")
_MIGRATE = re.compile(r"(?:FILE|USER|NETWORK|PHONE|STATS)_MIGRATE_(\d+)")
_REFERENCE = re.compile(r"FILE_REFERENCE_(?:\d+_)?(?:EXPIRED|INVALID|EMPTY)|FILEREF_UPGRADE_NEEDED")
_NO_ACCESS = re.compile(
    r"CHANNEL_(?:INVALID|PRIVATE|PUBLIC_GROUP_NA)|CHAT_(?:ID_INVALID|FORBIDDEN|WRITE_FORBIDDEN|ADMIN_REQUIRED)"
    r"|PEER_ID_INVALID|(?:FILE_ID|LOCATION|MSG_ID)_INVALID|USER_BANNED_IN_CHANNEL"
)
_UNEXPECTED_PAUSE_SECONDS = 5


def verdict(fault: RpcFault) -> Verdict:
    """What an RPC error means. Reads the message first, then the code."""
    if found := _PAUSE.match(fault.message):
        return Verdict(Kind.PAUSE, int(found[1]))
    if found := _MIGRATE.match(fault.message):
        return Verdict(Kind.MIGRATE, int(found[1]))
    if _REFERENCE.match(fault.message):
        return Verdict(Kind.REFERENCE)
    if _NO_ACCESS.match(fault.message):
        return Verdict(Kind.NO_ACCESS)
    if fault.message == "RANDOM_ID_DUPLICATE":
        return Verdict(Kind.FINAL)  # comes with code 500 and says that the call was carried out
    if fault.code == 401:
        return Verdict(Kind.UNAUTHORISED)
    if fault.code == 420:
        return Verdict(Kind.PAUSE, _UNEXPECTED_PAUSE_SECONDS)
    if abs(fault.code) >= 500 or fault.message in {"Timeout", "TIMEOUT"}:
        return Verdict(Kind.TRANSIENT)
    return Verdict(Kind.FINAL)
