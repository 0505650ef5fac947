"""How each error of a room answers over HTTP: one line an error."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from accounts.errors import (
    BadRecoveryCode,
    BadTokenName,
    BrowserRequired,
    GuestsOnly,
    NoSuchDevice,
    SessionRequired,
    SignInNotOffered,
    SignInRefused,
    SignInReplayed,
    SignInUnavailable,
    TooManyTokens,
    ViewerBanned,
)
from accounts.referrals.referring import NotSignedIn
from accounts.staff import StaffOnly, StaffTokenRequired
from addons.dmca_shield.switch import NotSubscribed
from billing.gateways.protocol import GatewayRefused, GatewayUnavailable
from billing.memberships.model import (
    AlreadyMember,
    BadGiftCode,
    IdentityNeeded,
    NoSuchPurchase,
    NothingToRenew,
    NotSold,
)
from billing.payments.errors import StillOpen
from content.audience import AgeGateClosed
from content.comments.errors import (
    CommentRefused,
    CommentsClosed,
    CommentSettled,
    DuplicateComment,
    NicknameRefused,
    NicknameTaken,
    NicknameTooSoon,
    NoSuchComment,
    NoSuchTarget,
    NotYourComment,
    TooManyComments,
)
from content.cursors import CursorInvalid
from content.intro.ballot import BadVote
from content.progress.pace import BadBeat
from content.progress.watching import NoSuchUnit
from content.reports.errors import NoSuchReport, ReportRefused, ReportSettled, TooManyReports
from content.subtitles.library import SubtitlePending, SubtitleUnavailable
from content.takedowns.bans import TitleBanned
from content.takedowns.errors import NoSuchNotice, NotDecidable, NothingToBan, NoticeInvalid
from content.targets import BadTarget
from content.watchlist.listing import ListFull, NotListed
from storage.errors import Conflict, StorageUnavailable, Unstorable
from storefront.opds.access import REALM, TokenRequired
from storefront.opds.files import DownloadNotAllowed
from storefront.reading.chapters import ChapterNotFound
from storefront.refusals import (
    BadParameter,
    CollectionNotFound,
    CrossSite,
    PremiumOnly,
    RateLimited,
    TitleNotFound,
    WrongContentType,
)
from streaming.admission import NotAdmitted
from streaming.leases import LeaseGone, StreamLimitReached
from streaming.links import LinkExpired, LinkInvalid
from streaming.pages.errors import PageGone, PageUnreadable, TooManyPages
from streaming.running import StreamEnded, TooManyConnections
from streaming.source import DocumentGone, NotPlayable, SourceUnavailable
from tenancy.errors import BadHost
from tenancy.mail.letters import BadAddress


class Answer(Struct, frozen=True):
    """What a class of errors is to a client. `tells` says whether the error's own text is meant for them.

    `challenge` is what `WWW-Authenticate` says beside a 401, `link` what `Link` says.
    """

    status: int
    type: str
    title: str
    tells: bool = True
    retry_after_seconds: float | None = None
    challenge: str | None = None
    link: str | None = None


ANSWERS: Final[dict[type[Exception], Answer]] = {
    BadHost: Answer(400, "bad-host", "This is not a host that can be asked", tells=False),
    BadParameter: Answer(400, "bad-parameter", "A parameter cannot be read"),
    CursorInvalid: Answer(400, "cursor-invalid", "This cursor does not continue this list"),
    StaffTokenRequired: Answer(401, "staff-required", "This is for the people of this site", challenge="Bearer"),
    TokenRequired: Answer(401, "token-required", "This needs a token", challenge=REALM),
    DownloadNotAllowed: Answer(403, "download-not-allowed", "Files are not open to you here"),
    StaffOnly: Answer(403, "staff-only", "This is for the people of this site"),
    BadBeat: Answer(400, "bad-progress", "This is no possible place in a title"),
    BadTarget: Answer(400, "bad-target", "This names no title, episode or chapter"),
    NotSignedIn: Answer(403, "sign-in-first", "This is for who has signed in"),
    BadAddress: Answer(400, "bad-address", "This is no e-mail address"),
    NotListed: Answer(404, "title-not-found", "There is no such title on this site"),
    ListFull: Answer(409, "list-full", "The list is full"),
    NoSuchUnit: Answer(404, "no-such-unit", "There is no such title, episode or chapter on this site"),
    BadVote: Answer(400, "bad-vote", "This is no possible intro"),
    PremiumOnly: Answer(403, "premium-only", "This is for premium members"),
    IdentityNeeded: Answer(403, "identity-needed", "You could not come back for what you buy"),
    BadGiftCode: Answer(403, "gift-code-invalid", "This code opens no gift here"),
    NoSuchPurchase: Answer(404, "purchase-not-found", "You have no such purchase here"),
    NotSold: Answer(409, "not-sold", "This is not for sale here"),
    AlreadyMember: Answer(409, "already-member", "You are a member"),
    NothingToRenew: Answer(409, "nothing-to-renew", "There is no such membership"),
    StillOpen: Answer(409, "payment-under-way", "A payment is on its way", tells=False),
    GatewayRefused: Answer(409, "payment-refused", "The payment service refused it", tells=False),
    GatewayUnavailable: Answer(
        503, "payment-unavailable", "The payment service gives no answer", tells=False, retry_after_seconds=30
    ),
    CrossSite: Answer(403, "cross-site", "This can be done from the site itself alone"),
    AgeGateClosed: Answer(403, "age-gate", "This is for adults"),
    SessionRequired: Answer(401, "session-required", "Nobody is signed in", challenge="Bearer"),
    BrowserRequired: Answer(403, "browser-required", "This is done in a browser"),
    GuestsOnly: Answer(403, "guests-only", "This is for guests"),
    BadRecoveryCode: Answer(403, "recovery-code-invalid", "This code opens nothing here"),
    BadTokenName: Answer(400, "bad-token-name", "A token cannot be called that"),
    TooManyTokens: Answer(409, "too-many-tokens", "There are too many tokens"),
    NoSuchDevice: Answer(404, "device-not-found", "You have no such device"),
    SignInRefused: Answer(403, "sign-in-refused", "You are not signed in"),
    SignInReplayed: Answer(409, "sign-in-replayed", "This sign-in was used before"),
    SignInNotOffered: Answer(404, "sign-in-not-offered", "This site does not offer this"),
    SignInUnavailable: Answer(
        503, "sign-in-unavailable", "Telegram cannot be reached right now", retry_after_seconds=10
    ),
    ViewerBanned: Answer(403, "banned", "This is not open to you here", tells=False),
    NotAdmitted: Answer(403, "not-admitted", "This link is not yours", tells=False),
    LinkInvalid: Answer(403, "link-invalid", "This link is not valid here", tells=False),
    LinkExpired: Answer(403, "link-expired", "This link has expired", tells=False),
    CollectionNotFound: Answer(404, "collection-not-found", "There is no such collection on this site"),
    TitleNotFound: Answer(404, "title-not-found", "There is no such title on this site"),
    DocumentGone: Answer(404, "stream-gone", "This video is no longer here", tells=False),
    ChapterNotFound: Answer(404, "chapter-not-found", "This title has no such chapter"),
    PageGone: Answer(404, "page-gone", "There is no such page"),
    NoSuchTarget: Answer(404, "no-such-target", "There is nothing here that could be spoken about"),
    NoSuchComment: Answer(404, "no-such-comment", "There is no such comment on this site"),
    CommentsClosed: Answer(403, "comments-closed", "Comments are not open to you here"),
    NotYourComment: Answer(403, "not-your-comment", "This comment is somebody else's"),
    DuplicateComment: Answer(409, "duplicate-comment", "You have just said this"),
    CommentSettled: Answer(409, "comment-settled", "It is too late for this"),
    CommentRefused: Answer(422, "comment-refused", "This cannot be said like that"),
    TooManyComments: Answer(429, "too-many-comments", "Too many comments in a short time"),
    NicknameTaken: Answer(409, "nickname-taken", "This nickname is taken"),
    NicknameTooSoon: Answer(429, "nickname-too-soon", "The nickname was changed not long ago"),
    NicknameRefused: Answer(422, "nickname-refused", "This nickname cannot be used"),
    NoSuchReport: Answer(404, "no-such-report", "There is no such report on this site"),
    ReportSettled: Answer(409, "report-settled", "The report changed meanwhile"),
    ReportRefused: Answer(422, "report-refused", "This cannot be reported of that"),
    TooManyReports: Answer(429, "too-many-reports", "Too many reports in a short time"),
    Conflict: Answer(409, "conflict", "This was changed by somebody else meanwhile", tells=False),
    StreamLimitReached: Answer(409, "stream-limit", "Too many videos are playing"),
    LeaseGone: Answer(410, "lease-gone", "This stream has ended"),
    StreamEnded: Answer(410, "stream-ended", "This stream has ended", tells=False),
    PageUnreadable: Answer(409, "page-unreadable", "This page cannot be read"),
    NotPlayable: Answer(409, "not-playable", "This cannot be played at the moment"),
    SubtitleUnavailable: Answer(409, "subtitle-unavailable", "This subtitle cannot be shown"),
    WrongContentType: Answer(415, "wrong-content-type", "A body must be application/json"),
    NotSubscribed: Answer(404, "not-here", "This is not on this site", tells=False),
    NoSuchNotice: Answer(404, "no-such-notice", "There is no such notice", tells=False),
    NotDecidable: Answer(409, "not-decidable", "This notice cannot be decided so"),
    NoticeInvalid: Answer(422, "notice-invalid", "The notice lacks something"),
    NothingToBan: Answer(422, "nothing-to-take-down", "There is nothing to take down"),
    # Who blocks is told as RFC 7725 asks: the operator of the site, at /legal.
    TitleBanned: Answer(451, "taken-down", "This was taken down", link='</legal>; rel="blocked-by"'),
    Unstorable: Answer(422, "unstorable", "This cannot be stored", tells=False),
    TooManyConnections: Answer(429, "too-many-connections", "Too many connections for one video", tells=False),
    TooManyPages: Answer(429, "too-many-pages", "Too many pages in a short time"),
    RateLimited: Answer(429, "rate-limited", "Too many requests"),
    StorageUnavailable: Answer(
        503, "storage-unavailable", "The site cannot answer right now", tells=False, retry_after_seconds=5
    ),
    SubtitlePending: Answer(503, "subtitle-pending", "This subtitle is being read"),
    SourceUnavailable: Answer(503, "source-unavailable", "The video cannot be reached right now", tells=False),
}
"""Rooms' errors that reach a client; an error that is not in it is ours, logged and told as a 500."""

INTERNAL: Final = Answer(500, "internal", "Something went wrong here", tells=False)
