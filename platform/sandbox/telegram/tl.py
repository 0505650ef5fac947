"""Telegram's TL schema as kurigram carries it: the one place where its untyped layer enters."""

import gzip
import zlib
from io import BytesIO
from typing import Any, Final, TypeAlias

from pyrogram import raw
from pyrogram.raw import core

Object: TypeAlias = Any
types: Final[Any] = raw.types
functions: Final[Any] = raw.functions
FutureSalt: Final[Any] = core.FutureSalt
FutureSalts: Final[Any] = core.FutureSalts
GZIP_PACKED: Final[bytes] = core.GzipPacked.ID.to_bytes(4, "little")
CONTAINER: Final[bytes] = core.MsgContainer.ID.to_bytes(4, "little")
TRUE: Final[bytes] = core.BoolTrue.ID.to_bytes(4, "little")


class Unreadable(Exception):
    """Bytes that are no object of the layer, or break off."""


def serialise(item: Object) -> bytes:
    """Serialise an object."""
    data: bytes = item.write()
    return data


def string(data: bytes) -> bytes:
    """Serialise a TL string or bytes."""
    return bytes(core.Bytes(data))


def vector(objects: list[Any]) -> bytes:
    """Serialise a vector of objects."""
    return bytes(core.Vector(objects))


def read(body: bytes) -> Any:
    """Read one serialised object, packed or not. Raises Unreadable."""
    reader: Any = core.TLObject
    try:
        if body[:4] == GZIP_PACKED:
            body = gzip.decompress(core.Bytes.read(BytesIO(body[4:])))
        # kurigram tells a vector of bare numbers from one of objects by the bytes left; an odd count says objects
        return reader.read(BytesIO(body + b"\0"))
    except (KeyError, ValueError, IndexError, TypeError, OSError, EOFError, zlib.error) as error:
        raise Unreadable from error


def method_name(query: Object) -> str:
    """Telegram's name of a request: "upload.getFile"."""
    *space, name = query.QUALNAME.split(".")[1:]
    return ".".join([*space, name[:1].lower() + name[1:]])
