"""Notices as a page: reading them, and saying where else they shall go."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body, FromPath, SkipValidation
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from content.notices.addresses import Addresses
from content.notices.model import Wishes
from content.notices.reading import ReadNotices, ToldPage
from storage.limits import Limits
from storage.moments import Clock
from storefront.api.notices import ADDRESSES, NOTICES, allow_letter
from storefront.following.views import further, notice_target, notice_view
from storefront.going import site_of
from storefront.members import Member, address_of
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, missing, page

PAGE_SIZE: Final = 24
_NO_STORE: Final = {"cache-control": "private, no-store"}


class NoticesForm(Struct, frozen=True):
    """What the page's buttons say."""

    action: Literal["read", "email", "no-email", "feed"]
    email: Annotated[str, Meta(max_length=254)] = ""


@route("/notices", http_method=READ, dependencies=NOTICES | ADDRESSES)
async def notices_page(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    notices: NamedDependency[ReadNotices],
    addresses: NamedDependency[Addresses],
    clock: NamedDependency[SkipValidation[Clock]],
    after: Text = "",
) -> Response[str]:
    """What is new, and where else it is sent."""
    found, wishes, unread = ToldPage([]), Wishes(id=None), 0
    if viewer is not None:
        found = await notices.page(viewer.id, after=after or None, limit=PAGE_SIZE)
        wishes, unread = await addresses.wishes(viewer.id), await notices.unread(viewer.id)
    site = site_of(request, tenant)
    context = {
        "section": "notices",
        "notices": [notice_view(each, clock()) for each in found.told],
        "unread": unread,
        "email": wishes.email or "",
        "waiting": wishes.pending.email if wishes.pending else "",
        "feed": f"{site}/feeds/{wishes.feed}" if wishes.feed else "",
        "next_href": further("/notices", found.after),
    }
    return page(themes, tenant, "notices.html", context, headers=_NO_STORE)


@route("/notices/{notice_id:str}", http_method=READ, dependencies=NOTICES)
async def open_notice(
    viewer: NamedDependency[Viewer | None], notices: NamedDependency[ReadNotices], notice_id: FromPath[str]
) -> Redirect:
    """Leads to what the notice is about; it is read then."""
    told = await notices.get(viewer.id, notice_id) if viewer else None
    if viewer is None or told is None:
        raise missing("There is no such notice.")
    await notices.read(viewer.id, [notice_id])
    return Redirect(notice_target(told), status_code=303, headers=_NO_STORE)


@post("/notices", status_code=303, dependencies=NOTICES | ADDRESSES)
async def change_notices(
    request: Request[Any, Any, Any],
    data: Annotated[NoticesForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    tenant: TheTenant,
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    notices: NamedDependency[ReadNotices],
    addresses: NamedDependency[Addresses],
) -> Redirect:
    """Marks all as read, asks for letters or ends them, or makes a feed; leads back."""
    viewer_id = member.viewer.id
    match data.action:
        case "read":
            await notices.read(viewer_id, None)
        case "email":
            await allow_letter(limits, tenant, member.viewer, address_of(request), data.email)
            await addresses.ask(viewer_id, data.email, site_of(request, tenant))
        case "no-email":
            await addresses.forget(viewer_id)
        case "feed":
            await addresses.feed(viewer_id, site_of(request, tenant), renewed=True)
    return Redirect("/notices#where", status_code=303)


@route("/notices/email/{token_id:str}", http_method=READ, dependencies=ADDRESSES)
async def confirm_page(
    tenant: TheTenant, themes: TheThemes, addresses: NamedDependency[Addresses], token_id: FromPath[str]
) -> Response[str]:
    """Asks once more: programs that open a letter's links confirm nothing."""
    pending = await addresses.awaiting(token_id)
    if pending is None:
        raise missing("This link has been used, or is too old. Ask for a new one on the page of notices.")
    context = {
        "heading": "Is this your address?",
        "text": pending.email,
        "action": "Yes, send word here",
        "done": False,
    }
    return page(themes, tenant, "letters.html", context, headers=_NO_STORE)


@post("/notices/email/{token_id:str}", status_code=303, dependencies=ADDRESSES)
async def confirm_address(addresses: NamedDependency[Addresses], token_id: FromPath[str]) -> Redirect:
    """Confirms the address."""
    if not await addresses.confirm(token_id):
        raise missing("This link has been used, or is too old. Ask for a new one on the page of notices.")
    return Redirect("/notices#where", status_code=303, headers=_NO_STORE)


@route("/notices/stop/{token_id:str}", http_method=READ)
async def stop_page(tenant: TheTenant, themes: TheThemes, token_id: FromPath[str]) -> Response[str]:
    """Asks once more, for people who follow a letter's link; whether the link is good is told to nobody."""
    context = {"heading": "No more letters?", "text": "", "action": "Stop the letters", "done": False}
    return page(themes, tenant, "letters.html", context, headers=_NO_STORE)


@post("/notices/stop/{token_id:str}", status_code=200, dependencies=ADDRESSES)
async def stop_letters(
    tenant: TheTenant, themes: TheThemes, addresses: NamedDependency[Addresses], token_id: FromPath[str]
) -> Response[str]:
    """One click (RFC 8058): mail providers post here, without cookies and from anywhere."""
    await addresses.stop(token_id)
    context = {"heading": "No more letters", "text": "", "action": "", "done": True}
    return page(themes, tenant, "letters.html", context, headers=_NO_STORE)
