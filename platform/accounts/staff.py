"""Staff: the people who run a site, known by tokens until the consoles exist.

A token is `mqs_<id>_<256 random bits>`; the database knows its id and the hash of the rest. A member belongs to one
tenant, or to the platform, and is nobody elsewhere.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final, NamedTuple, final

import msgspec

from accounts.model import Viewer
from accounts.roles import may
from accounts.staff_repository import ROLES, StaffMember, StaffRepository, StaffRole
from storage.audit import Actor, Audit
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope

PREFIX: Final = "mqs_"
LONGEST_NAME: Final = 60
_TOKEN: Final = re.compile(r"mqs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_ROLES: Final[dict[str, StaffRole]] = {role: role for role in ROLES}
_NAME: Final = re.compile(rf"[^\W_][\w .'-]{{0,{LONGEST_NAME - 1}}}")


class StaffTokenRequired(Exception):
    """Nobody who runs this site asks: there is no token, or none that holds here."""


class StaffOnly(Exception):
    """A viewer asks who does not run this site."""


class BadStaff(ValueError):
    """A member of staff cannot be as asked for; the message says why."""


class NoSuchStaff(Exception):
    """There is no member of staff of this id."""


class Moderator(msgspec.Struct, frozen=True):
    """Who moderates. `actor` is for the audit; `name` is what the people behind the site call them."""

    actor: Actor
    role: StaffRole
    name: str


class Minted(NamedTuple):
    """A new member of staff, and the token, which is never to be had again."""

    member: StaffMember
    token: str


@final
class Staff:
    """The staff of every site and of the platform. Each verb raises StorageUnavailable."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def create(self, scope: TenantScope | PlatformScope, name: str, role: str, *, actor: Actor) -> Minted:
        """A new member and their token. Raises BadStaff."""
        known = _ROLES.get(role)
        if known is None:
            raise BadStaff(f"role: one of {', '.join(ROLES)}")
        if _NAME.fullmatch(name) is None:
            raise BadStaff(f"name: letters, digits, spaces and .'-, at most {LONGEST_NAME}, a letter or digit first")
        secret = secrets.token_urlsafe(32)
        member = StaffMember(
            id=secrets.token_hex(6), name=name, role=known, secret_hash=_hash(secret), created_at=moment(self._clock())
        )
        await StaffRepository(self._database, scope).add(member)
        await self._audit.record(scope, actor, "staff.create", member.id, {"name": name, "role": known})
        return Minted(member, f"{PREFIX}{member.id}_{secret}")

    async def everybody(self, scope: TenantScope | PlatformScope) -> list[StaffMember]:
        """Everybody, those revoked too, the oldest first."""
        return await StaffRepository(self._database, scope).everybody()

    async def revoke(self, scope: TenantScope | PlatformScope, member_id: str, *, actor: Actor) -> None:
        """The token is worth nothing from now on; a second time changes nothing. Raises NoSuchStaff."""
        repository = StaffRepository(self._database, scope)
        if await repository.revoke(member_id, moment(self._clock())):
            await self._audit.record(scope, actor, "staff.revoke", member_id)
        elif await repository.get(member_id) is None:
            raise NoSuchStaff(f"there is no member of staff {member_id!r} here")

    async def of_token(self, scope: TenantScope | PlatformScope, token: str) -> Moderator | None:
        """Whose token it is here; None: nobody's."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        member = await StaffRepository(self._database, scope).get(found[1])
        # An unknown id costs the same comparison as a known one.
        known = hmac.compare_digest(member.secret_hash if member else "", _hash(found[2]))
        if member is None or not known or member.revoked_at is not None:
            return None
        return Moderator(Actor("staff", member.id), member.role, member.name)


def moderating_viewer(viewer: Viewer | None) -> Moderator:
    """The viewer, if the site has made them an admin. Raises StaffTokenRequired for nobody, StaffOnly for others."""
    if viewer is None:
        raise StaffTokenRequired("Send a staff token, or sign in as an admin of this site.")
    if not may(viewer, "moderate"):
        raise StaffOnly("Only those who run this site may do this.")
    return Moderator(Actor("viewer", str(viewer.id)), "moderator", "admin")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
