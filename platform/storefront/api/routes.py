"""The API's routes, all under /api/v1, and the guards that they share."""

from __future__ import annotations

from litestar import Router
from litestar.types import ControllerRouterHandler

from storefront.api.age import forget_age, get_age, pass_age
from storefront.api.chapters import list_pages
from storefront.api.intro import get_intro, vote_intro, withdraw_intro
from storefront.api.plays import keep_lease, play_title, release_lease
from storefront.api.progress import PROGRESS_ROUTES
from storefront.api.searching import count_kinds, suggest_titles
from storefront.api.titles import get_title, list_genres, list_titles
from storefront.guards import json_only, same_origin, small_body

API: Router = Router(
    "/api/v1",
    route_handlers=[
        list_titles,
        get_title,
        list_pages,
        list_genres,
        suggest_titles,
        count_kinds,
        play_title,
        keep_lease,
        release_lease,
        get_intro,
        vote_intro,
        withdraw_intro,
        get_age,
        pass_age,
        forget_age,
        *PROGRESS_ROUTES,
    ],
    guards=[same_origin, small_body, json_only],
)

ROUTES: list[ControllerRouterHandler] = [API]
