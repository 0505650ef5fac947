"""Who is let in to which bill, how often, and how pages are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import MediaType, Request, Response
from litestar.exceptions import NotFoundException, TooManyRequestsException
from msgspec import Struct

from billing.paypage.addresses import BadToken
from billing.paypage.desk import Bill, PayDesk
from billing.paypage.page import Trouble, page_of, style_hash
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.scope import PlatformScope
from tenancy.networks import network_of

PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
VIEWS: Final = 120
"""A minute and address; guessing tokens is hopeless at any rate."""
DEEDS: Final = 12
"""Pages opened at gateways, and lookups there, a minute and invoice."""
_MINUTE: Final = 60.0
_STATUS: Final[dict[Trouble, int]] = {"silent": 503, "refused": 409}


class PayRules(Struct, frozen=True, kw_only=True):
    """What the pages are served with.

    `form_targets` are sources, beside https ones, of gateways' pages (a browser holds redirects of forms against them).
    """

    limits: Limits
    platform: PlatformScope
    stablecoins: bool = False
    form_targets: Sequence[str] = ()


class Doors:
    """Who is let in to which bill, and what is shown."""

    def __init__(self, desk: PayDesk, rules: PayRules) -> None:
        self._desk = desk
        self._rules = rules
        self._targets = " ".join(["'self'", "https:", *rules.form_targets])

    async def bill(self, request: Request[Any, Any, Any], token: str) -> Bill:
        """The bill. Raises NotFoundException, TooManyRequestsException."""
        await self._take("pay-page", network_of(request.client.host if request.client else "unknown"), VIEWS)
        try:
            return await self._desk.bill(token)
        except BadToken:
            raise NotFoundException from None

    async def may(self, bill: Bill) -> bool:
        """Whether the gateways may be asked about the bill once more."""
        try:
            await self.hold(bill)
        except TooManyRequestsException:
            return False
        return True

    async def hold(self, bill: Bill) -> None:
        """Raises TooManyRequestsException where the gateways were asked too often."""
        await self._take("pay-deed", f"{bill.scope.tenant_id}:{bill.invoice.id}", DEEDS)

    async def shown(self, bill: Bill, trouble: Trouble | None = None) -> Response[str]:
        """The page, as it stands now."""
        view = await self._desk.view(bill)
        policy = (
            f"default-src 'none'; style-src {style_hash(view)}; img-src data:; form-action {self._targets}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        page = page_of(view, stablecoins=self._rules.stablecoins, trouble=trouble)
        status = 200 if trouble is None else _STATUS[trouble]
        headers = {**PRIVATE, "Content-Security-Policy": policy}
        return Response(page, status_code=status, media_type=MediaType.HTML, headers=headers)

    async def _take(self, name: str, subject: str, limit: int) -> None:
        try:
            verdict = await self._rules.limits.take(
                self._rules.platform, name, subject, limit=limit, window_seconds=_MINUTE
            )
        except StorageUnavailable:
            # Paying is worth more than counting.
            return
        if not verdict.allowed:
            wait = str(max(1, round(verdict.retry_after_seconds)))
            raise TooManyRequestsException("too many requests", headers={"Retry-After": wait})
