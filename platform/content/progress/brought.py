"""Progress in the users' own shape: `users.history`, keyed by title, as it is brought and given back.

A film is {"timestamp", "updated_at"}, a book {"last_chap", "last_page"}; of an episode we also say `season` and
`episode`, and of a title that was seen to its end `finished`. What nobody can read is kept and left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from content.progress.model import LONGEST_SECONDS, MOST_PAGES, TitleProgress, UnitProgress, unit_of
from content.targets import BadTarget, Target, chapter_number, parse_target


class Brought(NamedTuple):
    """An entry of a history that could be read: whose place it is, and the place."""

    title: str
    unit: str
    progress: UnitProgress


def read_history(history: object, since: datetime) -> Iterator[Brought]:
    """The entries that say a place; `since` stands for the time of those that say none."""
    if not isinstance(history, dict):
        return
    for key, entry in cast("dict[str, object]", history).items():
        if isinstance(entry, dict) and (found := _read(key, cast("dict[str, Any]", entry), since)) is not None:
            yield found


def with_progress(document: dict[str, Any], made_here: list[TitleProgress]) -> dict[str, Any]:
    """The user's document with what was seen here since it was brought; the same document where nothing was."""
    held = document.get("history")
    if not made_here or not isinstance(held, dict | None):
        return document
    history: dict[str, Any] = dict(cast("dict[str, Any]", held or {}))
    for title in made_here:
        own_keys = [unit for name in title.units if f"{title.title}#{(unit := unit_of(name))}" in history and unit]
        for unit in own_keys:
            _overlay(history, f"{title.title}#{unit}", unit, title.units[unit.replace(".", "_")])
        if title.unit not in own_keys or title.title in history:
            _overlay(history, title.title, title.unit, title.last)
    return {**document, "history": history}


def _overlay(history: dict[str, Any], key: str, unit: str, progress: UnitProgress) -> None:
    if not progress.is_live:
        return
    before = history.get(key)
    kept: dict[str, Any] = {**cast("dict[str, Any]", before)} if isinstance(before, dict) else {}
    for name in ("timestamp", "last_chap", "last_page", "season", "episode", "finished"):
        kept.pop(name, None)
    history[key] = {**kept, **_entry(unit, progress)}


def _entry(unit: str, progress: UnitProgress) -> dict[str, Any]:
    target = parse_target(f"x#{unit}") if unit else Target(title_id="x")
    entry: dict[str, Any] = {}
    if target.chap is not None:
        entry |= {"last_chap": int(target.chap) if target.chap.is_integer() else target.chap}
    if progress.page is not None:
        entry |= {"last_page": progress.page}
    else:
        entry |= {"timestamp": int(progress.position)}
    entry |= {"updated_at": progress.at}
    if target.season is not None:
        entry |= {"season": target.season, "episode": target.episode}
    return entry | ({"finished": True} if progress.finished else {})


def _read(key: str, entry: dict[str, Any], since: datetime) -> Brought | None:
    try:
        target = parse_target(key)
    except BadTarget:
        return None
    at = _moment(entry.get("updated_at")) or since
    finished = entry.get("finished") is True
    runs = int(finished)
    chap, page = _number(entry.get("last_chap"), 999_999), _number(entry.get("last_page"), MOST_PAGES)
    seconds = _number(entry.get("timestamp"), LONGEST_SECONDS)
    if chap is not None or (target.chap is not None and page is not None):
        unit = target.unit or f"c{chapter_number(chap or 0)}"
        progress = UnitProgress(at=at, page=int(page or 0), finished=finished, finished_runs=runs)
    elif seconds is not None:
        unit = target.unit or _episode(entry)
        progress = UnitProgress(at=at, position=seconds, finished=finished, finished_runs=runs)
    else:
        return None
    return Brought(target.title_id, unit, progress)


def _episode(entry: dict[str, Any]) -> str:
    season, episode = _number(entry.get("season"), 999_999), _number(entry.get("episode"), 999_999)
    return "" if season is None or episode is None else f"s{int(season)}e{int(episode)}"


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= most else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    found = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value
    return found.replace(microsecond=found.microsecond // 1_000 * 1_000)
