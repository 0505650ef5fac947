"""Opening the demo's sites: a tenant each, with its brand, its policy and, where it is closed, the reason."""

from __future__ import annotations

import msgspec

from runtime.composition import Stores
from runtime.demo.login import login_settings
from runtime.demo.sites import Site
from runtime.errors import Refused
from storage.audit import Actor
from tenancy.desk import create_tenant
from tenancy.errors import DomainTaken
from tenancy.holds import suspend
from tenancy.resolver import ResolvedTenant

ACTOR = Actor("system", "demo")


async def open_site(stores: Stores, site: Site) -> ResolvedTenant:
    """The site's tenant; one that is there already stays as its people left it. Refused where its domain is taken."""
    found = await stores.resolver.by_id(site.id)
    if found is not None:
        return found
    try:
        await create_tenant(stores.desk, site.id, site.domain, settings_of(site), actor=ACTOR)
    except DomainTaken:
        raise Refused(f"{site.domain} belongs to another tenant of this home; give --home another directory") from None
    if site.closed is not None:
        await suspend(stores.desk, site.id, "operator", site.closed, actor=ACTOR)
    opened = await stores.resolver.by_id(site.id)
    if opened is None:
        raise Refused(f"tenant {site.id} was removed while the demo started")
    return opened


def settings_of(site: Site) -> dict[str, object]:
    """What sets the site apart, by the names of a tenant's settings."""
    brand: dict[str, object] = msgspec.to_builtins(site.brand)
    policy: dict[str, object] = msgspec.to_builtins(site.policy)
    colours = msgspec.to_builtins(site.brand.colours)
    groups = {"brand": {**brand, "colours": None}, "brand.colours": colours, "policy": policy}
    named = {f"{group}.{field}": value for group, fields in groups.items() for field, value in fields.items()}
    return {
        "theme": site.theme,
        "plan": site.plan,
        "owner_email": f"hello@{site.id}.example",
        **login_settings(site),
        **{name: value for name, value in named.items() if value not in (None, [], ())},
    }
