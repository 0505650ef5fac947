"""The application of a process: the rooms' routes with what they ask for, behind the tenancy wrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, ControllerRouterHandler
from msgspec import Struct

from accounts.dependencies import current_viewer
from billing.webhooks.inbox import Inbox
from billing.webhooks.routes import webhook_routes
from content.audience import AgeGateClosed
from content.locating import BucketLocation
from runtime.composition import Services
from runtime.health import Health, health_routes
from runtime.memberships import membership_desk
from runtime.paypage import paying_on_pages
from runtime.platform_site import platform_app
from runtime.settings import Role
from runtime.signing_in import referral_desk
from runtime.version import release
from storefront.age.page import GatePages, closed_gate
from storefront.api.head import answering_head
from storefront.api.openapi import openapi_config
from storefront.api.routes import ROUTES as API_ROUTES
from storefront.catalogues import audience_of_request, catalogue_of_request
from storefront.community.discussions import discussions_of_request
from storefront.errors import exception_handlers
from storefront.members import current_member, current_self, set_session_cookie
from storefront.opds.routes import ROUTES as OPDS_ROUTES
from storefront.pages.routes import ROUTES as PAGE_ROUTES
from storefront.staff import moderator_of_request
from storefront.visits import STATE as VISITS
from streaming.admission import StreamAdmission
from streaming.pages.admission import PageAdmission
from streaming.pages.reading import PageReader
from streaming.pages.routes import ROUTES as PAGE_IMAGE_ROUTES
from streaming.routes import ROUTES as STREAM_ROUTES
from tenancy.asgi import tenancy_wrap
from tenancy.resolver import ResolvedTenant

# Nothing that a viewer sends here is larger; uploads come with the consoles.
BODY_BYTES = 1 << 20
ROUTES: dict[Role, Sequence[ControllerRouterHandler]] = {
    "web": (*PAGE_ROUTES, *API_ROUTES, *OPDS_ROUTES),
    "stream": (*STREAM_ROUTES, *PAGE_IMAGE_ROUTES),
    "all": (*PAGE_ROUTES, *API_ROUTES, *OPDS_ROUTES, *STREAM_ROUTES, *PAGE_IMAGE_ROUTES),
    "jobs": (),
}


class Routed(Struct, frozen=True):
    """The routes, registered once, and what stands behind them: whoever changes `given` changes what they answer from.

    `handler` is the router itself, without the tenancy wrap.
    """

    app: Litestar
    handler: ASGIApp
    given: dict[str, Any]


def create_app(services: Services, health: Health) -> Litestar:
    """The ASGI application of a process."""
    return stand_behind(routed(services.stores.settings.role, behind(services)), services, health)


def stand_behind(routes: Routed, services: Services, health: Health) -> Litestar:
    """Lets the routes answer from these services.

    The wrap lies outside of Litestar's router, so that its 404 and 405 have a tenant too.
    """
    settings = services.stores.settings
    own = [*_webhooks(services), *paying_on_pages(services.stores, services.cashier)]
    routes.given.update(behind(services), health=health)
    routes.app.state[VISITS] = services.visits
    routes.app.asgi_handler = tenancy_wrap(
        answering_head(routes.handler),
        services.stores.resolver,
        platform_host=settings.platform.host,
        platform_app=platform_app(health, own),
        trusted_proxies=settings.proxy.trusted,
        notice=lambda tenant: services.themes.render(tenant, "notice.html", {"notice": tenant.notice}),
    )
    return routes.app


def _webhooks(services: Services) -> list[HTTPRouteHandler]:
    stores = services.stores
    inbox = Inbox(stores.database, stores.jobs, stores.clock)
    return webhook_routes(services.cashier.gateways.get, inbox, stores.clock)


def routed(role: Role, given: dict[str, Any]) -> Routed:
    """The routes of a role over what is given."""
    pages = _Pages(given)
    app = Litestar(
        [*ROUTES[role], *health_routes(lambda: given["health"], detailed=False)],
        dependencies=dependencies(given),
        exception_handlers={**exception_handlers(pages), AgeGateClosed: closed_gate(pages)},
        before_send=[set_session_cookie],
        openapi_config=openapi_config(release()),
        request_max_body_size=BODY_BYTES,
        state=State({VISITS: None}),
        logging_config=None,
    )
    return Routed(app, app.asgi_handler, given)


class _Pages(GatePages):
    """The themes that stand behind the routes, for pages that no handler draws."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def error_page(self, tenant: ResolvedTenant, status: int, title: str, detail: str) -> str:
        page: str = self._given["themes"].error_page(tenant, status, title, detail)
        return page

    def render(self, tenant: ResolvedTenant, template: str, context: Mapping[str, object]) -> str:
        page: str = self._given["themes"].render(tenant, template, context)
        return page


def behind(services: Services) -> dict[str, Any]:
    """What handlers may name as a parameter, but for what is found out by request."""
    stores = services.stores
    return {
        "database": stores.database,
        "cache": stores.cache,
        "resolver": stores.resolver,
        "clock": stores.clock,
        "blobs": stores.blobs,
        "audit": stores.audit,
        "jobs": stores.jobs,
        "limits": stores.limits,
        "memberships": membership_desk(stores, services.cashier),
        "sessions": stores.sessions,
        "viewers": stores.viewers,
        "referrals": referral_desk(stores),
        "staff": stores.staff,
        "belongings": stores.belongings,
        "takedowns": stores.takedowns,
        "recovery": stores.recovery,
        "sign_in": services.sign_in,
        "arrivals": services.sign_in.arrivals,
        "usage": stores.usage,
        "core": services.core,
        "links": services.links,
        "leases": services.leases,
        "themes": services.themes,
        "search_index": services.search,
        "catalogue_memory": services.catalogue_memory,
        "subtitles": services.subtitles,
        "locate": BucketLocation(stores.database),
        "admission": StreamAdmission(stores.sessions),
        "pages": PageReader(services.core),
        "page_admission": PageAdmission(stores.sessions),
    }


def dependencies(given: Mapping[str, Any]) -> dict[str, Provide]:
    """What handlers may name as a parameter."""
    return {
        **{name: _given(given, name) for name in given},
        "tenant": Provide(_tenant, sync_to_thread=False),
        "viewer": Provide(current_viewer),
        "member": Provide(current_member),
        "oneself": Provide(current_self),
        "moderator": Provide(moderator_of_request),
        "audience": Provide(audience_of_request),
        "catalogue": Provide(catalogue_of_request),
        "discussions": Provide(discussions_of_request, sync_to_thread=False),
    }


def _tenant(request: Request[Any, Any, Any]) -> ResolvedTenant:
    tenant: ResolvedTenant = request.scope["state"]["tenant"]
    return tenant


def _given(given: Mapping[str, Any], name: str) -> Provide:
    def give() -> object:
        return given[name]

    return Provide(give, sync_to_thread=False)
