"""What answers look like, for the API's description."""

from __future__ import annotations

from typing import Any, Final

COMMENT: Final[dict[str, Any]] = {
    "id": "comment_x8s9d",
    "target_id": "tmdb_10378",
    "nickname": "QuietOtter4711",
    "avatar": "/avatars/x8s9d.svg",
    "body": "That ending! >!The rabbit wins.!<",
    "html": '<p>That ending! <label class="spoiler"><input type="checkbox" aria-label="Show spoiler">'
    '<span class="veil"><span class="veiled">The rabbit wins.</span></span></label></p>\n',
    "is_spoiler": True,
    "timestamp": 450,
    "likes": 12,
    "liked": False,
    "mine": False,
    "created_at": 1800000000.0,
    "edited": False,
    "reply_count": 1,
    "thread_id": "comment_x8s9d",
    "reply_to": None,
    "status": "active",
    "reason": "",
    "appeal": None,
    "edit_until": None,
    "may_appeal": False,
}
REPLY: Final[dict[str, Any]] = {
    **COMMENT,
    "id": "comment_7fk2p",
    "nickname": "LuckyHeron12",
    "body": "I saw it coming.",
    "html": "<p>I saw it coming.</p>\n",
    "is_spoiler": False,
    "timestamp": None,
    "likes": 0,
    "reply_count": 0,
    "reply_to": {"id": "comment_x8s9d", "nickname": "QuietOtter4711"},
}
COMMENTS: Final[dict[str, Any]] = {
    "threads": [{"comment": COMMENT, "replies": [REPLY], "next": None}],
    "next": None,
    "count": 2,
}
REPLIES: Final[dict[str, Any]] = {"replies": [REPLY], "next": None}
OWN: Final[dict[str, Any]] = {
    "comments": [{**COMMENT, "mine": True, "status": "flagged", "reason": "It waits for a moderator."}],
    "next": None,
}
MARKERS: Final[dict[str, Any]] = {"markers": [{"second": 450, "count": 3, "text": "That ending! […]"}]}
LIKE: Final[dict[str, Any]] = {"likes": 13, "liked": True}
NICKNAME: Final[dict[str, Any]] = {
    "nickname": "QuietOtter4711",
    "avatar": "/avatars/x8s9d.svg",
    "changeable_at": None,
}
REMOVED: Final[dict[str, Any]] = {"removed": 7}
QUEUED: Final[dict[str, Any]] = {
    "id": "comment_x8s9d",
    "target_id": "tmdb_10378",
    "nickname": "QuietOtter4711",
    "author": "5f3c",
    "body": "Buy at https://shop.example/now",
    "html": "<p>Buy at https://shop.example/now</p>\n",
    "is_spoiler": False,
    "timestamp": None,
    "likes": 0,
    "created_at": 1800000000.0,
    "status": "flagged",
    "reason": "It has a link and waits for a moderator.",
    "decided_by": "",
    "flags": 2,
    "appeal": None,
    "versions": [],
}
QUEUE: Final[dict[str, Any]] = {"comments": [QUEUED], "next": None}
QUEUED_DETAIL: Final[dict[str, Any]] = {
    "comment": QUEUED,
    "flags": [{"at": 1800000100.0, "reason": "Advertising"}],
}
REPORT: Final[dict[str, Any]] = {
    "id": "rep_7fk2p",
    "target_id": "tmdb_10378",
    "issue": "dead_link",
    "fate": "fixed",
    "words": "A new copy is in place.",
    "note": "It stops after ten seconds.",
    "reported_at": 1800000000.0,
    "decided_at": 1800003600.0,
}
REPORTS: Final[dict[str, Any]] = {"reports": [REPORT], "next": None}
STAFF_REPORT: Final[dict[str, Any]] = {
    "id": "rep_7fk2p",
    "target_id": "tmdb_10378",
    "issue": "dead_link",
    "fate": "pending",
    "count": 4,
    "words": "",
    "decided_by": "",
    "notes": ["It stops after ten seconds."],
    "reported_at": 1800000000.0,
    "decided_at": None,
}
STAFF_REPORTS: Final[dict[str, Any]] = {"reports": [STAFF_REPORT], "next": None}
