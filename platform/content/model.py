"""What a title, a comment, a report and a worker are, as far as the platform reads them.

Every field may be absent: the documents are the users' own and are kept as they came. Read them with `lenient.read`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from msgspec import Struct, field

from content.known import LinkState, Pictures
from content.takedowns.standing import TitleBan
from storage.repository import TenantDocument

MEDIA_TYPES: Final = ("movie", "series", "manga")
RIGHTS: Final = ("own", "licensed", "open_licence", "public_domain")
RightsBasis = Literal["own", "licensed", "open_licence", "public_domain"]


class RawKeys(Struct, kw_only=True):
    """MTProto keys of a document; `file_reference` is hex."""

    media_id: int | None = None
    access_hash: int | None = None
    file_reference: str | None = None


class Origin(Struct, kw_only=True):
    """The message that holds a document; `chat` in the Bot API's -100… form."""

    chat: int | None = None
    message: int | None = None


class Part(Struct, kw_only=True):
    """One of the ordered documents of a bucket that is larger than Telegram takes at once."""

    tg_raw: RawKeys | None = None
    file_hash: str | None = None
    size_bytes: int | None = None
    dc_id: int | None = None
    origin: Origin | None = None


class Embed(Struct, kw_only=True):
    """A player of another host, the free tier's source; the lowest `priority` comes first."""

    host: str | None = None
    url: str | None = None
    priority: int | None = None


class Subtitle(Struct, kw_only=True):
    """A soft subtitle inside the container; `index` is its stream number."""

    lang: str | None = None
    index: int | None = None


class Download(Struct, kw_only=True):
    """A mirror on the archive page; `status` is active or dead."""

    host: str | None = None
    url: str | None = None
    icon: str | None = None
    status: str | None = None


class TitleFile(Struct, kw_only=True):
    """One bucket: a quality of a title. The last six fields are the resolved ones."""

    quality: str | None = None
    label: str | None = None
    size_human: str | None = None
    telegram_id: str | None = None
    file_hash: str | None = None
    tg_raw: RawKeys | None = None
    embeds: list[Embed] = field(default_factory=list[Embed])
    backup_url: str | None = None
    subtitles: list[Subtitle] = field(default_factory=list[Subtitle])
    downloads: list[Download] = field(default_factory=list[Download])
    size_bytes: int | None = None
    dc_id: int | None = None
    origin: Origin | None = None
    mime: str | None = None
    documents: list[Part] = field(default_factory=list[Part])
    duration_seconds: float | None = None


class IntroTimings(Struct, kw_only=True):
    """Seconds, as voted by viewers."""

    start: float | None = None
    end: float | None = None
    votes: int | None = None


class Visuals(Struct, kw_only=True):
    """Telegram file ids."""

    poster: str | None = None
    backdrop: str | None = None
    screenshots: list[str] = field(default_factory=list[str])


class SeasonPack(Struct, kw_only=True):
    """A whole season in one archive."""

    season: int | None = None
    zip_file_id: str | None = None
    size: str | None = None


class Episode(Struct, kw_only=True):
    """One episode of a season."""

    episode: int | None = None
    title: str | None = None
    file_id: str | None = None
    quality: str | None = None


class Chapter(Struct, kw_only=True):
    """One chapter of a book; `chap` may be fractional. A page that cannot be read is None and keeps its number."""

    chap: float | None = None
    title: str | None = None
    storage_id: str | int | None = None
    pages: list[str | None] = field(default_factory=list[str | None])


class Rights(Struct, kw_only=True, frozen=True):
    """On what ground a title is shown, who declared it, and when (naive UTC)."""

    basis: RightsBasis
    by: str
    declared_at: datetime


class FileState(Struct, kw_only=True):
    """What the platform knows of `files[i]`: why it cannot be played (None: it can), whether a worker may find out
    what is missing, and what one resolved.

    `file` stands for the bucket as it came, so that what was resolved is kept only while that stays the same.
    `documents` and `mime` win over what the bucket brought.
    """

    file: str = ""
    reason: str | None = None
    resolvable: bool = False
    mime: str | None = None
    documents: list[Part] = field(default_factory=list[Part])


