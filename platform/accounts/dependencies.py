"""What handlers may ask for by name: `viewer`, who sends the request."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from accounts.model import Viewer
from accounts.sessions import COOKIE, Sessions
from tenancy.resolver import ResolvedTenant


async def current_viewer(
    request: Request[Any, Any, State], tenant: NamedDependency[ResolvedTenant], sessions: NamedDependency[Sessions]
) -> Viewer | None:
    """The viewer of the request's cookie on the host it was sent to. Raises ViewerBanned, StorageUnavailable."""
    return await sessions.current_viewer(tenant.scope, request.cookies.get(COOKIE))
