"""POST /titles/{title_id}/external: links for players that hold no cookie, such as a television."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from content.catalogue import Catalogue
from storage.limits import Limits
from storage.moments import Clock
from storage.mongo import Database
from storefront.api.intro import EpisodeText
from storefront.api.playing import allow_play, allow_streams
from storefront.api.plays import NO_EPISODE, PLAY_PROBLEMS
from storefront.api.responses import problems, shown
from storefront.members import Member
from storefront.watching.signing import Signed, playing_of, signed_links
from streaming.links import LinkSigner, user_claim
from tenancy.resolver import ResolvedTenant

_EXAMPLE: Final[dict[str, Any]] = {
    "streams": [
        {
            "quality": "1080p",
            "label": "Full HD",
            "url": "/stream/AAExAAFh",
            "mime": "video/mp4",
            "size_bytes": 734003200,
        }
    ],
    "subtitles": [{"lang": "en", "label": "English", "url": "/subtitles/AAExAAFh"}],
    "expires_at": 1800000000,
}


@post(
    "/titles/{title_id:str}/external",
    operation_id="linkExternally",
    summary="Signed links for a player that holds no cookie",
    description="Whoever has such a link plays as this viewer, until the session or the link ends. Takes no body.",
    tags=["playing"],
    status_code=200,
    operation_class=shown(_EXAMPLE),
    responses=problems(*PLAY_PROBLEMS, NO_EPISODE),
)
async def link_externally(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    database: NamedDependency[Database],
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
    episode: EpisodeText = None,
) -> Response[Signed]:
    """Links of purpose `external`; the lease limit of the viewer stands for all who use them."""
    await allow_play(limits, tenant.scope, user_claim(member.viewer.id))
    playing = await playing_of(catalogue, tenant, database, title_id, episode)
    allow_streams(tenant, member.viewer)
    signed = signed_links(playing, member, tenant=tenant, links=links, now=clock(), purpose="external")
    return Response(signed, headers={"Cache-Control": "no-store"})
