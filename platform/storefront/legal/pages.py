"""GET /legal and /legal/privacy."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response
from litestar.handlers import route
from msgspec import structs

from storefront.legal.privacy import ABOUT_YOU, COOKIES, COUNTED, IN_YOUR_BROWSER, THIRD_PARTIES, Kept
from storefront.pages.browsing import READ
from storefront.pages.request import TheTenant, TheThemes, page
from tenancy.model import Legal
from tenancy.resolver import ResolvedTenant


@route("/legal", http_method=READ)
async def legal_page(tenant: TheTenant, themes: TheThemes) -> Response[str]:
    """Who answers for the site, and who takes notices."""
    return page(themes, tenant, "legal/operator.html", {"legal": legal_view(tenant)})


@route("/legal/privacy", http_method=READ)
async def privacy_page(tenant: TheTenant, themes: TheThemes) -> Response[str]:
    """What is stored of whom, and what is not."""
    context: dict[str, Any] = {
        "legal": legal_view(tenant),
        "tables": [
            {"heading": heading, "rows": [_row(each) for each in kept]}
            for heading, kept in (
                ("Cookies", COOKIES),
                ("In your browser", IN_YOUR_BROWSER),
                ("About you", ABOUT_YOU),
            )
        ],
        "counted": list(COUNTED),
        "third_parties": list(THIRD_PARTIES),
    }
    return page(themes, tenant, "legal/privacy.html", context)


def legal_view(tenant: ResolvedTenant) -> dict[str, Any]:
    """The operator and the agent; what was not filled in falls back to the site's name and the owner's address."""
    legal: Legal = tenant.tenant.legal
    told: dict[str, Any] = {name: getattr(legal, name) for name in legal.__struct_fields__}
    told["name"] = legal.name or tenant.brand.name or tenant.host
    told["email"] = legal.email or tenant.tenant.owner_email
    told["agent_name"] = legal.agent_name or told["name"]
    told["agent_email"] = legal.agent_email or told["email"]
    told["agent_address"] = legal.agent_address or legal.address
    told["agent_phone"] = legal.agent_phone or legal.phone
    told["is_complete"] = bool(legal.name and legal.address and (legal.email or legal.agent_email))
    return told


def _row(kept: Kept) -> dict[str, str]:
    return structs.asdict(kept)


LEGAL_PAGES: Final = [legal_page, privacy_page]
