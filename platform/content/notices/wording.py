"""Notices in words."""

from __future__ import annotations

from collections.abc import Sequence

from content.model import Title
from content.notices.model import Notice
from content.targets import BadTarget, Target, chapter_number, parse_target


def said(notice: Notice, title: Title | None) -> str:
    """The notice in a sentence: `3 new chapters`, `New episode: S1 E2`; or its own text."""
    return news(notice.units) if title is not None and notice.units else notice.text


def news(units: Sequence[str]) -> str:
    """What the units are, as news."""
    targets = [_target(unit) for unit in units]
    is_read = any(target.chap is not None for target in targets)
    kind = "chapter" if is_read else "episode"
    if len(units) == 1:
        return f"New {kind}: {unit_words(targets[0])}"
    return f"{len(units)} new {kind}s: {unit_words(targets[0])} to {unit_words(targets[-1])}"


def unit_words(target: Target) -> str:
    """`S1 E2` or `12.5`."""
    if target.chap is not None:
        return chapter_number(target.chap)
    return f"S{target.season} E{target.episode}" if target.season is not None else target.title_id


def _target(unit: str) -> Target:
    try:
        return parse_target(f"x#{unit}")
    except BadTarget:
        return Target(title_id=unit)
