"""The gate as a page: shown in the place of what is behind it, and the form that opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, Protocol

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from accounts.viewers import Viewers
from content.audience import AgeGateClosed
from storefront.age.gate import age_cookie, has_gate, no_age_cookie
from storefront.age.returning import own_path
from storefront.errors import ErrorPages, answer, wants_page
from storefront.refusals import TitleNotFound
from tenancy.resolver import ResolvedTenant

_NO_STORE: Final = {"cache-control": "no-store"}


class AgeForm(Struct, frozen=True):
    """What the gate's form says."""

    declares: Literal["adult", "minor"] = "minor"
    back: Annotated[str, Meta(max_length=2048)] = "/"


class GatePages(ErrorPages, Protocol):
    """What draws the gate; `tenancy.themes` does."""

    def render(self, tenant: ResolvedTenant, template: str, context: Mapping[str, object]) -> str:
        """A page of the tenant's theme."""
        ...


def closed_gate(themes: GatePages) -> Callable[[Request[Any, Any, Any], AgeGateClosed], Response[Any]]:
    """What an application answers AgeGateClosed with: the gate where a browser navigates, else problem details."""

    def handle(request: Request[Any, Any, Any], error: AgeGateClosed) -> Response[Any]:
        if not wants_page(request) or request.method not in {"GET", "HEAD"}:
            return answer(request, error, themes)
        tenant: ResolvedTenant = request.scope["state"]["tenant"]
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        context = {"minimum": tenant.tenant.age_gate.minimum, "back": own_path(back)}
        html = themes.render(tenant, "age.html", context)
        return Response(html, status_code=403, media_type="text/html", headers=_NO_STORE)

    return handle


@post("/age", status_code=303)
async def declare_age(
    data: Annotated[AgeForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    viewers: NamedDependency[Viewers],
) -> Redirect:
    """Opens the gate for this browser and this viewer and leads back; whoever is a minor is led home."""
    if not has_gate(tenant):
        raise TitleNotFound("This site has no age gate.")
    is_adult = data.declares == "adult"
    if viewer is not None:
        await viewers.confirm_age(tenant.scope, viewer.id, tenant.tenant.age_gate.minimum if is_adult else None)
    cookie = age_cookie(tenant) if is_adult else no_age_cookie()
    back = own_path(data.back) if is_adult else "/"
    return Redirect(back, status_code=303, cookies=[cookie], headers=_NO_STORE)
