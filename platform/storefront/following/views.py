"""What the viewer's own pages show, as plain dicts for templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from accounts.referrals.referring import Standing
from content.notices.reading import Told
from content.notices.wording import said, unit_words
from content.progress.continuing import Going, Seen
from content.targets import parse_target
from content.watchlist.listing import Kept
from storage.moments import epoch_of, rfc3339
from storefront.going import left_over, title_url, unit_name, unit_url
from storefront.pages.views import View, card

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY


def going_cards(row: Sequence[Going]) -> list[View]:
    """The row of what goes on; `continuing` in templates."""
    return [_going(each) for each in row]


def seen_view(seen: Seen, now: float) -> View:
    """An entry of the history."""
    progress = seen.progress
    unit = unit_words(parse_target(f"x#{progress.unit}")) if progress.unit else ""
    name = f"Chapter {unit}" if progress.unit.startswith("c") else unit
    state = "finished" if progress.last.finished else left_over(progress.last)
    return card(seen.title) | {
        "target": progress.title,
        "line": " · ".join(part for part in (name, state) if part),
        "share": f"{progress.last.share:.3f}",
        "when": ago(progress.at, now),
        "stamp": rfc3339(progress.at),
    }


def kept_view(kept: Kept) -> View:
    """A title of the list."""
    return card(kept.title) | {
        "notify": kept.entry.notify,
        "grows": kept.title.derived.media_type in {"series", "manga"},
    }


def notice_view(told: Told, now: float) -> View:
    """A notice."""
    notice = told.notice
    return {
        "key": notice.key,
        "title": told.title.name if told.title else "",
        "text": said(notice, told.title),
        "card": card(told.title) if told.title else None,
        "read": notice.ours.read_at is not None,
        "when": ago(notice.created_at, now),
        "stamp": rfc3339(notice.created_at),
    }


def notice_target(told: Told) -> str:
    """The page that a notice leads to."""
    return told.notice.url or (title_url(told.title) if told.title else "/notices")


def further(path: str, after: str | None) -> str | None:
    """The page that continues a list."""
    return f"{path}?{urlencode({'after': after})}" if after else None


def ago(at: datetime, now: float) -> str:
    """How long ago, in a word or two."""
    seconds = max(0, int(now - epoch_of(at)))
    if seconds < _MINUTE:
        return "just now"
    for size, name in ((_HOUR, "minute"), (_DAY, "hour"), (_WEEK, "day")):
        if seconds < size:
            count = seconds // {_HOUR: _MINUTE, _DAY: _HOUR, _WEEK: _DAY}[size]
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return f"{at.day} {at:%B %Y}"


def _going(each: Going) -> View:
    unit = unit_name(each.unit) if each.unit else ""
    left = left_over(each.progress) or ("next" if each.unit and each.progress is None else "")
    return card(each.title) | {
        "target": each.target_id,
        "go": unit_url(each.title, each.unit),
        "line": " · ".join(part for part in (unit, left) if part),
        "share": f"{each.share:.3f}",
        "is_read": each.title.derived.media_type == "manga",
    }


def invite_view(standing: Standing, site: str) -> View:
    """An inviter's link, count and rewards."""
    rules = standing.rules
    people = "each person" if rules.per_sign_ups == 1 else f"every {rules.per_sign_ups} people"
    promise = f"{rules.reward_days} days of premium for {people} who sign up by your link." if rules.reward_days else ""
    until = standing.rewarded_until
    return {
        "url": f"{site}/invite/{standing.code}" if standing.code else "",
        "invited": standing.invited,
        "promise": promise,
        "rewards": standing.rewards,
        "until": f"{until.day} {until:%B %Y}" if until else "",
    }