class UnitState(Struct, kw_only=True):
    """What the platform knows of an episode's quality (`s1e2/0`), a chapter (`c12.5`) or a season pack (`pack/1`): why
    it cannot be had (None: it can), and whether a worker may find out more of its files. `place` is that of the
    chapter in the document."""

    key: str = ""
    place: int = 0
    reason: str | None = None
    resolvable: bool = False


class SortKeys(Struct, kw_only=True):
    """One value of one type for each order; `recent` is epoch milliseconds."""

    recent: int = 0
    title: str = ""
    year: int = 0
    rating: float = -1.0


class DerivedVisuals(Struct, kw_only=True):
    """Ids of blobs of the title's owner."""

    poster: str | None = None
    backdrop: str | None = None
    screenshots: list[str] = field(default_factory=list[str])


class Derived(Struct, kw_only=True):
    """What the platform adds to a title, under `_marquee`. The import writes all but `visuals`, `ban` and `links`.

    `version` is that of the derivation, `units_files` stands for the files that the units name, `new_units` are those
    that came with the last import and were not announced yet, and `links_due` is when a link is to be
    asked next (epoch seconds; 0 for a title without).
    """

    version: int = 0
    slug: str = ""
    name: str = ""
    clean_title: str = ""
    media_type: str = "other"
    content_rating: str = "safe"
    year: int | None = None
    rating: float | None = None
    genres: list[str] = field(default_factory=list[str])
    genre_names: list[str] = field(default_factory=list[str])
    author_key: str | None = None
    franchise: str | None = None
    franchise_name: str | None = None
    status: str = "available"
    visible: bool = False
    hidden_because: str | None = None
    playable: bool = False
    files: list[FileState] = field(default_factory=list[FileState])
    units: list[UnitState] = field(default_factory=list[UnitState])
    units_files: str = ""
    new_units: list[str] = field(default_factory=list[str])
    sort: SortKeys = field(default_factory=SortKeys)
    rights: Rights | None = None
    ban: TitleBan | None = None
    added_at: datetime | None = None
    visuals: DerivedVisuals = field(default_factory=DerivedVisuals)
    pictures: Pictures = field(default_factory=Pictures)
    links: list[LinkState] = field(default_factory=list[LinkState])
    links_due: int = 0


class Title(TenantDocument, kw_only=True):
    """A movie, a series or a book. `derived` is the platform's; `is_shared` and `text_score` are of the query that
    found it."""

    short_id: str | None = None
    media_type: str | None = None
    title: str | None = None
    clean_title: str | None = None
    author: str | None = None
    overview: str | None = None
    year: int | None = None
    genres: list[str] = field(default_factory=list[str])
    rating: float | None = None
    status: str | None = None
    content_rating: str | None = None
    intro_timings: IntroTimings | None = None
    visuals: Visuals | None = None
    files: list[TitleFile] = field(default_factory=list[TitleFile])
    total_seasons: int | None = None
    season_packs: list[SeasonPack] = field(default_factory=list[SeasonPack])
    seasons: dict[str, list[Episode]] = field(default_factory=dict[str, list[Episode]])
    chapter_count: int | None = None
    chapters: list[Chapter] = field(default_factory=list[Chapter])
    derived: Derived = field(name="_marquee", default_factory=Derived)
    is_shared: bool = field(name="_marquee_shared", default=False)
    text_score: float = field(name="_marquee_score", default=0.0)

    @property
    def slug(self) -> str:
        """The title's name in URLs, unique per owner."""
        return self.derived.slug

    @property
    def name(self) -> str:
        """What the title is called on a page."""
        return self.derived.name


class Comment(TenantDocument, kw_only=True):
    """A viewer's comment; `target_id` is a title, `<id>#c<chap>` or `<id>#s<season>e<episode>`, `timestamp` seconds."""

    target_id: str | None = None
    user_id: Any = None
    nickname: str | None = None
    avatar_seed: str | None = None
    body: str | None = None
    is_spoiler: bool = False
    timestamp: float | None = None
    likes: int = 0
    created_at: datetime | None = None
    moderation_status: str | None = None


class Report(TenantDocument, kw_only=True):
    """Something is wrong with a title, for the medic."""

    target_id: str | None = None
    issue: str | None = None
    status: str | None = None


class Worker(Struct, kw_only=True):
    """A Telegram client of the swarm; a document of the platform."""

    id: Any
    api_id: int | None = None
    status: str | None = None
    current_task: str | None = None
    flood_wait_until: datetime | None = None
