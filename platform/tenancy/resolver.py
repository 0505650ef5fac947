"""From a host to its tenant: the one place where a request's scope is minted.

Found tenants stay in memory until an event says that they changed, so a request costs one look-up in a dictionary
however many tenants there are, and known sites are served while MongoDB is away.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, final

import msgspec

from storage.circuit import Circuit
from storage.errors import StorageUnavailable
from storage.scope import PlatformScope, TenantId, TenantScope, mint_platform_scope, mint_tenant_scope
from tenancy.model import Brand, CataloguePolicy, Hold, Serving, Tenant, serving_of

_ATTEMPTS: Final = 3
_SHARED: Final = mint_platform_scope()


class TenantSource(Protocol):
    """Where tenants are looked up; `TenantStore` is one."""

    async def by_domain(self, domain: str) -> Tenant | None:
        """The tenant that has this canonical domain."""
        ...

    async def get(self, tenant_id: str) -> Tenant | None:
        """The tenant of this id."""
        ...


@final
class ResolvedTenant:
    """A tenant that was found, with the scope that reaches its documents.

    `host` is the canonical host asked; `shared` reaches the shared catalogue, which a tenant's site only reads.
    """

    __slots__ = ("brand", "host", "id", "notice", "policy", "scope", "serving", "shared", "tenant", "theme")

    def __init__(self, tenant: Tenant, scope: TenantScope, host: str) -> None:
        self.tenant: Final = tenant
        self.scope: Final = scope
        self.shared: Final = _SHARED
        self.host: Final = host
        self.id: Final[TenantId] = scope.tenant_id
        self.brand: Final[Brand] = tenant.brand
        self.policy: Final[CataloguePolicy] = shown_policy(tenant)
        self.theme: Final[str] = tenant.theme
        self.serving: Final[Serving] = serving_of(tenant.holds, past_due=tenant.past_due)
        self.notice: Final[str | None] = notice_of(tenant.holds)


def shown_policy(tenant: Tenant) -> CataloguePolicy:
    """The tenant's policy, with what it took down of the shared catalogue among the titles that it blocks."""
    gone = tuple(each.title for each in tenant.takedowns if each.is_whole)
    if not gone:
        return tenant.policy
    return msgspec.structs.replace(tenant.policy, titles_block=(*tenant.policy.titles_block, *gone))


def notice_of(holds: tuple[Hold, ...]) -> str | None:
    """What viewers are told of a suspension. Reasons of billing and law are nobody's business; an operator's is."""
    kinds = {hold.kind: hold for hold in holds}
    if "legal" in kinds:
        return "This site is not available for legal reasons."
    if "contract" in kinds:
        return "This site is closed."
    if "billing" in kinds:
        return "This site is paused for the moment."
    if "operator" in kinds:
        return kinds["operator"].reason or "This site is taking a break."
    return None


def platform_scope() -> PlatformScope:
    """The platform's own scope, for the owner's commands and for reading the shared catalogue."""
    return _SHARED


@final
class TenantResolver:
    """Hosts in, tenants out. `capacity` bounds the hosts remembered, `misses` the unknown hosts remembered."""

    def __init__(
        self,
        source: TenantSource,
        *,
        capacity: int = 200_000,
        misses: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._capacity = capacity
        self._most_misses = misses
        self._found: dict[str, ResolvedTenant] = {}
        self._missing: dict[str, None] = {}
        self._hosts: dict[str, set[str]] = {}
        self.spelled: Final[dict[bytes, ResolvedTenant]] = {}
        """Tenants by the raw Host values that led to them: a request's one look-up. For reading alone."""
        self._loading: dict[str, asyncio.Future[ResolvedTenant | None]] = {}
        self._epoch = 0
        self._circuit: Final = Circuit("MongoDB", monotonic)

    def peek(self, host: str) -> ResolvedTenant | None:
        """What is in memory of the canonical host, without waiting for anything."""
        return self._found.get(host)

    async def resolve(self, host: str) -> ResolvedTenant | None:
        """The tenant of a canonical host, None for a host that nobody has. Raises StorageUnavailable.

        Many requests for one unknown host cause one query. While MongoDB is away one look-up a second finds that out
        for all: requests of a flood of hosts do not wait for it one by one.
        """
        found = self._found.get(host)
        if found is not None:
            return found
        if host in self._missing:
            return None
        loading = self._loading.get(host)
        if loading is None:
            self._circuit.pass_through()
            loading = asyncio.ensure_future(self._load(host))
            self._loading[host] = loading
            loading.add_done_callback(lambda done: self._loaded(host, done))
        # A request that goes away must not take the query from those who wait with it.
        return await asyncio.shield(loading)

    def spell(self, raw: bytes, found: ResolvedTenant) -> None:
        """Remember that this raw Host value means the tenant that was found for its canonical host."""
        if self._found.get(found.host) is found:
            if len(self.spelled) >= self._capacity:
                del self.spelled[next(iter(self.spelled))]
            self.spelled[raw] = found

    async def by_id(self, tenant_id: str) -> ResolvedTenant | None:
        """The tenant of an id, as its primary domain would show it: for commands and jobs, not for requests."""
        tenant = await self._source.get(tenant_id)
        return None if tenant is None else _resolved(tenant, tenant.domains[0] if tenant.domains else tenant.domain)

    async def on_event(self, payload: Mapping[str, Any]) -> None:
        """Handles topic `tenants`: forgets the tenant that changed, or all when the event does not name one."""
        tenant_id = payload.get("tenant")
        if isinstance(tenant_id, str):
            self.forget(tenant_id)
        else:
            self.forget_all()

    def forget(self, tenant_id: str) -> None:
        """The tenant changed: its hosts are looked up again, and so is every host that nobody had."""
        self._epoch += 1
        self._missing.clear()
        self.spelled.clear()
        for host in self._hosts.pop(tenant_id, ()):
            self._found.pop(host, None)

    def forget_all(self) -> None:
        """Anything may have changed."""
        self._epoch += 1
        self._missing.clear()
        self.spelled.clear()
        self._hosts.clear()
        self._found.clear()

    async def _load(self, host: str) -> ResolvedTenant | None:
        resolved: ResolvedTenant | None = None
        for _ in range(_ATTEMPTS):
            epoch = self._epoch
            try:
                tenant = await self._source.by_domain(host)
            except StorageUnavailable:
                self._circuit.failed()
                raise
            self._circuit.answered()
            resolved = None if tenant is None else _resolved(tenant, host)
            if epoch == self._epoch:
                self._remember(host, resolved)
                return resolved
            # Something changed while the answer was under way: it may be of before or after, so ask again.
        return resolved

    def _loaded(self, host: str, done: "asyncio.Future[ResolvedTenant | None]") -> None:
        del self._loading[host]
        if not done.cancelled():
            done.exception()  # those who wait have it; with nobody waiting it is no surprise either

    def _remember(self, host: str, resolved: ResolvedTenant | None) -> None:
        if resolved is None:
            if len(self._missing) >= self._most_misses:
                del self._missing[next(iter(self._missing))]
            self._missing[host] = None
            return
        if len(self._found) >= self._capacity:
            self._evict(next(iter(self._found)))
        self._found[host] = resolved
        self._hosts.setdefault(resolved.id, set()).add(host)

    def _evict(self, host: str) -> None:
        tenant_id = self._found.pop(host).id
        hosts = self._hosts[tenant_id]
        hosts.discard(host)
        if not hosts:
            del self._hosts[tenant_id]


def _resolved(tenant: Tenant, host: str) -> ResolvedTenant:
    return ResolvedTenant(tenant, mint_tenant_scope(TenantId(tenant.id)), host)
