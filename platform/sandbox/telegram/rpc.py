"""From a request to its answer: unwrapping, who may call, the table of methods, errors."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, final

import msgspec
from pyrogram import raw
from pyrogram.raw.core import Bytes, GzipPacked, TLObject

from .faults import Refusal
from .model import AuthKey
from .world import World


class FilePart(msgspec.Struct, frozen=True):
    """upload.getFile's answer before serialisation: its bytes go to the envelope as they are."""

    media_id: int
    offset: int
    mtime: int
    payload: bytes


@final
class Caller(msgspec.Struct):
    """Who asks: the key (and so the account) and the datacenter."""

    world: World
    key: AuthKey

    @property
    def dc_id(self) -> int:
        """The datacenter asked."""
        return self.key.dc_id

    @property
    def user_id(self) -> int:
        """The account. Raises Refusal where nobody signed in."""
        if self.key.user_id is None:
            raise Refusal(401, "AUTH_KEY_UNREGISTERED")
        return self.key.user_id


Answer = TLObject | FilePart | bytes
Handler = Callable[[Caller, Any], Answer]

_WRAPPERS = (
    raw.functions.InvokeWithLayer,
    raw.functions.InitConnection,
    raw.functions.InvokeWithoutUpdates,
    raw.functions.InvokeAfterMsg,
    raw.functions.InvokeAfterMsgs,
)
_GZIP = GzipPacked.ID.to_bytes(4, "little")
_ANYBODY = ("help.", "auth.")


def method_name(query: TLObject) -> str:
    """Telegram's name of a request: "upload.getFile"."""
    *space, name = query.QUALNAME.split(".")[1:]
    return ".".join([*space, name[:1].lower() + name[1:]])


def parse(body: bytes) -> Any:
    """Read one TL object, packed or not. Raises Refusal for what the layer does not know or what breaks off."""
    try:
        if body[:4] == _GZIP:
            body = gzip.decompress(Bytes.read(BytesIO(body[4:])))
        return read_object(body)
    except (KeyError, ValueError, IndexError, TypeError, OSError, EOFError, zlib.error) as error:
        raise Refusal(400, "INPUT_METHOD_INVALID") from error


def read_object(body: bytes) -> Any:
    """Read one serialised TL object, whose last field may be a vector of objects."""
    # kurigram tells a bare vector of numbers from one of objects by the bytes left; an odd count of them says objects
    return TLObject.read(BytesIO(body + b"\0"))


def unwrap(query: Any) -> tuple[Any, bool]:
    """Take the layer, connection and order wrappers off; say whether initConnection was among them."""
    initialised = False
    while isinstance(query, _WRAPPERS):
        initialised = initialised or isinstance(query, raw.functions.InitConnection)
        query = query.query
    return query, initialised


class Methods:
    """The table of methods; each room of it brings its own."""

    def __init__(self, *tables: Mapping[type[Any], Handler]) -> None:
        self._handlers = {method: handler for table in tables for method, handler in table.items()}

    def answer(self, caller: Caller, query: Any) -> Answer:
        """Run one request. Raises Refusal."""
        handler = self._handlers.get(type(query))
        if handler is None:
            raise Refusal(400, "METHOD_INVALID")
        if caller.key.user_id is None and not method_name(query).startswith(_ANYBODY):
            raise Refusal(401, "AUTH_KEY_UNREGISTERED")
        return handler(caller, query)
