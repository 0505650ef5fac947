"""/notices: word of what is new, what of it was read, and where else it is sent."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter, SkipValidation

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from content.catalogue import Catalogue
from content.cursors import CursorInvalid
from content.notices.addresses import Addresses
from content.notices.reading import MOST_LISTED, ReadNotices
from storage.errors import StorageUnavailable
from storage.jobs import Jobs
from storage.limits import Limits
from storage.moments import Clock
from storage.mongo import Database
from storefront.allowances import allow
from storefront.api.notice_answers import (
    NOTICE,
    WISHES,
    EmailRequest,
    NoticesAnswer,
    ReadRequest,
    UnreadAnswer,
    WishesAnswer,
    notice_answer,
    wishes_answer,
)
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.going import site_of
from storefront.members import Member, address_of
from storefront.refusals import BadParameter, CrossSite
from streaming.links import user_claim
from tenancy.mail.letters import BadAddress, mailbox_of
from tenancy.resolver import ResolvedTenant

LETTERS_PER_HOUR: Final = 5
"""That one viewer, or one address of the network, may have sent."""
LETTERS_TO_A_MAILBOX: Final = 3
"""A day, whoever asks: it may be somebody else's."""
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BANNED: Final = ViewerBanned("")
LimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_LISTED}; 24 by default")]


def read_notices(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    clock: NamedDependency[SkipValidation[Clock]],
) -> ReadNotices:
    """The dependency `notices`: the asked site's for this request's audience."""
    return ReadNotices(database, tenant, catalogue, clock)


