"""`/watch/{title_id}` and `/watch/{title_id}/{episode_id}`: the player, and the film without any script."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect
from msgspec import to_builtins

from accounts.model import Viewer
from content.mirrors import dead_addresses
from content.playable import held_back
from storage.moments import Clock
from storage.mongo import Database
from storefront.api.playing import allow_streams
from storefront.community.discussions import Discussions
from storefront.community.report_pages import report_view
from storefront.community.views import comment_thread_view
from storefront.going import title_url, unit_url
from storefront.members import Member
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import View
from storefront.refusals import PremiumOnly
from storefront.watching.embeds import embeds_of, framing
from storefront.watching.finding import Watched, find, first_episode
from storefront.watching.signing import playing_of, signed_links
from storefront.watching.views import embed_views, shown, watch_view
from streaming.links import LinkSigner
from tenancy.resolver import ResolvedTenant
from tenancy.themes.policy import WATCH_SECURITY_POLICY
from tenancy.themes.renderer import Themes

_SECOND: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@route(["/watch/{title_id:str}", "/watch/{title_id:str}/{episode_id:str}"], http_method=READ)
async def watch_page(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    discussions: NamedDependency[Discussions],
    title_id: FromPath[str],
    q: Text = "",
    t: Text = "",
) -> Response[str] | Redirect:
    """The player; `q` asks for one quality, `t` for a second to begin at.

    A series begins at its first episode. What cannot be played and has no other player leads back to its page.
    """
    found = await find(catalogue, tenant, title_id, _episode(request))
    if found.unit is None and found.title.derived.media_type != "movie":
        first = first_episode(found)
        return Redirect(unit_url(found.title, first) if first else title_url(found.title), status_code=303)
    begin = int(t) if _SECOND.fullmatch(t) else None
    context = await _context(found, discussions) | {"quality": q[:60], "begin": begin, "embeds": [], "premium": False}
    is_open = streams_are_open(tenant, viewer)
    if found.plays and is_open:
        return page(themes, tenant, "watch.html", context, headers={"content-security-policy": WATCH_SECURITY_POLICY})
    embeds = []
    if found.unit is None and held_back(found.title) is None:
        embeds = embeds_of(found.title.files, dead_addresses(found.title))
    if not embeds and is_open:
        return Redirect(title_url(found.title), status_code=303)
    context |= {"embeds": embed_views(embeds), "premium": not is_open}
    return page(themes, tenant, "watch.html", context, headers={"content-security-policy": framing(embeds)})


@post(["/watch/{title_id:str}", "/watch/{title_id:str}/{episode_id:str}"], status_code=200)
async def watch_plainly(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: TheCatalogue,
    themes: NamedDependency[Themes],
    database: NamedDependency[Database],
    member: NamedDependency[Member],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
) -> Response[str]:
    """The browser's own player with links of this session, for whoever runs no scripts: a form's answer."""
    found = await find(catalogue, tenant, title_id, _episode(request))
    allow_streams(tenant, member.viewer)
    playing = await playing_of(catalogue, tenant, database, title_id, _episode(request))
    signed = signed_links(playing, member, tenant=tenant, links=links, now=clock(), purpose="play")
    context = await _context(found, None) | {"streams": signed.streams, "subtitles": signed.subtitles}
    return page(themes, tenant, "watch-plain.html", to_builtins(context))


def _episode(request: Request[Any, Any, Any]) -> str | None:
    """The address names an episode or none: one handler for both, and no parameter that could also be a query's."""
    episode: str | None = request.path_params.get("episode_id")
    return episode


def streams_are_open(tenant: ResolvedTenant, viewer: Viewer | None) -> bool:
    """Whether the site's own streams are this viewer's."""
    try:
        allow_streams(tenant, viewer)
    except PremiumOnly:
        return False
    return True


async def _context(found: Watched, discussions: Discussions | None) -> View:
    watched = watch_view(found.title, found.unit, found.units)
    context: View = {"t": shown(found.title), "w": watched, "comments": None, "report": None}
    if discussions is not None:
        unit = found.unit.key if found.unit else ""
        back = unit_url(found.title, found.unit)
        context |= {
            "comments": await comment_thread_view(discussions, found.title, unit, back=back),
            "report": report_view(found.title, unit),
        }
    return context
