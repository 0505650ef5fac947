"""The routes of the OPDS catalogue."""

from __future__ import annotations

from typing import Final

from litestar import Router
from litestar.types import ControllerRouterHandler

from storefront.opds.feeds import ROUTES as FEEDS
from storefront.opds.series import ROUTES as SERIES

ROUTES: Final[list[ControllerRouterHandler]] = [Router("/", route_handlers=[*FEEDS, *SERIES], include_in_schema=False)]
