"""Where requests are answered: faults first, then the method, then the result on its way back."""

import gzip
import struct
from typing import final

from . import tl
from .connection import Connection
from .faults import Fate, Refusal
from .rpc import Caller, FilePart, Methods
from .session import Request, Session
from .world import World

_RESULT = struct.Struct("<Iq")
# rpc_result, upload.file, its type, time and the long form of a TL string's length: all that precedes file bytes
_FILE = struct.Struct("<IqIIiI")
_SHORT_FILE = struct.Struct("<IqIIi")
_GZIP_FROM_BYTES = 1024
_SHORT_STRING = 254


@final
class Desk:
    """Answers the requests of one datacenter."""

    def __init__(self, world: World, methods: Methods) -> None:
        self._world = world
        self._methods = methods

    def delay_seconds(self, connection: Connection, request: Request) -> float:
        """How long the knobs keep this request waiting, its share of the bandwidth included."""
        judge, faults = self._world.judge, self._world.faults
        if not judge.concerns(request.method, connection.datacenter.dc_id):
            return 0.0
        size: int = getattr(request.query, "limit", 0)
        now = self._world.clock()
        shared = self._world.pacer.wait_seconds(size, faults.bandwidth_bytes_per_second, now)
        own = connection.pacer.wait_seconds(size, faults.connection_bytes_per_second, now)
        return judge.delay_seconds() + max(shared, own)

    def answer(self, connection: Connection, request: Request) -> None:
        """Answer one request, or do to it what its fate is."""
        session = request.session
        self._count(session, request.method)
        concerned = self._world.judge.concerns(request.method, session.key.dc_id)
        fate = self._world.judge.fate() if concerned else Fate.ANSWER
        if fate is Fate.HANG:
            connection.hang()
        elif fate is Fate.DROP:
            connection.reset()
        else:
            self._run(connection, request, fate, concerned=concerned)

    def _run(self, connection: Connection, request: Request, fate: Fate, *, concerned: bool) -> None:
        session = request.session
        try:
            if concerned:
                self._refuse_on_purpose(session, request.method)
            answer = self._methods.answer(Caller(self._world, session.key), request.query)
        except Refusal as refusal:
            self.refuse(connection, session, request.msg_id, refusal)
            return
        if isinstance(answer, FilePart):
            counters = self._world.counters
            counters.file_parts[answer.media_id, answer.offset] += 1
            counters.document_bytes[answer.media_id] += len(answer.payload)
            counters.bytes_served += len(answer.payload)
            connection.send(session, _file_result(request.msg_id, answer), answers=True, content=True, fate=fate)
            session.answered(request.msg_id)
        else:
            body = answer if isinstance(answer, bytes) else tl.serialise(answer)
            self.reply(connection, session, request.msg_id, body, fate=fate)

    def reply(
        self, connection: Connection, session: Session, msg_id: int, body: bytes, *, fate: Fate = Fate.ANSWER
    ) -> None:
        """Send a result, packed where that makes it smaller."""
        if len(body) >= _GZIP_FROM_BYTES:
            packed = tl.GZIP_PACKED + tl.string(gzip.compress(body, 1))
            body = min(packed, body, key=len)
        result = [_RESULT.pack(tl.types.RpcResult.ID, msg_id), body]
        connection.send(session, result, answers=True, content=True, fate=fate)
        session.answered(msg_id)

    def refuse(self, connection: Connection, session: Session, msg_id: int, refusal: Refusal) -> None:
        """Send an RPC error."""
        self._world.counters.errors[refusal.message] += 1
        error = tl.types.RpcError(error_code=refusal.code, error_message=refusal.message)
        self.reply(connection, session, msg_id, tl.serialise(error))

    def _refuse_on_purpose(self, session: Session, method: str) -> None:
        world, key = self._world, session.key
        account = key.user_id or 0
        remaining = world.judge.still_flooded(account, key.dc_id, method)
        if remaining:
            world.counters.calls_while_flooded += 1
            raise Refusal(420, f"FLOOD_WAIT_{remaining}")
        try:
            world.judge.refuse(account, key.dc_id, method)
        except Refusal as refusal:
            if refusal.code == 401:
                world.sign_in(key, None)
            raise

    def _count(self, session: Session, method: str) -> None:
        counters = self._world.counters
        counters.calls[method] += 1
        counters.session(session.session_id, session.key.dc_id, session.key.user_id).calls[method] += 1


def _file_result(msg_id: int, part: FilePart) -> list[bytes]:
    """rpc_result with upload.file in it, the payload as it is between head and padding."""
    size = len(part.payload)
    ids = (tl.types.RpcResult.ID, msg_id, tl.types.upload.File.ID, tl.types.storage.FileUnknown.ID, part.mtime)
    if size < _SHORT_STRING:
        return [_SHORT_FILE.pack(*ids), tl.string(part.payload)]
    return [_FILE.pack(*ids, 254 | size << 8), part.payload, bytes(-size % 4)]
