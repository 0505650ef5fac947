"""The API's routes, all under /api/v1, and the guards that they share."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from storefront.api.account.routes import ACCOUNT_ROUTES
from storefront.api.age import forget_age, get_age, pass_age
from storefront.api.bodies import ApiRequest
from storefront.api.chapters import list_pages
from storefront.api.collections import COLLECTION_ROUTES
from storefront.api.declaring import declared
from storefront.api.downloads import link_download, list_downloads
from storefront.api.external import link_externally
from storefront.api.intro import get_intro, vote_intro, withdraw_intro
from storefront.api.notices import NOTICE_ROUTES
from storefront.api.plays import keep_lease, play_episode, play_title, release_lease
from storefront.api.progress import PROGRESS_ROUTES
from storefront.api.referral import REFERRAL_ROUTES
from storefront.api.searching import count_kinds, suggest_titles
from storefront.api.titles import get_title, list_genres, list_related, list_titles
from storefront.api.units import list_chapters, list_episodes
from storefront.api.watchlist import WATCHLIST_ROUTES
from storefront.community.routes import COMMUNITY_API
from storefront.guards import json_only, same_origin, small_body
from storefront.membership.api import MEMBERSHIP_ROUTES
from storefront.takedowns.public import PUBLIC_ROUTES as TAKEDOWN_ROUTES
from storefront.takedowns.shield import SHIELD_ROUTES
from storefront.takedowns.staff import STAFF_ROUTES as TAKEDOWN_STAFF_ROUTES

HANDLERS: Final[tuple[HTTPRouteHandler, ...]] = (
    list_titles,
    get_title,
    list_related,
    *COLLECTION_ROUTES,
    list_episodes,
    list_chapters,
    list_pages,
    list_downloads,
    link_download,
    list_genres,
    suggest_titles,
    count_kinds,
    play_title,
    play_episode,
    keep_lease,
    release_lease,
    get_intro,
    vote_intro,
    link_externally,
    withdraw_intro,
    get_age,
    pass_age,
    forget_age,
    *TAKEDOWN_ROUTES,
    *TAKEDOWN_STAFF_ROUTES,
    *SHIELD_ROUTES,
    *PROGRESS_ROUTES,
    *COMMUNITY_API,
    *ACCOUNT_ROUTES,
    *WATCHLIST_ROUTES,
    *REFERRAL_ROUTES,
    *NOTICE_ROUTES,
    *MEMBERSHIP_ROUTES,
)


def kept_private(response: Response[Any]) -> Response[Any]:
    """No cache keeps an answer: lists are of one age or somebody's own."""
    if not any(name.lower() == "cache-control" for name in response.headers):
        response.headers["cache-control"] = "no-store"
    return response


API: Router = Router(
    "/api/v1",
    route_handlers=declared(HANDLERS),
    request_class=ApiRequest,
    after_request=kept_private,
    guards=[same_origin, small_body, json_only],
)
# Litestar answers OPTIONS for the first handler of a path alone; without that answer it makes one for all of them.
for route in API.routes:
    if isinstance(route, HTTPRoute):
        route.route_handlers = [handler for handler in route.route_handlers if handler.http_methods != {"OPTIONS"}]

ROUTES: list[ControllerRouterHandler] = [API]
