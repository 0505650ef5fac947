"""What the import adds to a title so that a site can list, sort, find and open it. Pure; the document is only read."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from content.lenient import read
from content.media.judging import IsFileId, judge_units, plays
from content.media.model import MediaFile
from content.media.pictures import judge_pictures
from content.mirrors import addresses_of
from content.model import MEDIA_TYPES, Derived, FileState, Rights, SortKeys, Title, TitleFile
from content.playable import NotPlayable, judge
from content.takedowns.standing import TitleBan
from storage.extended_json import fingerprint

VERSION: Final = 3
"""Of what is derived: a title that was derived by a former one is derived anew by the next import."""
SLUG_LENGTH: Final = 7
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_USABLE_SLUG: Final = re.compile(r"[0-9A-Za-z]{1,32}", re.ASCII)
_ARTICLE: Final = re.compile(r"(the|an|a) (?=.)")
_YEAR: Final = re.compile(r"(1[89]|2[01])[0-9]{2}", re.ASCII)
_STATUSES: Final = frozenset({"available", "processing", "banned", "repairing"})
_SHOWN: Final = frozenset({"available", "processing", "repairing"})
TAKEN_DOWN: Final = "it was taken down"
_MOST_GENRES: Final = 40
_LONGEST_NAME: Final = 300


def _nothing(_: str) -> bool:
    return False


def derive(
    document: Mapping[str, Any],
    *,
    owner: str,
    slug: str,
    rights: Rights | None,
    added_at: datetime,
    earlier: Sequence[FileState] = (),
    ban: TitleBan | None = None,
    media: Mapping[str, MediaFile] | None = None,
    is_file_id: IsFileId = _nothing,
) -> Derived:
    """The platform's half of a title. `added_at` is naive UTC; `earlier` is what was known of its buckets before, `ban`
    what stands against it, `media` what is known of the files that its episodes and chapters name.
    """
    title = read({**document, "id": document.get("_id")}, Title)
    name = _name(title)
    derived = Derived(
        version=VERSION,
        slug=slug,
        name=name,
        clean_title=(title.clean_title or "").strip()[:_LONGEST_NAME] or clean(name),
        media_type=title.media_type if title.media_type in MEDIA_TYPES else "other",
        content_rating=content_rating(document.get("content_rating")),
        year=year_of(document.get("year")),
        rating=title.rating if title.rating is not None and math.isfinite(title.rating) else None,
        genre_names=genre_names(document.get("genres")),
        author_key=named_key(title.author),
        franchise_name=franchise_name(document),
        status=_status(document.get("status")),
        rights=rights,
        ban=ban,
        added_at=added_at,
        files=file_states(document, title.files, earlier, owner),
    )
    derived.genres = [genre_key(genre) for genre in derived.genre_names]
    derived.franchise = named_key(derived.franchise_name)
    units = judge_units(title, media or {}, owner, is_file_id)
    derived.units, derived.units_files = units.states, units.stands_for
    derived.pictures = judge_pictures(title, media or {}, owner, is_file_id)
    derived.playable = any(state.reason is None for state in derived.files) or plays(derived.units)
    derived.hidden_because = hidden_because(derived)
    derived.visible = derived.hidden_because is None
    derived.sort = _sort_keys(derived)
    # What was brought anew is asked anew; the checker knows by the address what it asked before.
    derived.links_due = int(added_at.replace(tzinfo=UTC).timestamp()) if addresses_of(title.files) else 0
    return derived


def hidden_because(derived: Derived) -> str | None:
    """Why nobody is shown the title; None when it may be shown."""
    if derived.ban is not None and derived.ban.whole:
        return f"{TAKEN_DOWN} ({', '.join(derived.ban.cases)})"
    if derived.rights is None:
        return "no rights basis was declared"
    if derived.status not in _SHOWN:
        return f"its status is {derived.status}"
    if derived.media_type == "other":
        return "its media type is none that the platform knows"
    return None


def usable_slug(short_id: Any) -> str | None:
    """The user's own slug, if it can stand in a URL."""
    return short_id if isinstance(short_id, str) and _USABLE_SLUG.fullmatch(short_id) else None


def derived_slug(document_id: Any, attempt: int = 0) -> str:
    """Seven base62 characters that are always the same for one id; a further `attempt` after a collision."""
    seed = f"{fingerprint({'_id': document_id})}:{attempt}"
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    characters: list[str] = []
    for _ in range(SLUG_LENGTH):
        number, place = divmod(number, len(_BASE62))
        characters.append(_BASE62[place])
    return "".join(characters)


