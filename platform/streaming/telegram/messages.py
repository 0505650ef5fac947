"""Reading the server's messages by hand, so that a file's bytes never become part of a TL object.

https://core.telegram.org/mtproto/service_messages and https://core.telegram.org/method/upload.getFile
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from streaming.telegram.envelope import Opened
from streaming.telegram.faults import RpcFault, WrongAnswer

CONTAINER = 0x73F1F8DC
RPC_RESULT = 0xF35C6D01
RPC_ERROR = 0x2144CA19
GZIP = 0x3072CFA1
UPLOAD_FILE = 0x096A18D5
PONG = 0x347773C5
BAD_SERVER_SALT = 0xEDAB447B
BAD_MESSAGE = 0xA7EFF811
NEW_SESSION = 0x9EC20908
DETAILED_INFO = 0x276D3EC6
NEW_DETAILED_INFO = 0x809DB6DF
ACKS = 0x62D6B459
PING_DELAY_DISCONNECT = 0xF3427B8C
VECTOR = 0x1CB5C415

_MAX_UNPACKED_BYTES = 16 << 20
_UINT = struct.Struct("<I")
_LONG = struct.Struct("<q")
_ITEM = struct.Struct("<qii")


class Message(NamedTuple):
    """One message: its constructor and its body, the constructor included."""

    msg_id: int
    seq_no: int
    constructor: int
    body: memoryview


def messages_in(opened: Opened) -> Iterator[Message]:
    """The messages of a packet, containers taken apart. Raises WrongAnswer for a torn one."""
    body = memoryview(opened.plain)[opened.start : opened.end]
    constructor = uint(body, 0)
    if constructor != CONTAINER:
        yield Message(opened.msg_id, opened.seq_no, constructor, body)
        return
    position = 8
    for _ in range(uint(body, 4)):
        if position + _ITEM.size + 4 > len(body):
            raise WrongAnswer("a container breaks off")
        msg_id, seq_no, length = _ITEM.unpack_from(body, position)
        position += _ITEM.size
        inner = body[position : position + length]
        if length < 4 or len(inner) != length:
            raise WrongAnswer("a container breaks off")
        yield Message(msg_id, seq_no, uint(inner, 0), inner)
        position += length


def uint(body: memoryview, position: int) -> int:
    """Raises WrongAnswer past the end."""
    if position + 4 > len(body):
        raise WrongAnswer("a message breaks off")
    value: int = _UINT.unpack_from(body, position)[0]
    return value


def long(body: memoryview, position: int) -> int:
    """Raises WrongAnswer past the end."""
    if position + 8 > len(body):
        raise WrongAnswer("a message breaks off")
    value: int = _LONG.unpack_from(body, position)[0]
    return value


def byte_string(body: memoryview, position: int) -> memoryview:
    """A TL `bytes`, not copied. Raises WrongAnswer when it breaks off."""
    if position >= len(body):
        raise WrongAnswer("a message breaks off")
    length, start = body[position], position + 1
    if length == 254:
        length, start = uint(body, position) >> 8, position + 4
    found = body[start : start + length]
    if len(found) != length or body[position] == 255:
        raise WrongAnswer("a byte string breaks off")
    return found


def result_of(body: memoryview) -> memoryview:
    """The object within an rpc_result, unpacked where it is packed. Raises RpcFault for an error, WrongAnswer."""
    inner = body[12:]
    constructor = uint(inner, 0)
    if constructor == RPC_ERROR:
        code = int.from_bytes(inner[4:8], "little", signed=True)
        raise RpcFault(code, str(byte_string(inner, 8), "utf-8", "replace"))
    return _unpacked(byte_string(inner, 4)) if constructor == GZIP else inner


def _unpacked(packed: memoryview) -> memoryview:
    stream = zlib.decompressobj(wbits=47)
    try:
        plain = stream.decompress(packed, _MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise WrongAnswer("a packed answer cannot be unpacked") from error
    if not stream.eof:
        raise WrongAnswer("a packed answer is too large or breaks off")
    return memoryview(plain)


def file_bytes(result: memoryview) -> memoryview:
    """The bytes of an upload.file, not copied. Raises WrongAnswer for anything else, a CDN redirect among it."""
    if uint(result, 0) != UPLOAD_FILE:
        raise WrongAnswer(f"upload.getFile was answered by constructor {uint(result, 0):#010x}")
    return byte_string(result, 12)


def acks(msg_ids: list[int]) -> bytes:
    """A msgs_ack."""
    return struct.pack(f"<III{len(msg_ids)}q", ACKS, VECTOR, len(msg_ids), *msg_ids)


def ping(ping_id: int, disconnect_delay_seconds: int) -> bytes:
    """A ping_delay_disconnect."""
    return struct.pack("<Iqi", PING_DELAY_DISCONNECT, ping_id, disconnect_delay_seconds)
