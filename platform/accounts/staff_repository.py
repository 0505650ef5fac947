"""Every query over the members of staff of an owner."""

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from storage.repository import TenantDocument, TenantRepository

StaffRole = Literal["owner", "editor", "moderator"]
ROLES: Final[tuple[StaffRole, ...]] = get_args(StaffRole)
_MOST: Final = 1_000


class StaffMember(TenantDocument):
    """One of the people who run a site. Times are naive UTC."""

    id: str
    name: str
    role: StaffRole
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None


class StaffRepository(TenantRepository[StaffMember]):
    """The staff of one owner."""

    collection = "staff"
    document = StaffMember

    async def get(self, member_id: str) -> StaffMember | None:
        """The member, revoked or not."""
        return await self._get(member_id)

    async def add(self, member: StaffMember) -> None:
        """Raises Conflict."""
        fields = msgspec.structs.asdict(member)
        del fields["id"]
        await self._insert(member.id, fields)

    async def everybody(self) -> list[StaffMember]:
        """The oldest first."""
        return await self._list(sort=[("created_at", 1), ("_id.id", 1)], limit=_MOST)

    async def revoke(self, member_id: str, now: datetime) -> bool:
        """Whether there was somebody to revoke."""
        change = {"$set": {"revoked_at": now}}
        return await self._update(member_id, change, where={"revoked_at": None}) == 1
