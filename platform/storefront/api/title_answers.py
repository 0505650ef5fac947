"""What the API answers with about one title."""

from __future__ import annotations

from msgspec import Struct

from content.model import Title
from content.playable import Playable, Quality, held_back
from content.unit_offers import chapters_on, episodes_on, packs_on
from storefront.api.answers import TitleSummary, summary_fields
from tenancy.resolver import ResolvedTenant


class QualityAnswer(Struct, kw_only=True):
    """One quality of a title; `reason` says why it cannot be played."""

    id: str
    quality: str
    label: str
    playable: bool
    mime: str | None = None
    size_bytes: int | None = None
    reason: str | None = None


class SubtitleAnswer(Struct, kw_only=True):
    """A subtitle inside of the video; `index` is its stream number there."""

    lang: str
    index: int


class Intro(Struct, kw_only=True):
    """The intro, in seconds."""

    start: float
    end: float


class SeasonSummary(Struct, kw_only=True):
    """A season: how many episodes there are and play, and whether the whole of it can be had in one archive."""

    season: int
    episodes: int
    playable: int
    pack: bool


class ChaptersSummary(Struct, kw_only=True):
    """The chapters of a book: how many there are and can be read, and the numbers of the first and last."""

    count: int
    readable: int
    first: str
    last: str


class FranchiseAnswer(Struct, kw_only=True):
    """What holds a film, its series and its comic together; `key` goes into the parameter of `/titles`."""

    key: str
    name: str


class TitleDetail(TitleSummary, kw_only=True):
    """Everything that a site shows of a title. `notice` says why nothing of it plays at the moment.

    `chapter_count` and `total_seasons` are the operator's words; `seasons` and `chapters` are what is there.
    """

    status: str
    notice: str | None
    franchise: FranchiseAnswer | None
    seasons: list[SeasonSummary]
    chapters: ChaptersSummary | None

    overview: str | None
    author: str | None
    backdrop: str | None
    intro: Intro | None
    qualities: list[QualityAnswer]
    subtitles: list[SubtitleAnswer]
    total_seasons: int | None
    chapter_count: int | None


def title_detail(title: Title, offered: list[Quality], tenant: ResolvedTenant) -> TitleDetail:
    """One title with its qualities as this site offers them."""
    timings, derived = title.intro_timings, title.derived
    has_intro = timings is not None and timings.start is not None and timings.end is not None
    named = derived.franchise is not None and derived.franchise_name is not None
    return TitleDetail(
        **summary_fields(title),
        status=derived.status,
        notice=held_back(title),
        franchise=FranchiseAnswer(key=derived.franchise or "", name=derived.franchise_name or "") if named else None,
        seasons=_seasons(title, tenant),
        chapters=_chapters(title, tenant),
        overview=title.overview,
        author=title.author,
        backdrop=f"/art/{title.slug}/backdrop" if derived.visuals.backdrop or derived.pictures.backdrop else None,
        intro=Intro(start=timings.start or 0, end=timings.end or 0) if timings and has_intro else None,
        qualities=[_quality(each) for each in offered],
        subtitles=_subtitles(title),
        total_seasons=title.total_seasons,
        chapter_count=title.chapter_count,
    )


def _quality(offered: Quality) -> QualityAnswer:
    answer = QualityAnswer(
        id=str(offered.place),
        quality=offered.quality,
        label=offered.label,
        playable=isinstance(offered.verdict, Playable),
    )
    if isinstance(offered.verdict, Playable):
        answer.mime, answer.size_bytes = offered.verdict.bucket.mime, offered.verdict.bucket.size_bytes
    else:
        answer.reason = offered.verdict.reason
    return answer


def _subtitles(title: Title) -> list[SubtitleAnswer]:
    found = {
        (subtitle.lang, subtitle.index): None
        for file in title.files
        for subtitle in file.subtitles
        if subtitle.lang is not None and subtitle.index is not None
    }
    return [SubtitleAnswer(lang=lang or "", index=index or 0) for lang, index in found]


def _seasons(title: Title, tenant: ResolvedTenant) -> list[SeasonSummary]:
    packed = {pack.season for pack in packs_on(title, tenant) if pack.reason is None}
    found: dict[int, SeasonSummary] = {}
    for unit in episodes_on(title, tenant):
        summary = found.setdefault(
            unit.season, SeasonSummary(season=unit.season, episodes=0, playable=0, pack=unit.season in packed)
        )
        summary.episodes += 1
        summary.playable += unit.playable
    return list(found.values())


def _chapters(title: Title, tenant: ResolvedTenant) -> ChaptersSummary | None:
    units = chapters_on(title, tenant)
    if not units:
        return None
    readable = sum(unit.readable for unit in units)
    return ChaptersSummary(count=len(units), readable=readable, first=units[0].number, last=units[-1].number)
