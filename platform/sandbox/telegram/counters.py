"""What was asked and served: in all, by session, and by (document, offset)."""

from collections import Counter

import msgspec


class SessionCounters(msgspec.Struct, kw_only=True):
    """One client session (auth key and session id) on one datacenter; bytes are those of the socket."""

    dc_id: int
    user_id: int | None = None
    calls: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    bytes_sent: int = 0
    bytes_received: int = 0


class Counters(msgspec.Struct, kw_only=True):
    """Counts since the start or the last `reset`.

    calls: by Telegram's method name ("upload.getFile"). errors: by error message ("FLOOD_WAIT_3"). file_parts: answered
    upload.getFile calls by (media_id, offset). connections: accepted, by datacenter. bytes_served: file bytes sent.
    calls_while_flooded: calls of an account that had been told to wait and did not. sessions: by session id in hex.
    """

    calls: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    errors: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    file_parts: Counter[tuple[int, int]] = msgspec.field(default_factory=lambda: Counter[tuple[int, int]]())
    document_bytes: Counter[int] = msgspec.field(default_factory=lambda: Counter[int]())
    connections: Counter[int] = msgspec.field(default_factory=lambda: Counter[int]())
    bytes_served: int = 0
    calls_while_flooded: int = 0
    sessions: dict[str, SessionCounters] = msgspec.field(default_factory=lambda: dict[str, SessionCounters]())

    def reset(self) -> None:
        """Forget everything counted."""
        for counter in (self.calls, self.errors, self.file_parts, self.document_bytes, self.connections, self.sessions):
            counter.clear()
        self.bytes_served = 0
        self.calls_while_flooded = 0

    def session(self, session_id: bytes, dc_id: int, user_id: int | None) -> SessionCounters:
        """Give the counters of one session, now of account `user_id`."""
        found = self.sessions.setdefault(session_id.hex(), SessionCounters(dc_id=dc_id))
        found.user_id = user_id
        return found

    def as_json(self) -> dict[str, object]:
        """Give all of it in JSON's terms; `file_parts` as "media_id:offset"."""
        bare = msgspec.structs.replace(self, file_parts=Counter[tuple[int, int]]())
        plain: dict[str, object] = msgspec.to_builtins(bare, str_keys=True)
        plain["file_parts"] = {f"{media}:{offset}": count for (media, offset), count in self.file_parts.items()}
        return plain
