"""What outlives a restart: documents by kind and id in one SQLite file, all in memory while the sandbox runs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

Document = dict[str, Any]
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS rows (place INTEGER PRIMARY KEY, kind TEXT, key TEXT, body BLOB, UNIQUE (kind, key))"
)
_WRITE: Final = (
    "INSERT INTO rows (kind, key, body) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
)


class Store:
    """Documents in the order in which they were made. Without a folder nothing is written.

    What was put is on disk after `commit`, all of it or nothing: a kill in between leaves what the last commit left.
    """

    def __init__(self, folder: Path | None) -> None:
        self._kinds: dict[str, dict[str, Document]] = {}
        self._changed: dict[tuple[str, str], None] = {}
        self._database: sqlite3.Connection | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = self._opened(folder / "state.sqlite3")

    def get(self, kind: str, key: str) -> Document | None:
        """The document itself: who changes it puts it back."""
        return self._kinds.get(kind, {}).get(key)

    def all(self, kind: str) -> list[Document]:
        """Every document of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def newest_first(self, kind: str) -> Iterator[Document]:
        """Every document of a kind, without a copy of the list."""
        return iter(reversed(self._kinds.get(kind, {}).values()))

    def put(self, kind: str, key: str, document: Document) -> None:
        """Keep a document, new or changed."""
        self._kinds.setdefault(kind, {})[key] = document
        self._changed[kind, key] = None

    def drop(self, kind: str, key: str) -> None:
        """Forget a document."""
        if self._kinds.get(kind, {}).pop(key, None) is not None:
            self._changed[kind, key] = None

    def commit(self) -> None:
        """Write what changed."""
        changed, self._changed = self._changed, {}
        if self._database is None or not changed:
            return
        with self._database:
            for kind, key in changed:
                document = self.get(kind, key)
                if document is None:
                    self._database.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (kind, key))
                else:
                    self._database.execute(_WRITE, (kind, key, msgspec.json.encode(document)))

    def close(self) -> None:
        """Write what changed and close the file."""
        self.commit()
        if self._database is not None:
            self._database.close()

    def _opened(self, path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(_SCHEMA)
        for kind, key, body in database.execute("SELECT kind, key, body FROM rows ORDER BY place"):
            self._kinds.setdefault(kind, {})[key] = msgspec.json.decode(body)
        return database
