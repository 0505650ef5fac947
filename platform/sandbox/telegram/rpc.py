"""From a request to its answer: unwrapping, who may call, the table of methods, errors."""

from collections.abc import Callable, Mapping
from typing import Any, final

import msgspec

from . import tl
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


Answer = tl.Object | FilePart | bytes
Handler = Callable[[Caller, Any], Answer]

_WRAPPERS = (
    tl.functions.InvokeWithLayer,
    tl.functions.InitConnection,
    tl.functions.InvokeWithoutUpdates,
    tl.functions.InvokeAfterMsg,
    tl.functions.InvokeAfterMsgs,
)
_ANYBODY = ("help.", "auth.")


def unwrap(query: Any) -> tuple[Any, bool]:
    """Take the layer, connection and order wrappers off; say whether initConnection was among them."""
    initialised = False
    while isinstance(query, _WRAPPERS):
        initialised = initialised or isinstance(query, tl.functions.InitConnection)
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
        if caller.key.user_id is None and not tl.method_name(query).startswith(_ANYBODY):
            raise Refusal(401, "AUTH_KEY_UNREGISTERED")
        return handler(caller, query)
