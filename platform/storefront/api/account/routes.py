"""The routes of the viewer's own account."""

from __future__ import annotations

from typing import Final

from storefront.api.account import leaving, me, signing_in

ACCOUNT_ROUTES: Final = [*me.ROUTES, *leaving.ROUTES, *signing_in.ROUTES]
