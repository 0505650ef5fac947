"""The dependencies `audience` and `catalogue`: who looks, and what the asked site shows to them."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from content.audience import Audience
from content.catalogue import Catalogue
from storage.mongo import Database
from storefront.age.gate import COOKIE, audience_of, has_gate, passed_with
from tenancy.resolver import ResolvedTenant


def audience_of_request(request: Request[Any, Any, Any], tenant: NamedDependency[ResolvedTenant]) -> Audience:
    """Whether this browser passed the site's age gate."""
    has_passed = has_gate(tenant) and passed_with(tenant, request.cookies.get(COOKIE))
    return audience_of(tenant, has_passed=has_passed)


def catalogue_of_request(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
) -> Catalogue:
    """The tenant's catalogue for this request's audience."""
    return Catalogue(database, tenant, audience_of_request(request, tenant))
