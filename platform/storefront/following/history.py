"""The history as a page, and its forms: remove one, remove all."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body, SkipValidation
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from content.progress.continuing import Continuing, SeenPage
from content.progress.watching import Progress
from content.targets import LONGEST_TARGET, parse_target
from storage.moments import Clock
from storefront.api.progress import CONTINUING, PROGRESS_OF_SITE
from storefront.following.views import further, seen_view
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page

PAGE_SIZE = 24


class HistoryForm(Struct, frozen=True):
    """What the page's buttons say."""

    action: Literal["remove", "clear"]
    target: Annotated[str, Meta(max_length=LONGEST_TARGET)] = ""


@route("/history", http_method=READ, dependencies=CONTINUING)
async def history_page(
    tenant: TheTenant,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    continuing: NamedDependency[Continuing],
    clock: NamedDependency[SkipValidation[Clock]],
    after: Text = "",
) -> Response[str]:
    """What the viewer has watched and read, the last first."""
    found = SeenPage([])
    if viewer is not None:
        found = await continuing.history(viewer.id, after=after or None, limit=PAGE_SIZE)
    context = {
        "section": "history",
        "entries": [seen_view(each, clock()) for each in found.seen],
        "next_href": further("/history", found.after),
    }
    return page(themes, tenant, "history.html", context, headers={"cache-control": "private, no-store"})


@post("/history", status_code=303, dependencies=PROGRESS_OF_SITE)
async def change_history(
    data: Annotated[HistoryForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    viewer: NamedDependency[Viewer | None],
    progress: NamedDependency[Progress],
) -> Redirect:
    """Removes one entry or all, and leads back."""
    if viewer is not None and data.action == "clear":
        await progress.forget_all(viewer.id)
    elif viewer is not None:
        await progress.forget(viewer.id, parse_target(data.target))
    return Redirect("/history", status_code=303)
