"""What happens to an opened packet: its checks, its container, service messages; requests go on to the desk.

https://core.telegram.org/mtproto/service_messages
"""

import struct
from collections.abc import Iterator
from typing import Any, final

from . import tl
from .connection import Connection
from .envelope import Envelope
from .faults import Refusal
from .model import AuthKey
from .rpc import unwrap
from .session import BAD_SALT, Request, Session
from .world import World

_ITEM = struct.Struct("<qii")
_MAX_SESSIONS = 4096
_MAX_CONTAINER = 1024
_BAD_CONTAINER = 64


@final
class Inbox:
    """Takes packets of all connections of one datacenter."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[tuple[bytes, bytes], Session] = {}
        self._initialised: set[bytes] = set()

    def take(self, connection: Connection, key: AuthKey, envelope: Envelope) -> None:
        """Check a packet and act on every message in it."""
        session = self._session(key, envelope.session_id)
        now = self._world.clock()
        complaint = session.complaint(envelope.msg_id)
        if complaint:
            self._complain(connection, session, envelope.msg_id, envelope.seq_no, complaint)
        elif not self._world.salts.good(key, envelope.salt, now):
            bad = tl.types.BadServerSalt(
                bad_msg_id=envelope.msg_id,
                bad_msg_seqno=envelope.seq_no,
                error_code=BAD_SALT,
                new_server_salt=self._world.salts.at(key, now).value,
            )
            self._notify(connection, session, bad)
        else:
            self._take_messages(connection, session, envelope)

    def _take_messages(self, connection: Connection, session: Session, envelope: Envelope) -> None:
        try:
            messages = list(_messages(envelope))
        except (struct.error, ValueError):
            self._complain(connection, session, envelope.msg_id, envelope.seq_no, _BAD_CONTAINER)
            return
        if not session.announced:
            session.announced = True
            salt = self._world.salts.at(session.key, self._world.clock()).value
            created = tl.types.NewSessionCreated(
                first_msg_id=messages[0][0], unique_id=session.unique_id, server_salt=salt
            )
            self._notify(connection, session, created, content=True)
        for msg_id, seq_no, body in messages:
            self._take_message(connection, session, msg_id, seq_no, body)

    def _take_message(self, connection: Connection, session: Session, msg_id: int, seq_no: int, body: bytes) -> None:
        if session.seen_before(msg_id):
            self._notify(connection, session, tl.types.MsgsAck(msg_ids=[msg_id]))
            return
        try:
            query = tl.read(body)
        except tl.Unreadable:
            connection.datacenter.desk.refuse(connection, session, msg_id, Refusal(400, "INPUT_METHOD_INVALID"))
            return
        content = not isinstance(query, _NOT_CONTENT)
        complaint = 0
        if not isinstance(query, tl.functions.Ping):
            complaint = session.sequence_complaint(msg_id, seq_no, content=content)
        if complaint:
            self._complain(connection, session, msg_id, seq_no, complaint)
        elif not self._serve(connection, session, msg_id, query):
            self._request(connection, session, msg_id, query)

    def _request(self, connection: Connection, session: Session, msg_id: int, query: Any) -> None:
        query, initialises = unwrap(query)
        desk = connection.datacenter.desk
        if initialises:
            self._initialised.add(session.key.key_id)
        elif session.key.key_id not in self._initialised:
            desk.refuse(connection, session, msg_id, Refusal(400, "CONNECTION_NOT_INITED"))
            return
        request = Request(session=session, msg_id=msg_id, method=tl.method_name(query), query=query)
        connection.enqueue(request, desk.delay_seconds(connection, request))

    def _serve(self, connection: Connection, session: Session, msg_id: int, query: Any) -> bool:
        """Act on a service message; False where it is none."""
        match query:
            case tl.functions.Ping() | tl.functions.PingDelayDisconnect():
                if isinstance(query, tl.functions.PingDelayDisconnect):
                    connection.close_in(query.disconnect_delay)
                self._notify(connection, session, tl.types.Pong(msg_id=msg_id, ping_id=query.ping_id), answers=True)
            case tl.types.MsgsStateReq() | tl.types.MsgResendReq():
                info = bytes(session.state(each) for each in query.msg_ids)
                self._state_info(connection, session, msg_id, info)
            case tl.functions.GetFutureSalts():
                self._notify(connection, session, self._future_salts(session, msg_id, query.num), answers=True)
            case tl.functions.RpcDropAnswer():
                found = connection.withdraw(session, query.req_msg_id)
                dropped = tl.types.RpcAnswerDroppedRunning() if found else tl.types.RpcAnswerUnknown()
                connection.datacenter.desk.reply(connection, session, msg_id, tl.serialise(dropped))
            case tl.functions.DestroySession():
                gone = self._sessions.pop(
                    (session.key.key_id, query.session_id.to_bytes(8, "little", signed=True)), None
                )
                kind = tl.types.DestroySessionNone if gone is None else tl.types.DestroySessionOk
                self._notify(connection, session, kind(session_id=query.session_id), answers=True)
            case tl.types.MsgsAck() | tl.types.HttpWait() | tl.types.MsgsStateInfo() | tl.types.MsgsAllInfo():
                pass
            case _:
                return False
        session.answered(msg_id)
        return True

    def _state_info(self, connection: Connection, session: Session, msg_id: int, info: bytes) -> None:
        # built by hand: kurigram takes the state bytes for text
        head = tl.types.MsgsStateInfo.ID.to_bytes(4, "little") + msg_id.to_bytes(8, "little", signed=True)
        connection.send(session, [head + tl.string(info)], answers=True, content=False)

    def _future_salts(self, session: Session, msg_id: int, wanted: int) -> tl.Object:
        now = self._world.clock()
        salts = [self._world.salts.at(session.key, now, ahead) for ahead in range(max(1, min(wanted, 64)))]
        return tl.FutureSalts(
            msg_id, int(now), [tl.FutureSalt(each.valid_since, each.valid_until, each.value) for each in salts]
        )

    def _complain(self, connection: Connection, session: Session, msg_id: int, seq_no: int, code: int) -> None:
        bad = tl.types.BadMsgNotification(bad_msg_id=msg_id, bad_msg_seqno=seq_no, error_code=code)
        self._notify(connection, session, bad)

    def _notify(
        self, connection: Connection, session: Session, message: Any, *, answers: bool = False, content: bool = False
    ) -> None:
        connection.send(session, [tl.serialise(message)], answers=answers, content=content)

    def _session(self, key: AuthKey, session_id: bytes) -> Session:
        found = self._sessions.pop((key.key_id, session_id), None) or Session(key, session_id, self._world.clock)
        self._sessions[key.key_id, session_id] = found
        if len(self._sessions) > _MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return found


_NOT_CONTENT = (tl.types.MsgsAck, tl.types.HttpWait, tl.types.MsgsStateInfo, tl.types.MsgsAllInfo)


def _messages(envelope: Envelope) -> Iterator[tuple[int, int, bytes]]:
    """The messages of a packet: its own, or those of its container. Raises ValueError or struct.error."""
    body = envelope.body
    if body[:4] != tl.CONTAINER:
        yield envelope.msg_id, envelope.seq_no, body
        return
    (count,) = struct.unpack_from("<i", body, 4)
    if not 0 < count <= _MAX_CONTAINER:
        raise ValueError("container")
    at = 8
    for _ in range(count):
        msg_id, seq_no, length = _ITEM.unpack_from(body, at)
        at += _ITEM.size
        if not 0 <= length <= len(body) - at:
            raise ValueError("container")
        yield msg_id, seq_no, body[at : at + length]
        at += length
