"""What the platform's owner does to tenants: each deed is written, audited, and told to every process."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from storage.audit import Actor, Audit
from storage.events import Events
from storage.moments import Clock, moment
from storage.mongo import Stored
from storage.scope import PlatformScope
from tenancy.login import without_secrets
from tenancy.model import Tenant
from tenancy.settings import set_setting
from tenancy.tenants import Change, TenantStore

TOPIC: Final = "tenants"
TenantCheck = Callable[[Stored], None]
"""What another room has against settings as they would be stored, ours. Raises BadTenant."""


class TenantDesk(msgspec.Struct, frozen=True):
    """What the verbs over tenants work with; `checks` have a say in the settings that people set."""

    tenants: TenantStore
    audit: Audit
    events: Events
    clock: Clock
    platform: PlatformScope
    checks: tuple[TenantCheck, ...] = ()


async def create_tenant(
    desk: TenantDesk, tenant_id: str, domain: str, settings: Mapping[str, object], *, actor: Actor
) -> Tenant:
    """Adds a tenant with settings by the names of `tenancy.settings`. Raises BadTenant, TenantExists, DomainTaken."""
    document: Stored = {"domain": domain, "plan": "fixed_fee", "status": "active"}
    ours: Stored = {}
    for name, value in settings.items():
        set_setting(name, value, document, ours)
    for check in desk.checks:
        check(ours)
    brand: Stored = ours.setdefault("brand", {})
    brand.setdefault("name", document["domain"])
    tenant = await desk.tenants.create({"_id": tenant_id, **document}, ours, moment(desk.clock()))
    await tell(desk, tenant, "tenant.create", actor, {"domain": domain, **without_secrets(settings)})
    return tenant


async def change_tenant(desk: TenantDesk, tenant_id: str, settings: Mapping[str, object], *, actor: Actor) -> Tenant:
    """Sets settings, all or none. Raises BadTenant, NoSuchTenant, DomainTaken."""

    def change(fields: Stored, ours: Stored) -> None:
        for name, value in settings.items():
            set_setting(name, value, fields, ours)
        for check in desk.checks:
            check(ours)

    return await amend(desk, tenant_id, change, "tenant.set", actor, without_secrets(settings))


async def put_tenant(desk: TenantDesk, document: Mapping[str, Any], *, actor: Actor) -> bool:
    """Takes an operator's document as an import brings it; says whether anything changed.

    Raises BadTenant, DomainTaken.
    """
    changed = await desk.tenants.put_raw(document, moment(desk.clock()))
    if changed:
        tenant = await desk.tenants.get(document["_id"])
        if tenant is not None:
            await tell(desk, tenant, "tenant.import", actor, {})
    return changed


async def amend(
    desk: TenantDesk, tenant_id: str, change: Change, action: str, actor: Actor, detail: Mapping[str, Any]
) -> Tenant:
    """Changes a tenant, and tells of it if that made a difference. Raises what `TenantStore.amend` does."""
    tenant, changed = await desk.tenants.amend(tenant_id, change)
    if changed:
        await tell(desk, tenant, action, actor, detail)
    return tenant


async def tell(desk: TenantDesk, tenant: Tenant, action: str, actor: Actor, detail: Mapping[str, Any]) -> None:
    """Publishes that the tenant changed, then writes the deed down."""
    # News first: a suspension must show even where the book cannot be written.
    await desk.events.publish(TOPIC, {"tenant": tenant.id, "serving": tenant.status})
    await desk.audit.record(desk.platform, actor, action, tenant.id, detail)
