"""The viewer's list as a page, and the form of the button that titles have."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from content.watchlist.listing import KeptPage, Watchlist
from storage.limits import Limits
from storefront.age.returning import own_path
from storefront.api.watchlist import WATCHLIST, allow_change
from storefront.following.views import further, kept_view
from storefront.members import Member
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page

PAGE_SIZE = 36


class ListForm(Struct, frozen=True):
    """What the buttons say: onto the list or off it, with or without word of what is new."""

    title: Annotated[str, Meta(min_length=1, max_length=512)]
    action: Literal["add", "remove", "notify", "quiet"] = "add"
    back: Annotated[str, Meta(max_length=2048)] = "/watchlist"


@route("/watchlist", http_method=READ, dependencies=WATCHLIST)
async def watchlist_page(
    tenant: TheTenant,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    watchlist: NamedDependency[Watchlist],
    after: Text = "",
) -> Response[str]:
    """The list, the last added first."""
    found = KeptPage([])
    if viewer is not None:
        found = await watchlist.page(viewer.id, after=after or None, limit=PAGE_SIZE)
    context = {
        "section": "watchlist",
        "entries": [kept_view(each) for each in found.kept],
        "next_href": further("/watchlist", found.after),
    }
    return page(themes, tenant, "watchlist.html", context, headers={"cache-control": "private, no-store"})


@post("/watchlist", status_code=303, dependencies=WATCHLIST)
async def change_watchlist(
    data: Annotated[ListForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    tenant: TheTenant,
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    watchlist: NamedDependency[Watchlist],
) -> Redirect:
    """Changes the list and leads back."""
    await allow_change(limits, tenant, member.viewer)
    if data.action == "remove":
        await watchlist.remove(member.viewer.id, data.title)
    else:
        await watchlist.add(member.viewer.id, data.title, notify=data.action != "quiet")
    return Redirect(own_path(data.back), status_code=303)
