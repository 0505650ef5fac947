"""POST …/play of films and episodes, and the leases of what plays."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, SkipValidation

from accounts.errors import SessionRequired, ViewerBanned
from accounts.model import Viewer
from accounts.sessions import Sessions
from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.progress.watching import NoSuchUnit
from content.takedowns.bans import TitleBanned
from content.unit_offers import UnitFiles
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock
from storage.mongo import Database
from storefront.api.examples import HEARTBEAT, PLAY, PLAY_EPISODE
from storefront.api.play_answers import HeartbeatAnswer, PlayAnswer
from storefront.api.playing import (
    LINK_SECONDS,
    Playing,
    allow_play,
    allow_streams,
    episode_playing,
    film_playing,
    play_answer,
)
from storefront.api.responses import BAD_ID, NO_TITLE, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.api.signing import signer_of
from storefront.members import NOT_A_TOKEN, Member, address_of, current_member
from storefront.refusals import BadParameter, CrossSite, PremiumOnly
from streaming.leases import LeaseGone, Leases, StreamLimitReached
from streaming.links import LinkSigner, user_claim
from streaming.source import NotPlayable
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("Redis cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BANNED: Final = ViewerBanned("")
_ENDED: Final = LeaseGone("This stream has ended. Press play again.")
_NOT_PLAYABLE: Final = NotPlayable("its origin message is not known")
_BAD_LEASE: Final = BadParameter("lease_id: at most 64 characters")
_NO_STORE: Final = {"Cache-Control": "no-store"}
NO_EPISODE: Final = NoSuchUnit("A Series has no episode 's1e9' here.")
PLAY_PROBLEMS: Final = (
    BAD_ID,
    _ELSEWHERE,
    _BANNED,
    PremiumOnly("The site's own streams are for premium members."),
    AgeGateClosed(),
    NO_TITLE,
    StreamLimitReached(2),
    _NOT_PLAYABLE,
    NOT_JSON,
    SessionRequired(NOT_A_TOKEN),
    TOO_OFTEN,
    TitleBanned("Taken down at the request of its owner."),
    _AWAY,
)
LeaseId = Annotated[str, PathParameter(max_length=64)]


@post(
    "/titles/{title_id:str}/play",
    operation_id="playTitle",
    summary="Begin to play a film: signed links for every quality, and a lease",
    description="Opens a guest session (cookie `__Host-session`) for whoever has none. Takes no body.",
    tags=["playing"],
    status_code=200,
    operation_class=shown(PLAY),
    responses=problems(*PLAY_PROBLEMS),
)
async def play_title(
    request: Request[Any, Any, Any],
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    sessions: NamedDependency[Sessions],
    limits: NamedDependency[Limits],
    leases: NamedDependency[Leases],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
) -> Response[PlayAnswer]:
    """Links that work in this browser on this host until they expire, while the lease is renewed."""
    await allow_play(limits, tenant.scope, subject_of(request, viewer))
    playing = await film_playing(catalogue, tenant, title_id)
    allow_streams(tenant, viewer)
    member = await current_member(request, tenant, viewer, sessions, limits)
    return await _begin(playing, member, tenant, leases, links, clock)


@post(
    "/titles/{title_id:str}/episodes/{episode_id:str}/play",
    operation_id="playEpisode",
    summary="Begin to play an episode: signed links for every quality, a lease, and what follows",
    description="As for films. `episode_id` is as `/titles/{title_id}/episodes` gives it: `s1e2`.",
    tags=["playing"],
    status_code=200,
    operation_class=shown(PLAY_EPISODE),
    responses=problems(*PLAY_PROBLEMS, NO_EPISODE),
)
async def play_episode(
    request: Request[Any, Any, Any],
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    sessions: NamedDependency[Sessions],
    limits: NamedDependency[Limits],
    leases: NamedDependency[Leases],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
    episode_id: FromPath[str],
) -> Response[PlayAnswer]:
    """As `playTitle`. One device holds one lease of a series, so the next episode needs no other place."""
    await allow_play(limits, tenant.scope, subject_of(request, viewer))
    playing = await episode_playing(catalogue, tenant, UnitFiles(database, tenant), title_id, episode_id)
    allow_streams(tenant, viewer)
    member = await current_member(request, tenant, viewer, sessions, limits)
    return await _begin(playing, member, tenant, leases, links, clock)


@post(
    "/leases/{lease_id:str}",
    operation_id="keepLease",
    summary="Heartbeat: the player still plays",
    tags=["playing"],
    status_code=200,
    operation_class=shown(HEARTBEAT),
    responses=problems(_BAD_LEASE, _ELSEWHERE, _BANNED, _ENDED, NOT_JSON, _AWAY),
)
async def keep_lease(
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    leases: NamedDependency[Leases],
    lease_id: LeaseId,
) -> Response[HeartbeatAnswer]:
    """Renews the lease; 410 once it has ended, and for a lease that is somebody else's."""
    if viewer is None:
        raise _ENDED
    lease = await leases.heartbeat(tenant.scope, user_claim(viewer.id), lease_id)
    return Response(HeartbeatAnswer(ttl_seconds=lease.ttl_seconds), headers=_NO_STORE)


@delete(
    "/leases/{lease_id:str}",
    operation_id="releaseLease",
    summary="The player has stopped",
    tags=["playing"],
    responses=problems(_BAD_LEASE, _ELSEWHERE, _BANNED, NOT_JSON, _AWAY),
)
async def release_lease(
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    leases: NamedDependency[Leases],
    lease_id: LeaseId,
) -> None:
    """Gives the place back; again, or for a lease that is not one's own, does nothing."""
    if viewer is not None:
        await leases.release(tenant.scope, user_claim(viewer.id), lease_id)


def subject_of(request: Request[Any, Any, Any], viewer: Viewer | None) -> str:
    """Whose plays are counted: the viewer's, or those of the address while there is none."""
    return f"address:{address_of(request)}" if viewer is None else user_claim(viewer.id)


async def _begin(
    playing: Playing, member: Member, tenant: ResolvedTenant, leases: Leases, links: LinkSigner, clock: Clock
) -> Response[PlayAnswer]:
    slug, expires_at = playing.title.slug, int(clock()) + LINK_SECONDS
    lease = await leases.acquire(
        tenant.scope,
        user=user_claim(member.viewer.id),
        role=member.viewer.role,
        device=member.device,
        title=slug,
    )
    sign = signer_of(links, tenant, member, slug, expires_at=expires_at, purpose="play")
    return Response(play_answer(playing, sign, lease=lease, expires_at=expires_at), headers=_NO_STORE)
