"""What stands against a title after a takedown; kept on the title, under `_marquee.ban`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field


class TitleBan(Struct, kw_only=True):
    """A ban by the title's owner or by the platform.

    `whole`: nobody is shown the title; else its `units` (`s1e2`, `c12.5`) and `files` (keys of
    `content.takedowns.files`) alone. `cases` are the notices that led to it, each with what it took down:
    `TD-…`, `TD-…#s1e2`, `TD-…!media:7`. `by_platform` says who may lift it.
    """

    whole: bool = False
    units: list[str] = field(default_factory=list[str])
    files: list[str] = field(default_factory=list[str])
    public_reason: str = ""
    cases: list[str] = field(default_factory=list[str])
    by_platform: bool = False


class Share(Struct, frozen=True, kw_only=True):
    """What one case takes down of a title: all of it where neither units nor files are named."""

    case: str
    units: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    public_reason: str = ""
    by_platform: bool = False


def joined(ban: TitleBan | None, share: Share) -> TitleBan:
    """The ban with the share of a case added."""
    known = ban or TitleBan()
    return TitleBan(
        whole=known.whole or not (share.units or share.files),
        units=sorted({*known.units, *share.units}),
        files=sorted({*known.files, *share.files}),
        public_reason=share.public_reason or known.public_reason,
        cases=[*dict.fromkeys([*known.cases, *_entries(share)])],
        by_platform=known.by_platform or share.by_platform,
    )


def without(ban: TitleBan, case: str) -> TitleBan | None:
    """What is left of the ban without the case; None where nothing is."""
    left = [entry for entry in ban.cases if case_of(entry) != case]
    if not left:
        return None
    return TitleBan(
        whole=any(case_of(entry) == entry for entry in left),
        units=sorted({entry.partition("#")[2] for entry in left if "#" in entry.partition("!")[0]}),
        files=sorted({entry.partition("!")[2] for entry in left if "!" in entry}),
        public_reason=ban.public_reason,
        cases=left,
        by_platform=ban.by_platform,
    )


def case_of(entry: str) -> str:
    """The case of an entry of `TitleBan.cases`."""
    return entry.partition("!")[0].partition("#")[0]


def _entries(share: Share) -> Iterable[str]:
    if not (share.units or share.files):
        return [share.case]
    return [*(f"{share.case}#{unit}" for unit in share.units), *(f"{share.case}!{key}" for key in share.files)]
