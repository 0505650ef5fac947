"""What this room keeps of a tenant."""

from typing import Final

from content.comments.people import CommenterRepository, FlagRepository, LikeRepository
from content.dumps import CollectionsDump, CommentsDump, LibraryDump, MediaDump, ReportsDump
from content.intro.repository import ReckoningRepository, VoteRepository
from content.notices.repository import NoticeRepository, ReleaseRepository, WishesRepository
from content.progress.repository import ProgressRepository
from content.reports.repository import ReporterRepository
from content.subtitles.repository import ContentsRepository
from content.takedowns import repository as takedowns
from content.watchlist.repository import WatchlistRepository
from storage.documents import MARQUEE
from storage.mongo import Database
from tenancy.data import CollectionData, PassingData, Repository, TenantData

_BROUGHT: Final[tuple[Repository, ...]] = (LibraryDump, CommentsDump, ReportsDump, CollectionsDump, MediaDump)
_KEPT: Final[tuple[Repository, ...]] = (
    CommenterRepository,
    LikeRepository,
    FlagRepository,
    ReporterRepository,
    VoteRepository,
    ProgressRepository,
    WatchlistRepository,
    NoticeRepository,
    takedowns.BannedFileRepository,
)
_PASSING: Final[tuple[Repository, ...]] = (ReckoningRepository, ReleaseRepository, ContentsRepository)


def content_data(database: Database) -> list[TenantData]:
    """The library and all that viewers have left about it; viewers themselves are those of accounts.

    Takedown notices outlive the viewers they concern: they are kept on legal grounds (Article 17(3)(b) and (e) of the
    GDPR) and go with the tenant alone. What the platform remembers of files is the platform's and stays.
    """
    return [
        *(CollectionData(database, kind, without={MARQUEE}) for kind in _BROUGHT),
        *(CollectionData(database, kind) for kind in _KEPT),
        # What opens something stays behind: a feed's and a letter's tokens, the secret of a receipt.
        CollectionData(database, WishesRepository, without={"feed", "stop", "pending"}),
        CollectionData(database, takedowns.NoticeRepository, without={"secret"}),
        *(PassingData(database, kind) for kind in _PASSING),
    ]