def clean(text: str) -> str:
    """Lower case without marks and punctuation, single spaces."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark))
    spaced = "".join(mark if mark.isalnum() else " " for mark in plain)
    return " ".join(spaced.split())[:_LONGEST_NAME]


def genre_key(genre: str) -> str:
    """What two spellings of one genre have in common."""
    return clean(genre)[:60] or genre.casefold()[:60]


def genre_names(value: Any) -> list[str]:
    """Genres as written, from a list of names, of `{name}` objects, or from one text with commas; each once."""
    entries: list[Any] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    names: dict[str, str] = {}
    for entry in entries[:_MOST_GENRES]:
        found: Any = cast("dict[str, Any]", entry).get("name") if isinstance(entry, dict) else entry
        if isinstance(found, str) and (name := " ".join(found.split())[:60]):
            names.setdefault(genre_key(name), name)
    return list(names.values())


def franchise_name(document: Mapping[str, Any]) -> str | None:
    """What holds a film, its series and its comic together: `franchise`, or TMDB's `belongs_to_collection`.

    Either may be a name or an object with one.
    """
    for field in ("franchise", "belongs_to_collection"):
        value: Any = document.get(field)
        found: Any = cast("dict[str, Any]", value).get("name") if isinstance(value, dict) else value
        if isinstance(found, str) and (name := " ".join(found.split())[:120]):
            return name
    return None


def named_key(name: str | None) -> str | None:
    """What two spellings of an author or a franchise have in common; None for no name."""
    return (genre_key(name) or None) if name else None


def year_of(value: Any) -> int | None:
    """A year from 1800 to 2199, out of a number or a text that starts with one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = f"{value:.0f}" if isinstance(value, int | float) and math.isfinite(value) else str(value).strip()
    found = _YEAR.match(text)
    return int(found[0]) if found and (len(text) == 4 or not text[4].isdigit()) else None


def content_rating(value: Any) -> str:
    """`safe` or `18+`. Unrated is safe, as most films come; a rating that we do not know counts as the strictest."""
    return "safe" if value is None or (isinstance(value, str) and value.strip().casefold() == "safe") else "18+"


def file_states(
    document: Mapping[str, Any], files: Sequence[TitleFile], earlier: Sequence[FileState], owner: str
) -> list[FileState]:
    """One state a bucket; what a worker resolved earlier is kept while the bucket as brought stays the same."""
    brought = document.get("files")
    raw = brought if isinstance(brought, list) else []
    known = {state.file: state for state in earlier if state.documents}
    return [_file_state(place, file, raw[place], known, owner) for place, file in enumerate(files)]


def _file_state(place: int, file: TitleFile, raw: Any, known: Mapping[str, FileState], owner: str) -> FileState:
    stands_for = fingerprint({"place": place, "file": raw})[:16]
    resolved = known.get(stands_for)
    verdict = judge(file, resolved, owner)
    return FileState(
        file=stands_for,
        reason=verdict.reason if isinstance(verdict, NotPlayable) else None,
        resolvable=isinstance(verdict, NotPlayable) and verdict.resolvable,
        mime=resolved.mime if resolved else None,
        documents=resolved.documents if resolved else [],
    )


def _name(title: Title) -> str:
    for candidate in (title.title, title.clean_title, str(title.id)):
        if candidate and (name := " ".join(candidate.split())):
            return name[:_LONGEST_NAME]
    return "Untitled"


def _status(value: Any) -> str:
    if value is None:
        return "available"
    known = value.strip().casefold() if isinstance(value, str) else ""
    return known if known in _STATUSES else "unknown"


def _sort_keys(derived: Derived) -> SortKeys:
    added_at = derived.added_at or datetime(1970, 1, 1)  # noqa: DTZ001 - stored datetimes are naive UTC
    cleaned = clean(derived.clean_title) or derived.clean_title.casefold() or derived.name.casefold()
    return SortKeys(
        recent=int(added_at.replace(tzinfo=UTC).timestamp() * 1000),
        title=_ARTICLE.sub("", cleaned, count=1) if _ARTICLE.match(cleaned) else cleaned,
        year=derived.year or 0,
        rating=derived.rating if derived.rating is not None else -1.0,
    )


def stored(derived: Derived) -> dict[str, Any]:
    """What the import writes under `_marquee`."""
    fields = cast("dict[str, Any]", msgspec.to_builtins(derived, builtin_types=(datetime,)))
    for others in ("visuals", "ban", "links"):
        del fields[others]
    return fields
