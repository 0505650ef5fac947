"""What is known of a viewer's way through a title. Every datetime is naive and means UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field

from storage.repository import TenantDocument

LONGEST_SECONDS: Final = 7 * 24 * 3_600
MOST_PAGES: Final = 100_000
WHOLE: Final = "whole"
"""The unit of a title that has none, such as a film."""


class Beat(Struct, frozen=True, kw_only=True):
    """One heartbeat: `seq` counts within the client's session, `at` is when it was so by the server's clock.

    Either seconds (`position`, `duration`) or pages counted from 1 (`page` of `pages`).
    """

    session: str
    seq: int
    at: datetime
    position: float | None = None
    duration: float | None = None
    page: int | None = None
    pages: int | None = None


class Past(Struct, frozen=True):
    """A session that another one took over from, and the last it said."""

    session: str
    seq: int


class UnitProgress(Struct, frozen=True, kw_only=True):
    """How far a film, an episode or a chapter has been seen.

    `run` counts the times it was begun, `finished_runs` those that came to the end; `finished` is about the present
    run. `session` is empty where the place was brought by an import.
    """

    at: datetime
    position: float = 0.0
    duration: float | None = None
    page: int | None = None
    pages: int | None = None
    finished: bool = False
    run: int = 1
    finished_runs: int = 0
    session: str = ""
    seq: int = -1
    past: list[Past] = field(default_factory=list[Past])

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where the length is not known."""
        if self.finished:
            return 1.0
        done, whole = (self.position, self.duration) if self.page is None else (self.page, self.pages)
        return min(1.0, done / whole) if whole else 0.0

    @property
    def is_live(self) -> bool:
        """Whether it was made here, and not brought."""
        return self.session != ""


class TitleProgress(TenantDocument, kw_only=True):
    """One viewer's way through one title; its id is {viewer, title}.

    `unit` is the last unit seen, `last` what is known of it; `units` holds all of them by `unit_field`. `open` is
    false once a title without units is finished. `live` says whether any of it was made here.
    """

    viewer: Any
    title: str
    unit: str
    at: datetime
    last: UnitProgress
    open: bool = True
    live: bool = False
    revision: int = 0
    units: dict[str, UnitProgress] = field(default_factory=dict[str, UnitProgress])

    @property
    def target_id(self) -> str:
        """The last unit in its written form."""
        return f"{self.title}#{self.unit}" if self.unit else self.title


def key_of(viewer_id: object, title_id: str) -> dict[str, object]:
    """The document's id."""
    return {"viewer": viewer_id, "title": title_id}


def unit_field(unit: str) -> str:
    """A unit's key as the name of a field, which has no dots."""
    return unit.replace(".", "_") or WHOLE


def unit_of(name: str) -> str:
    """The unit's key again."""
    return "" if name == WHOLE else name.replace("_", ".")
