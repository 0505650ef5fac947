"""The documents of the data contract, as schema.md shows them, and resolved buckets."""

from typing import Any

MOVIE: dict[str, Any] = {
    "_id": "tmdb_10378",
    "short_id": "v7K1wP2",
    "media_type": "movie",
    "title": "Big Buck Bunny",
    "clean_title": "big buck bunny",
    "year": 2008,
    "genres": ["Animation", "Comedy"],
    "rating": 8.3,
    "status": "available",
    "intro_timings": {"start": 90, "end": 150, "votes": 5},
    "visuals": {"poster": "AgADxxxx", "backdrop": "AgADxxxx", "screenshots": ["AgAD1", "AgAD2"]},
    "files": [
        {
            "quality": "2160p",
            "label": "4K HDR",
            "size_human": "14.2 GB",
            "telegram_id": "BAACAg",
            "file_hash": "cache-key",
            "tg_raw": {"media_id": 123456789, "access_hash": -987654321, "file_reference": "060000aa"},
            "embeds": [{"host": "PeerTube", "url": "https://video.example/embed/xyz", "priority": 1}],
            "backup_url": "https://mirror.example/u/xyz",
            "subtitles": [{"lang": "eng", "index": 3}, {"lang": "spa", "index": 4}],
            "downloads": [
                {
                    "host": "Archive",
                    "url": "https://archive.example/d/xyz",
                    "icon": "icon_archive.png",
                    "status": "active",
                }
            ],
        }
    ],
}
SERIES: dict[str, Any] = {
    "_id": "tmdb_1399",
    "media_type": "series",
    "title": "A Series",
    "total_seasons": 8,
    "season_packs": [{"season": 1, "zip_file_id": "BAACAg", "size": "25 GB"}],
    "seasons": {"1": [{"episode": 1, "title": "Pilot", "file_id": "BAACAg", "quality": "1080p"}]},
}
MANGA: dict[str, Any] = {
    "_id": "manga_sample",
    "media_type": "manga",
    "content_rating": "safe",
    "chapter_count": 179,
    "chapters": [{"chap": 1.5, "title": "I", "storage_id": "-100123", "pages": ["file_id_p1", "file_id_p2"]}],
}
USER: dict[str, Any] = {
    "_id": 123456789,
    "type": "telegram",
    "role": "free",
    "security": {
        "auth_token_secret": "salt",
        "active_sessions": 1,
        "bound_device": {"hash": "useragent_hash", "locked_at": "ISODate"},
    },
    "history": {
        "tmdb_10378": {"timestamp": 3405, "updated_at": "ISODate"},
        "manga_sample": {"last_chap": 55, "last_page": 3},
    },
    "referral": {"code": "john_x", "invited_count": 5, "invited_by": 987},
}
COMMENT: dict[str, Any] = {
    "_id": "comment_x8s9d",
    "target_id": "tmdb_10378",
    "user_id": 123456,
    "nickname": "ShadowReader_99",
    "avatar_seed": "x8s9d",
    "body": "That ending! >!spoiler text!<",
    "is_spoiler": True,
    "timestamp": 450,
    "likes": 12,
    "created_at": "ISODate",
    "moderation_status": "active",
}
REPORT: dict[str, Any] = {"_id": "rep_1", "target_id": "tmdb_10378", "issue": "dead_link", "status": "pending"}
WORKER: dict[str, Any] = {
    "_id": "worker_01",
    "api_id": 123456,
    "status": "active",
    "current_task": "ingest:tmdb_10378",
    "flood_wait_until": "ISODate",
}
TENANT: dict[str, Any] = {
    "_id": "tenant_x99",
    "domain": "anime-hub.example",
    "owner_email": "client@mail.example",
    "plan": "rev_share",
    "status": "active",
    "addons": {
        "android_app": {"active": True, "apk_url": "..."},
        "dmca_shield": {"active": False},
        "capacity": {"tier": 1},
    },
    "subscription": {"start_date": "ISODate", "next_bill_date": "ISODate", "payment_method": "crypto"},
    "stats": {"monthly_visitors": 45000, "bandwidth_used_gb": 120, "revenue_generated": 150.50},
}


def resolved_file(media_id: int = 7, **fields: Any) -> dict[str, Any]:
    """A bucket that plays."""
    return {
        "quality": "1080p",
        "label": "Full HD",
        "file_hash": f"hash-{media_id}",
        "tg_raw": {"media_id": media_id, "access_hash": -5, "file_reference": "060000aa"},
        "size_bytes": 1_000_000,
        "dc_id": 2,
        "origin": {"chat": -1001234567890, "message": 12},
        "mime": "video/mp4",
        **fields,
    }


def film(number: int, **fields: Any) -> dict[str, Any]:
    """A movie that is shown and plays."""
    return {
        "_id": f"film_{number:03}",
        "media_type": "movie",
        "title": f"Film {number:03}",
        "year": 1990 + number % 30,
        "genres": ["Drama"],
        "rating": number % 10,
        "files": [resolved_file(number + 1)],
        **fields,
    }
