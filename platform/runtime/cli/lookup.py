"""Finding what a command line names."""

from __future__ import annotations

import getpass
import os

from runtime.stores import Stores
from storage.audit import Actor
from tenancy.errors import NoSuchTenant
from tenancy.resolver import ResolvedTenant


async def tenant_of(stores: Stores, tenant_id: str) -> ResolvedTenant:
    """The tenant of an id. Raises NoSuchTenant."""
    tenant = await stores.resolver.by_id(tenant_id)
    if tenant is None:
        raise NoSuchTenant(f"there is no tenant {tenant_id!r}; marquee tenant list shows all")
    return tenant


def who_asks() -> Actor:
    """The machine's user, by whom the audit log knows what a command did."""
    try:
        return Actor("staff", getpass.getuser())
    except (KeyError, OSError):  # a container may run under a number that nobody has a name for
        return Actor("staff", str(os.getuid()))