def addresses_of_site(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    jobs: NamedDependency[Jobs],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Addresses:
    """The dependency `addresses`: those of the asked site's viewers."""
    return Addresses(database, tenant.scope, jobs, clock)


NOTICES: Final = {"notices": Provide(read_notices, sync_to_thread=False)}
ADDRESSES: Final = {"addresses": Provide(addresses_of_site, sync_to_thread=False)}


@get(
    "/notices",
    operation_id="listNotices",
    summary="Word of what is new",
    tags=["notices"],
    dependencies=NOTICES,
    operation_class=shown({"notices": [NOTICE], "unread": 1, "next": None}),
    responses=problems(BadParameter("limit: a number from 1 to 50"), CursorInvalid("not a cursor"), _BANNED, _AWAY),
)
async def list_notices(
    viewer: NamedDependency[Viewer | None],
    notices: NamedDependency[ReadNotices],
    limit: LimitText = None,
    after: AfterText = None,
) -> NoticesAnswer:
    """The newest first; what the site does not show to the viewer is left out."""
    wanted = number_of("limit", limit, 1, MOST_LISTED) or 24
    if viewer is None:
        if after is not None:
            raise CursorInvalid("not a cursor")
        return NoticesAnswer(notices=[], unread=0, next=None)
    page = await notices.page(viewer.id, after=after, limit=wanted)
    unread = await notices.unread(viewer.id)
    return NoticesAnswer(notices=[notice_answer(each) for each in page.told], unread=unread, next=page.after)


@get(
    "/notices/unread",
    operation_id="countUnreadNotices",
    summary="How many notices are unread",
    tags=["notices"],
    dependencies=NOTICES,
    operation_class=shown({"unread": 1}),
    responses=problems(_BANNED, _AWAY),
)
async def count_unread(viewer: NamedDependency[Viewer | None], notices: NamedDependency[ReadNotices]) -> UnreadAnswer:
    """At most 99."""
    return UnreadAnswer(unread=await notices.unread(viewer.id) if viewer else 0)


@post(
    "/notices/read",
    operation_id="readNotices",
    summary="Mark notices as read",
    tags=["notices"],
    status_code=200,
    dependencies=NOTICES,
    operation_class=shown({"unread": 0}),
    responses=problems(BadParameter("ids: at most 100"), _ELSEWHERE, _BANNED, NOT_JSON, _AWAY),
)
async def mark_read(
    viewer: NamedDependency[Viewer | None], notices: NamedDependency[ReadNotices], data: JSONBody[ReadRequest]
) -> UnreadAnswer:
    """How many are unread then."""
    if viewer is None:
        return UnreadAnswer(unread=0)
    await notices.read(viewer.id, data.ids)
    return UnreadAnswer(unread=await notices.unread(viewer.id))


@get(
    "/notices/settings",
    operation_id="getNoticeSettings",
    summary="Where notices are sent",
    tags=["notices"],
    dependencies=ADDRESSES,
    operation_class=shown(WISHES),
    responses=problems(_BANNED, _AWAY),
)
async def get_settings(viewer: NamedDependency[Viewer | None], addresses: NamedDependency[Addresses]) -> WishesAnswer:
    """The viewer's own."""
    return await wishes_answer(addresses, viewer)


@put(
    "/notices/email",
    operation_id="setNoticeEmail",
    summary="Have notices sent by e-mail",
    description="Sends a link to the address; until it is followed nothing else is sent there.",
    tags=["notices"],
    dependencies=ADDRESSES,
    operation_class=shown({**WISHES, "email": None, "email_to_confirm": "ann@mail.example"}),
    responses=problems(BadAddress("email: an address"), _ELSEWHERE, _BANNED, NOT_JSON, TOO_OFTEN, _AWAY),
)
async def set_email(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    addresses: NamedDependency[Addresses],
    data: JSONBody[EmailRequest],
) -> WishesAnswer:
    """The settings as they are then."""
    await allow_letter(limits, tenant, member.viewer, address_of(request), data.email)
    await addresses.ask(member.viewer.id, data.email, site_of(request, tenant))
    return await wishes_answer(addresses, member.viewer)


@delete(
    "/notices/email",
    operation_id="removeNoticeEmail",
    summary="No more letters; the address is forgotten",
    tags=["notices"],
    status_code=200,
    dependencies=ADDRESSES,
    operation_class=shown({**WISHES, "email": None}),
    responses=problems(_ELSEWHERE, _BANNED, NOT_JSON, _AWAY),
)
async def remove_email(viewer: NamedDependency[Viewer | None], addresses: NamedDependency[Addresses]) -> WishesAnswer:
    """The settings as they are then."""
    if viewer is not None:
        await addresses.forget(viewer.id)
    return await wishes_answer(addresses, viewer)


@post(
    "/notices/feed",
    operation_id="renewNoticeFeed",
    summary="A feed of one's own; a former one's address becomes worthless",
    tags=["notices"],
    status_code=200,
    dependencies=ADDRESSES,
    operation_class=shown(WISHES),
    responses=problems(_ELSEWHERE, _BANNED, NOT_JSON, TOO_OFTEN, _AWAY),
)
async def renew_feed(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    member: NamedDependency[Member],
    addresses: NamedDependency[Addresses],
) -> WishesAnswer:
    """The settings as they are then."""
    await addresses.feed(member.viewer.id, site_of(request, tenant), renewed=True)
    return await wishes_answer(addresses, member.viewer)


async def allow_letter(limits: Limits, tenant: ResolvedTenant, viewer: Viewer, address: str, email: str) -> None:
    """Counts a letter that somebody wants sent: by viewer, by address of the network, and by the mailbox.

    Raises BadAddress, RateLimited, StorageUnavailable.
    """
    mailbox = mailbox_of(email)
    for subject in (user_claim(viewer.id), f"address:{address}"):
        await allow(limits, tenant.scope, "letter", subject, limit=LETTERS_PER_HOUR, seconds=3_600)
    await allow(limits, tenant.scope, "letter-to", mailbox, limit=LETTERS_TO_A_MAILBOX, seconds=86_400)


NOTICE_ROUTES: Final = [
    list_notices,
    count_unread,
    mark_read,
    get_settings,
    set_email,
    remove_email,
    renew_feed,
]
