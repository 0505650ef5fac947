"""What there is to do about titles that were written: jobs for workers and notices, and the event that tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from msgspec import Struct

from content.lenient import read
from content.model import Derived
from storage.extended_json import fingerprint

RESOLVE_BUCKET: Final = "resolve_bucket"
"""The job that finds out what a title's buckets miss: payload {"title_id", "buckets": places in `files`}."""
RESOLVE_MEDIA: Final = "resolve_media"
"""The job that looks up the files of a title's episodes, chapters, season packs and pictures: payload {"title_id"}."""
NEW_UNITS: Final = "new_units"
"""The job that tells of new episodes and chapters of a title: payload {"title_id", "units": ["s1e3", …]}."""
TITLES: Final = "titles"
"""The topic of changed titles: {"owner", "title"}; no title means that any of the owner's may have changed."""


class Work(Struct, frozen=True):
    """A job that a title asks for."""

    kind: str
    payload: dict[str, Any]
    unique_key: str


def works_of(title_id: Any, ours: Mapping[str, Any]) -> list[Work]:
    """What there is to do about a title as the platform holds it."""
    works: list[Work] = []
    if places := to_resolve(ours):
        # A bucket that changed is other work: a job in hand may have looked at the former one already.
        files = {"_id": title_id, "buckets": [ours["files"][place]["file"] for place in places]}
        works.append(Work(RESOLVE_BUCKET, {"title_id": title_id, "buckets": places}, fingerprint(files)[:32]))
    if media_to_resolve(ours):
        named = {"_id": title_id, "units": ours["units_files"], "pictures": read(ours, Derived).pictures.missing}
        works.append(Work(RESOLVE_MEDIA, {"title_id": title_id}, fingerprint(named)[:32]))
    if new := ours.get("new_units"):
        works.append(Work(NEW_UNITS, {"title_id": title_id, "units": new}, fingerprint({"_id": title_id, "new": new})))
    return works


def to_resolve(ours: Mapping[str, Any]) -> list[int]:
    """Places of the buckets that a worker should look into."""
    files = cast("list[dict[str, Any]]", ours["files"])
    return [place for place, state in enumerate(files) if state["reason"] is not None and state["resolvable"]]


def media_to_resolve(ours: Mapping[str, Any]) -> bool:
    """Whether a worker should look into the files of the title's episodes, chapters and pictures."""
    derived = read(ours, Derived)
    return bool(derived.pictures.missing) or any(unit.resolvable for unit in derived.units)


def asks_worker(ours: Mapping[str, Any]) -> bool:
    """Whether a worker has something to look into."""
    return bool(to_resolve(ours)) or media_to_resolve(ours)


def change_of(owner: str, title_ids: Sequence[Any]) -> dict[str, Any]:
    """The event of changed titles; one alone is named, if events can carry its id."""
    named = title_ids[0] if len(title_ids) == 1 and type(title_ids[0]) in (str, int) else None
    return {"owner": owner, "title": named}
