"""The dependency `catalogue`: what the asked site shows to whoever asks."""

from __future__ import annotations

from litestar.di import NamedDependency

from content.catalogue import Catalogue
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant


def catalogue_of_request(database: NamedDependency[Database], tenant: NamedDependency[ResolvedTenant]) -> Catalogue:
    """The tenant's catalogue for this request's audience."""
    return Catalogue(database, tenant)
