"""The dependency `moderator`: who of the asked site's own people sends the request."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.di import NamedDependency

from accounts.credentials import credential_of
from accounts.model import Viewer
from accounts.staff import PREFIX, Moderator, Staff, StaffOnly, StaffTokenRequired, moderating_viewer
from tenancy.resolver import ResolvedTenant

NO_TOKEN: Final = StaffTokenRequired("Send a staff token, or sign in as an admin of this site.")
NOT_STAFF: Final = StaffOnly("Only those who run this site may do this.")
"""What a route that names `moderator` declares."""


async def moderator_of_request(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    staff: NamedDependency[Staff],
    viewer: NamedDependency[Viewer | None],
) -> Moderator:
    """Staff of this tenant by `Authorization: Bearer mqs_…`, else a viewer whom it made an admin, in their browser: the
    token that an app keeps does not run the site when it is lost.

    Raises StaffTokenRequired (401), StaffOnly (403) and StorageUnavailable. A staff token that holds nowhere here is
    refused even where an admin's cookie comes with it.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip().startswith(PREFIX):
        found = await staff.of_token(tenant.scope, token.strip())
        if found is None:
            raise StaffTokenRequired("This staff token is not valid on this site.")
        return found
    credential = credential_of(request)
    if viewer is not None and credential is not None and credential.kind != "cookie":
        raise StaffOnly("This is done in a browser, or with a staff token.")
    return moderating_viewer(viewer)
