"""The routes of the account's pages."""

from __future__ import annotations

from typing import Final

from litestar import Router

from storefront.guards import same_origin, small_body
from storefront.pages.account import account, sign_in

ACCOUNT_PAGES: Final = Router(
    "/",
    route_handlers=[*account.READING, *account.FORMS, *sign_in.READING, *sign_in.FORMS],
    guards=[same_origin, small_body],
    include_in_schema=False,
)
