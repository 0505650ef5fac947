"""The tenants: each one's document as its operator brought it, and the platform's own fields under `_marquee`.

Every write is of a whole document over the generation that was read, so two writers never lose each other's change.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

import msgspec

from storage.errors import Conflict, Unreadable, Unstorable
from storage.indexes import Index
from storage.mongo import Database, Stored
from storage.platform_repository import PlatformRepository
from storage.scope import tenant_id_of
from tenancy.errors import BadDomain, BadTenant, DomainTaken, NoSuchTenant, TenantExists
from tenancy.host import canonical_domain
from tenancy.login import SECRETS
from tenancy.model import LoginSecrets, Tenant, serving_of

_MARQUEE: Final = "_marquee"
_DOMAINS: Final = "_marquee.domains"
_CONTRACTED: Final = "_marquee.contracted"
_THEIRS: Final[Mapping[str, type]] = {
    "domain": str,
    "owner_email": str,
    "plan": str,
    "addons": dict,
    "subscription": dict,
    "stats": dict,
}

Change = Callable[[Stored, Stored], None]
"""Changes an operator's document and ours in place; raises BadTenant or another error of the room to refuse."""


class TenantStore(PlatformRepository[Tenant]):
    """The collection `tenants`. Changing verbs of other modules go through `amend`; they audit and publish."""

    collection = "tenants"
    document = Tenant

    def __init__(self, database: Database, *, platform_host: str = "") -> None:
        """`platform_host` is where the consoles are: no tenant can have it, for its requests never get to one."""
        super().__init__(database)
        self._reserved: Final = frozenset({platform_host.lower().rstrip(".")})

    @classmethod
    def _decode(cls, document: Stored) -> Tenant:
        """Odd values of the operator's fields are passed over; `status` is always the derived one."""
        ours: Stored = document.get(_MARQUEE) or {}
        theirs = {key: document[key] for key, kind in _THEIRS.items() if isinstance(document.get(key), kind)}
        tenant = super()._decode({"domain": "", **theirs, **ours, "id": document["id"]})
        return msgspec.structs.replace(tenant, status=serving_of(tenant.holds, past_due=tenant.past_due))

    async def get(self, tenant_id: str) -> Tenant | None:
        """The tenant of this id."""
        return await self._get(tenant_id)

    async def login_secrets(self, tenant_id: str) -> LoginSecrets:
        """The secrets of the tenant's login bot; none for a tenant that has none. Never keep them."""
        stored = await self._raw_one(tenant_id)
        secrets: object = ((stored or {}).get(_MARQUEE) or {}).get(SECRETS)
        return msgspec.convert(secrets or {}, LoginSecrets)

    async def by_domain(self, domain: str) -> Tenant | None:
        """The tenant that has this canonical domain."""
        return await self._find_one({_DOMAINS: domain})

    async def list(self, *, after: str = "", limit: int = 100) -> list[Tenant]:
        """Tenants by id, those behind `after`."""
        return await self._list({"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit)

    async def count(self) -> int:
        """How many there are."""
        return await self._count({})

    async def raw(self) -> AsyncIterator[Stored]:
        """Every document as its operator brought it, by id: what an export gives back."""
        async for document in self._raw(sort=[("_id", 1)]):
            document.pop(_MARQUEE, None)
            yield document

    async def create(self, document: Mapping[str, Any], ours: Mapping[str, Any], now: datetime) -> Tenant:
        """Adds a tenant. `document` is in the operator's shape with `_id` and `domain`.

        Raises BadTenant, TenantExists, DomainTaken.
        """
        tenant_id = _id_of(document)
        fields = {key: value for key, value in document.items() if key not in {"_id", _MARQUEE}}
        new = {**_first(fields, now), **ours, "generation": 1}
        _set_primary(new, fields.get("domain"))
        tenant = self._checked(tenant_id, fields, new)
        try:
            await self._insert(tenant_id, {**fields, _MARQUEE: new})
        except (Conflict, Unstorable) as error:
            raise _refused(error, tenant_id) from error
        return tenant

    async def amend(self, tenant_id: str, change: Change) -> tuple[Tenant, bool]:
        """Applies the change to what is stored now; says what came out, and whether anything changed.

        `change` may run more than once. Raises NoSuchTenant, BadTenant, DomainTaken and what `change` raises.
        """
        while True:
            stored = await self._raw_one(tenant_id)
            if stored is None:
                raise NoSuchTenant(tenant_id)
            del stored["_id"]
            ours: Stored = stored.pop(_MARQUEE, None) or {}
            fields, new = deepcopy(stored), deepcopy(ours)
            change(fields, new)
            if (fields, new) == (stored, ours):
                return self._checked(tenant_id, fields, new), False
            generation = ours.get("generation", 0)
            new["generation"] = generation + 1
            tenant = self._checked(tenant_id, fields, new)
            try:
                if await self._put(tenant_id, {**fields, _MARQUEE: new}, where=_as_read(generation)):
                    return tenant, True
            except (Conflict, Unstorable) as error:
                raise _refused(error, tenant_id) from error

    async def put_raw(self, document: Mapping[str, Any], now: datetime) -> bool:
        """Takes an operator's document verbatim, new or again; says whether anything changed.

        What the document says of `domain` and `status` is taken over into ours: one that is suspended, or of a
        status unknown here, comes with a billing hold; none is lifted. Raises BadTenant, DomainTaken.
        """
        tenant_id = _id_of(document)
        given = {key: value for key, value in document.items() if key not in {"_id", _MARQUEE}}

        def take(fields: Stored, ours: Stored) -> None:
            fields.clear()
            fields.update(deepcopy(given))
            _set_primary(ours, given.get("domain"))
            if not ours.get("holds"):
                ours["holds"] = _imported_holds(given.get("status"), now)
            if given.get("status") == "past_due":
                ours["past_due"] = True

        try:
            _, changed = await self.amend(tenant_id, take)
        except NoSuchTenant:
            await self.create(document, {}, now)
            return True
        return changed

    async def set_stats(self, stats: Mapping[str, Mapping[str, Any]]) -> int:
        """Replaces tenants' figures of the dashboard, which are derived and so make no news; how many there were."""
        return await self._update_each(
            [(tenant_id, {"$set": {"stats": dict(figures)}}, {}) for tenant_id, figures in stats.items()]
        )

    async def without_contract(self, *, after: str, limit: int) -> tuple[str, ...]:
        """Ids of tenants of whom nobody said that they have a contract, those behind `after`."""
        wanted = {_CONTRACTED: None, "_id": {"$gt": after}}
        found = [each["_id"] async for each in self._raw(wanted, sort=[("_id", 1)], fields=["_id"], limit=limit)]
        return tuple(found)

    async def those(self, tenant_ids: Sequence[str]) -> tuple[Sequence[Tenant], dict[str, str]]:
        """Of these ids the tenants that are there, and of those that cannot be read, why."""
        found: list[Tenant] = []
        unreadable: dict[str, str] = {}
        async for stored in self._raw({"_id": {"$in": list(tenant_ids)}}):
            try:
                found.append(self._decode({**stored, "id": stored["_id"]}))
            except Unreadable as error:
                unreadable[stored["_id"]] = str(error)
        return found, unreadable

    async def selling(self) -> Sequence[Tenant]:
        """Those that sell premium to their viewers; what cannot be read is left out."""
        found: list[Tenant] = []
        async for stored in self._raw({"_marquee.membership.enabled": True}, sort=[("_id", 1)]):
            with suppress(Unreadable):
                found.append(self._decode({**stored, "id": stored["_id"]}))
        return found

    async def set_contracted(self, tenant_ids: Sequence[str]) -> None:
        """They have a contract, which stands already: who forgets it in between is told again."""
        await self._update_each([(tenant_id, {"$set": {_CONTRACTED: True}}, {}) for tenant_id in tenant_ids])

    async def set_next_bill_dates(self, dates: Mapping[str, datetime | None]) -> int:
        """Writes when each tenant's open period ends (naive UTC; None: it left), as `subscription.next_bill_date`.

        A change that is being made over what was read before begins anew. Gives how many tenants there were.
        """
        whole: Mapping[str, Any] = {
            "$or": [{"subscription": {"$type": "object"}}, {"subscription": {"$exists": False}}]
        }
        return await self._update_each(
            [(tenant_id, _next_bill(date), whole) for tenant_id, date in dates.items()],
        )

    def _checked(self, tenant_id: str, fields: Stored, ours: Stored) -> Tenant:
        if not self._reserved.isdisjoint(ours.get("domains", [])):
            raise DomainTaken("the domain is the platform's own")
        try:
            return self._decode({"id": tenant_id, **deepcopy(fields), _MARQUEE: deepcopy(ours)})
        except Unreadable as error:
            raise BadTenant(str(error)) from error


def _next_bill(date: datetime | None) -> Mapping[str, Any]:
    return {"$set": {"subscription.next_bill_date": date}, "$inc": {"_marquee.generation": 1}}


def _as_read(generation: int) -> Mapping[str, Any]:
    return {"_marquee.generation": generation or {"$exists": False}}


def _id_of(document: Mapping[str, Any]) -> str:
    tenant_id = document.get("_id")
    try:
        return tenant_id_of(tenant_id if isinstance(tenant_id, str) else "")
    except ValueError as error:
        raise BadTenant(f"_id: {error}") from error


def _first(fields: Mapping[str, Any], now: datetime) -> Stored:
    status = fields.get("status")
    return {
        "brand": {"name": str(fields.get("domain", ""))},
        "holds": _imported_holds(status, now),
        "past_due": status == "past_due",
        "created_at": now,
    }


def _imported_holds(status: object, now: datetime) -> list[Stored]:
    """A status that nobody here knows keeps the site closed: it was hardly meant to say that it may serve."""
    if status in (None, "active", "past_due"):
        return []
    reason = "suspended when imported" if status == "suspended" else f"imported with the status {str(status)[:40]!r}"
    return [{"kind": "billing", "reason": reason, "since": now, "by": "import"}]


def _set_primary(ours: Stored, domain: object) -> None:
    if not isinstance(domain, str):
        raise BadTenant("domain: a tenant needs one")
    try:
        primary = canonical_domain(domain)
    except BadDomain as error:
        raise BadTenant(f"domain: {error}") from error
    ours["domains"] = [primary, *(each for each in ours.get("domains", [])[1:] if each != primary)]


def _refused(error: Exception, tenant_id: str) -> Exception:
    if isinstance(error, Conflict):
        if _DOMAINS in error.fields:
            return DomainTaken("the domain belongs to another tenant")
        return TenantExists(f"there is a tenant {tenant_id} already")
    return BadTenant(str(error))


INDEXES = (
    Index("tenants", ((_DOMAINS, 1),), "domains", unique=True, partial={_DOMAINS: {"$exists": True}}),
    # Billing's tick asks for those that have no contract yet, which are few.
    Index("tenants", ((_CONTRACTED, 1), ("_id", 1)), "contracted"),
)
