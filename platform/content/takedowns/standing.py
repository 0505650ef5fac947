"""What stands against a title after a takedown; kept on the title, under `_marquee.ban`."""

from __future__ import annotations

from msgspec import Struct, field


class TitleBan(Struct, kw_only=True):
    """A ban by the title's owner or by the platform.

    `whole`: nobody is shown the title; else its `units` (`s1e2`, `c12.5`) and `files` (keys of
    `content.takedowns.files`) alone. `cases` are the notices that led to it, `by_platform` says who may lift it.
    """

    whole: bool = False
    units: list[str] = field(default_factory=list[str])
    files: list[str] = field(default_factory=list[str])
    public_reason: str = ""
    cases: list[str] = field(default_factory=list[str])
    by_platform: bool = False
