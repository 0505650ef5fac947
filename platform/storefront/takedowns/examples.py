"""What the desk's questions and answers look like, for the API's description."""

from __future__ import annotations

from typing import Any, Final

RECEIPT: Final[dict[str, Any]] = {
    "id": "TD-7K2M9QXW4B1C",
    "secret": "pX1mZ0y3Qm7Lw2sVb8nKj4Rt6UhE9aCd",
    "status": "received",
    "status_url": "/legal/takedown/TD-7K2M9QXW4B1C?secret=pX1mZ0y3Qm7Lw2sVb8nKj4Rt6UhE9aCd",
    "received_at": "2026-03-02T09:30:00Z",
}
STATUS: Final[dict[str, Any]] = {
    "id": "TD-7K2M9QXW4B1C",
    "kind": "copyright",
    "status": "upheld",
    "received_at": "2026-03-02T09:30:00Z",
    "decided_at": "2026-03-02T14:00:00Z",
    "public_reason": "Taken down at the request of the rights holder.",
    "material": [{"url": "https://films.example/title/v7K1wP2", "found": True}],
}
SUMMARY: Final[dict[str, Any]] = {
    "id": "TD-7K2M9QXW4B1C",
    "kind": "copyright",
    "status": "received",
    "received_at": "2026-03-02T09:30:00Z",
    "sender": "Grenzfilm GmbH",
    "work": "The film “Big Buck Bunny”",
    "titles": ["Big Buck Bunny"],
    "has_counter": False,
}
CASES: Final[dict[str, Any]] = {"takedowns": [SUMMARY], "next": None}
CASE: Final[dict[str, Any]] = {
    **SUMMARY,
    "party": {"name": "Ada Beispiel", "organisation": "Grenzfilm GmbH", "email": "ada@grenzfilm.example"},
    "explanation": "",
    "signature": "Ada Beispiel",
    "material": [
        {
            "url": "https://films.example/title/v7K1wP2",
            "title_id": "tmdb_10378",
            "name": "Big Buck Bunny",
            "unit": None,
            "is_shared": False,
        }
    ],
    "decision": None,
    "counter": None,
    "history": [{"at": "2026-03-02T09:30:00", "by": "sender", "what": "received", "detail": ""}],
    "strike": False,
    "uploader": None,
    "also_in": [],
}
RECORD: Final[dict[str, Any]] = {"strikes": 2, "threshold": 10, "by_uploader": {"staff:ann": 2}}
