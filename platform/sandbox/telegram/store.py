"""What outlives a restart: rows in one SQLite file, all of them in memory while the sandbox runs."""

import os
import sqlite3
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from .model import AuthKey, Channel, Document, Post

_Row = TypeVar("_Row")
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS rows (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
)


class Store:
    """Keys, channels, posts and documents under a data folder; written through on every change."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.files = folder / "documents"
        self.files.mkdir(exist_ok=True)
        self._database = sqlite3.connect(folder / "state.sqlite3", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(_SCHEMA)
        self.secret = self._own_secret()
        self.keys = {(row.dc_id, row.key_id): row for row in self._load("key", AuthKey)}
        self.channels = {row.channel_id: row for row in self._load("channel", Channel)}
        self.posts = {(row.channel_id, row.message_id): row for row in self._load("post", Post)}
        self.documents = {row.media_id: row for row in self._load("document", Document)}

    def close(self) -> None:
        """Close the file; nothing may be put afterwards."""
        self._database.close()

    def put_key(self, row: AuthKey) -> None:
        """Keep a key, or its changed account."""
        self.keys[row.dc_id, row.key_id] = row
        self._write("key", f"{row.dc_id}:{row.key_id.hex()}", row)

    def drop_key(self, row: AuthKey) -> None:
        """Forget a key: whoever uses it is told -404."""
        self.keys.pop((row.dc_id, row.key_id), None)
        self._erase("key", f"{row.dc_id}:{row.key_id.hex()}")

    def put_channel(self, row: Channel) -> None:
        """Keep a channel."""
        self.channels[row.channel_id] = row
        self._write("channel", str(row.channel_id), row)

    def put_post(self, row: Post) -> None:
        """Keep a message."""
        self.posts[row.channel_id, row.message_id] = row
        self._write("post", f"{row.channel_id}:{row.message_id}", row)

    def drop_post(self, row: Post) -> None:
        """Delete a message; its document stays."""
        self.posts.pop((row.channel_id, row.message_id), None)
        self._erase("post", f"{row.channel_id}:{row.message_id}")

    def put_document(self, row: Document) -> None:
        """Keep a document's description."""
        self.documents[row.media_id] = row
        self._write("document", str(row.media_id), row)

    def _own_secret(self) -> bytes:
        found = self._database.execute("SELECT body FROM rows WHERE kind = 'secret'").fetchone()
        secret: bytes = found[0] if found else os.urandom(32)
        if not found:
            self._database.execute("INSERT INTO rows VALUES ('secret', '', ?)", (secret,))
        return secret

    def _load(self, kind: str, row: type[_Row]) -> list[_Row]:
        found = self._database.execute("SELECT body FROM rows WHERE kind = ?", (kind,))
        return [msgspec.msgpack.decode(body, type=row) for (body,) in found]

    def _write(self, kind: str, key: str, row: msgspec.Struct) -> None:
        self._database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (kind, key, msgspec.msgpack.encode(row)))

    def _erase(self, kind: str, key: str) -> None:
        self._database.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (kind, key))
