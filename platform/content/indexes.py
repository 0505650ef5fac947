"""The indexes of the library and of what belongs to it."""

from __future__ import annotations

from content.collections.repository import INDEXES as COLLECTIONS
from storage.indexes import Index

_OWNER = ("_id.owner", 1)
_VISIBLE = ("_marquee.visible", 1)
_RECENT = (("_marquee.sort.recent", -1), ("_marquee.slug", 1))

LIBRARY: tuple[Index, ...] = (
    # A document's own field `language` is data, not an instruction to the index: "klingon" would refuse the insert.
    Index(
        "library",
        (("title", "text"), ("author", "text")),
        "title_author_text",
        options={"default_language": "none", "language_override": "_marquee_language"},
    ),
    Index("library", (_OWNER, ("media_type", 1), ("content_rating", 1)), "owner_media_type_content_rating"),
    Index(
        "library",
        (_OWNER, ("short_id", 1)),
        "owner_short_id",
        unique=True,
        partial={"short_id": {"$type": "string"}},
    ),
    # Of all titles, not of those with a slug alone: a condition under `$or` never reaches a partial index.
    Index("library", (_OWNER, ("_marquee.slug", 1)), "owner_slug", unique=True),
    Index("library", (_OWNER, _VISIBLE, *_RECENT), "owner_recent"),
    Index("library", (_OWNER, _VISIBLE, ("_marquee.sort.title", 1), ("_marquee.slug", 1)), "owner_title"),
    Index("library", (_OWNER, _VISIBLE, ("_marquee.sort.year", -1), ("_marquee.slug", 1)), "owner_year"),
    Index("library", (_OWNER, _VISIBLE, ("_marquee.sort.rating", -1), ("_marquee.slug", 1)), "owner_rating"),
    *(
        Index("library", (_OWNER, _VISIBLE, (f"_marquee.{field}", 1), *_RECENT), f"owner_{name}_recent")
        for field, name in (("genres", "genre"), ("year", "released"), ("media_type", "kind"))
    ),
    Index(
        "library", (_OWNER, ("_marquee.links_due", 1)), "owner_links_due", partial={"_marquee.links_due": {"$gt": 0}}
    ),
    # Across all owners: who has a link to ask.
    Index("library", (("_marquee.links_due", 1), _OWNER), "links_due", partial={"_marquee.links_due": {"$gt": 0}}),
    *(
        Index(
            "library",
            (_OWNER, (field, 1), ("_marquee.sort.recent", -1)),
            name,
            # Most titles have neither, and an equality with a text is among what is greater than none.
            partial={field: {"$gt": ""}},
        )
        for field, name in (("_marquee.author_key", "owner_author"), ("_marquee.franchise", "owner_franchise"))
    ),
)

INDEXES: tuple[Index, ...] = (
    *LIBRARY,
    *COLLECTIONS,
    Index("comments", (_OWNER, ("target_id", 1), ("created_at", -1)), "owner_target_created"),
    Index("reports", (_OWNER, ("status", 1), ("target_id", 1)), "owner_status_target"),
)
