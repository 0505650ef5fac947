"""The dependencies `audience` and `catalogue`: who looks, and what the asked site shows to them."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from accounts.sessions import Sessions
from content.audience import Audience
from content.catalogue import Catalogue, Memory
from content.search.node import Search
from storage.mongo import Database
from storefront.age.gate import audience_at
from tenancy.resolver import ResolvedTenant


async def audience_of_request(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    sessions: NamedDependency[Sessions | None] = None,
) -> Audience:
    """Whether whoever asks passed the site's age gate."""
    return await audience_at(request, tenant, sessions)


async def catalogue_of_request(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    sessions: NamedDependency[Sessions | None] = None,
    search_index: NamedDependency[Search | None] = None,
    catalogue_memory: NamedDependency[Memory | None] = None,
) -> Catalogue:
    """The tenant's catalogue for this request's audience."""
    return Catalogue(database, tenant, await audience_at(request, tenant, sessions), search_index, catalogue_memory)
