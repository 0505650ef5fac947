"""POST /titles/{title_id}/play and the leases of what plays."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, SkipValidation

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from accounts.sessions import COOKIE, Sessions, session_cookie
from content.catalogue import Catalogue
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock
from storefront.api.answers import HeartbeatAnswer, PlayAnswer
from storefront.api.examples import HEARTBEAT, PLAY
from storefront.api.playing import Session, allow_play, play_answer, playable_qualities
from storefront.api.responses import BAD_ID, NO_TITLE, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.refusals import BadParameter, CrossSite
from streaming.leases import LeaseGone, Leases, StreamLimitReached
from streaming.links import LinkSigner, device_of, user_claim
from streaming.source import NotPlayable
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("Redis cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BANNED: Final = ViewerBanned("")
_ENDED: Final = LeaseGone("This stream has ended. Press play again.")
_NOT_PLAYABLE: Final = NotPlayable("its origin message is not known")
_BAD_LEASE: Final = BadParameter("lease_id: at most 64 characters")
_NO_STORE: Final = {"Cache-Control": "no-store"}
LeaseId = Annotated[str, PathParameter(max_length=64)]


@post(
    "/titles/{title_id:str}/play",
    operation_id="playTitle",
    summary="Begin to play: signed links for every quality, and a lease",
    description="Opens a guest session (cookie `__Host-session`) for whoever has none. Takes no body.",
    tags=["playing"],
    status_code=200,
    operation_class=shown(PLAY),
    responses=problems(
        BAD_ID, _ELSEWHERE, _BANNED, NO_TITLE, StreamLimitReached(2), _NOT_PLAYABLE, NOT_JSON, TOO_OFTEN, _AWAY
    ),
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
    address = request.client.host if request.client else "unknown"
    await allow_play(limits, tenant.scope, f"address:{address}" if viewer is None else user_claim(viewer.id))
    slug, playing = await playable_qualities(catalogue, tenant, title_id)
    session = await _session(request, viewer, sessions, tenant)
    lease = await leases.acquire(
        tenant.scope,
        user=user_claim(session.viewer.id),
        role=session.viewer.role,
        device=device_of(session.cookie),
        title=slug,
    )
    answer = play_answer(slug, playing, tenant=tenant, session=session, lease=lease, links=links, now=clock())
    cookies = [session_cookie(session.cookie)] if viewer is None else []
    return Response(answer, headers=_NO_STORE, cookies=cookies)


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


async def _session(
    request: Request[Any, Any, Any], viewer: Viewer | None, sessions: Sessions, tenant: ResolvedTenant
) -> Session:
    if viewer is not None:
        return Session(viewer, request.cookies[COOKIE])
    opened, cookie = await sessions.open_guest_session(tenant.scope, request.headers.get("user-agent", ""))
    return Session(opened, cookie)
