"""/watchlist: the viewer's own list, and whether its titles send word of what is new."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import delete, get, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter, SkipValidation
from msgspec import Struct

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from content.audience import AgeGateClosed
from content.catalogue import Catalogue, Page
from content.cursors import CursorInvalid
from content.takedowns.bans import TitleBanned
from content.watchlist.listing import MOST_LISTED, Kept, KeptPage, ListFull, NotListed, Watchlist
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock, epoch_of
from storage.mongo import Database
from storefront.allowances import allow
from storefront.api.answers import TitleSummary, title_list
from storefront.api.examples import TITLES
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import BAD_ID, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.members import Member
from storefront.refusals import BadParameter, CrossSite
from streaming.links import user_claim
from tenancy.resolver import ResolvedTenant

CHANGES_PER_MINUTE: Final = 60
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_NOT_LISTED: Final = NotListed("Nothing on this site has the id or slug 'x'.")
_BANNED: Final = ViewerBanned("")
_ENTRY: Final[dict[str, Any]] = {"title": TITLES["titles"][0], "added_at": 1800000000.5, "notify": True}
TitleId = Annotated[str, PathParameter(max_length=512)]
LimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_LISTED}; 24 by default")]


class Wish(Struct, kw_only=True, forbid_unknown_fields=True):
    """`notify`: send word of new episodes and chapters."""

    notify: bool = True


class ListedAnswer(Struct, kw_only=True):
    """A title of the list. `added_at` is epoch seconds."""

    title: TitleSummary
    added_at: float
    notify: bool


class WatchlistAnswer(Struct, kw_only=True):
    """Some of the list. `next` goes into `after` for what follows; null where there is nothing."""

    entries: list[ListedAnswer]
    next: str | None


class TakenOff(Struct, kw_only=True):
    """How many titles were taken off the list."""

    removed: int


def watchlist_of_site(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Watchlist:
    """The dependency `watchlist`: the asked site's lists for this request's audience."""
    return Watchlist(database, tenant, catalogue, clock)


WATCHLIST: Final = {"watchlist": Provide(watchlist_of_site, sync_to_thread=False)}


@get(
    "/watchlist",
    operation_id="listWatchlist",
    summary="The viewer's list",
    tags=["watchlist"],
    dependencies=WATCHLIST,
    operation_class=shown({"entries": [_ENTRY], "next": None}),
    responses=problems(BadParameter("limit: a number from 1 to 50"), CursorInvalid("not a cursor"), _BANNED, _AWAY),
)
async def list_watchlist(
    viewer: NamedDependency[Viewer | None],
    watchlist: NamedDependency[Watchlist],
    limit: LimitText = None,
    after: AfterText = None,
) -> WatchlistAnswer:
    """The last added first."""
    wanted = number_of("limit", limit, 1, MOST_LISTED) or 24
    if viewer is None:
        if after is not None:
            raise CursorInvalid("not a cursor")
        return WatchlistAnswer(entries=[], next=None)
    return _list(await watchlist.page(viewer.id, after=after, limit=wanted))


@put(
    "/watchlist/{title_id:str}",
    operation_id="addToWatchlist",
    summary="Put a title on the list",
    description="Opens a guest session for whoever has none. Again, it changes `notify` alone.",
    tags=["watchlist"],
    dependencies=WATCHLIST,
    operation_class=shown(_ENTRY),
    responses=problems(
        BAD_ID,
        _ELSEWHERE,
        _BANNED,
        AgeGateClosed(),
        _NOT_LISTED,
        ListFull("A list holds 1000 titles. Take some off it first."),
        NOT_JSON,
        TOO_OFTEN,
        TitleBanned(""),
        _AWAY,
    ),
)
async def add_to_watchlist(
    tenant: NamedDependency[ResolvedTenant],
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    watchlist: NamedDependency[Watchlist],
    title_id: TitleId,
    data: JSONBody[Wish],
) -> ListedAnswer:
    """The entry as it is then."""
    await allow_change(limits, tenant, member.viewer)
    return _listed(await watchlist.add(member.viewer.id, title_id, notify=data.notify))


@delete(
    "/watchlist/{title_id:str}",
    operation_id="removeFromWatchlist",
    summary="Take a title off the list",
    tags=["watchlist"],
    status_code=200,
    dependencies=WATCHLIST,
    operation_class=shown({"removed": 1}),
    responses=problems(BAD_ID, _ELSEWHERE, _BANNED, NOT_JSON, _AWAY),
)
async def remove_from_watchlist(
    viewer: NamedDependency[Viewer | None], watchlist: NamedDependency[Watchlist], title_id: TitleId
) -> TakenOff:
    """By its id; what is not on the list is no error."""
    return TakenOff(removed=int(viewer is not None and await watchlist.remove(viewer.id, title_id)))


async def allow_change(limits: Limits, tenant: ResolvedTenant, viewer: Viewer) -> None:
    """Counts a change of the viewer's list. Raises RateLimited and StorageUnavailable."""
    subject = user_claim(viewer.id)
    await allow(limits, tenant.scope, "watchlist", subject, limit=CHANGES_PER_MINUTE, seconds=60)


def _list(page: KeptPage) -> WatchlistAnswer:
    return WatchlistAnswer(entries=[_listed(each) for each in page.kept], next=page.after)


def _listed(kept: Kept) -> ListedAnswer:
    summary = title_list(Page([kept.title])).titles[0]
    return ListedAnswer(title=summary, added_at=epoch_of(kept.entry.added_at), notify=kept.entry.notify)


WATCHLIST_ROUTES: Final = [list_watchlist, add_to_watchlist, remove_from_watchlist]
