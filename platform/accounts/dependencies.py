"""What handlers may ask for by name: `viewer`, who sends the request."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from accounts.credentials import credential_of
from accounts.model import Viewer
from accounts.sessions import Sessions
from tenancy.resolver import ResolvedTenant


async def current_viewer(
    request: Request[Any, Any, State], tenant: NamedDependency[ResolvedTenant], sessions: NamedDependency[Sessions]
) -> Viewer | None:
    """The viewer of the request's cookie or token on the host it was sent to.

    Raises ViewerBanned, StorageUnavailable.
    """
    credential = credential_of(request)
    return None if credential is None else await sessions.current_viewer(tenant.scope, credential.secret)
