"""Recovery codes: how a guest, whom nobody can vouch for, comes back on another device.

A code is 4 groups of 5 letters of Crockford's base 32, 100 random bits; the database knows its hash alone. A guest has
one live code: a new one ends the one before. It may be used more than once, and shows in the list of devices each time.

https://www.crockford.com/base32.html
"""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Final, final

from accounts.errors import BadRecoveryCode, GuestsOnly, ViewerBanned
from accounts.model import Viewer, ViewerId
from accounts.repository import ViewerRepository
from storage.indexes import Index
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS: Final = 4
_LETTERS: Final = 5
_CODE: Final = re.compile(rf"[{_ALPHABET}]{{{_GROUPS * _LETTERS}}}", re.ASCII)
_LONGEST_READ: Final = 80
# As Crockford reads what people write: I and L for 1, O for 0; hyphens and spaces count for nothing.
_READ: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
NOBODYS: Final = "This code opens nothing here. Check each letter, or make a new code where you are still signed in."


class RecoveryCode(TenantDocument):
    """A code by its hash."""

    id: str
    viewer: ViewerId
    created_at: datetime


class RecoveryRepository(TenantRepository[RecoveryCode]):
    """The codes of one site."""

    collection = "recovery_codes"
    document = RecoveryCode

    async def get(self, code_id: str) -> RecoveryCode | None:
        """The code of this hash."""
        return await self._get(code_id)

    async def of_viewer(self, viewer_id: ViewerId) -> RecoveryCode | None:
        """The viewer's live code."""
        return await self._find_one({"viewer": viewer_id})

    async def add(self, code: RecoveryCode) -> None:
        """Raises Conflict where the viewer has one."""
        await self._insert(code.id, {"viewer": code.viewer, "created_at": code.created_at})

    async def drop(self, viewer_id: ViewerId) -> int:
        """How many there were: none or one."""
        return await self._delete_where({"viewer": viewer_id})


@final
class RecoveryCodes:
    """The recovery codes of every site. Each verb raises StorageUnavailable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, scope: TenantScope, viewer: Viewer) -> str:
        """A new code for the guest; the one before is worth nothing from now on. Raises GuestsOnly, Conflict."""
        if viewer.type != "guest":
            raise GuestsOnly("You come back by signing in with Telegram.")
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _LETTERS))
        repository = RecoveryRepository(self._database, scope)
        await repository.drop(viewer.id)
        await repository.add(RecoveryCode(id=_hash(letters), viewer=viewer.id, created_at=moment(self._clock())))
        return "-".join(letters[start : start + _LETTERS] for start in range(0, len(letters), _LETTERS))

    async def made_at(self, scope: TenantScope, viewer_id: ViewerId) -> datetime | None:
        """When the live code was made; None: there is none."""
        found = await RecoveryRepository(self._database, scope).of_viewer(viewer_id)
        return None if found is None else found.created_at

    async def drop(self, scope: TenantScope, viewer_id: ViewerId) -> bool:
        """Ends the live code; whether there was one."""
        return await RecoveryRepository(self._database, scope).drop(viewer_id) > 0

    async def redeem(self, scope: TenantScope, written: str) -> Viewer:
        """Whose code it is. Raises BadRecoveryCode, ViewerBanned. The caller limits how often somebody may try."""
        letters = written[:_LONGEST_READ].upper().translate(_READ)
        if _CODE.fullmatch(letters) is None:
            raise BadRecoveryCode(NOBODYS)
        found = await RecoveryRepository(self._database, scope).get(_hash(letters))
        viewer = None if found is None else await ViewerRepository(self._database, scope).identity(found.viewer)
        if viewer is None or viewer.ours.merging_into is not None:
            raise BadRecoveryCode(NOBODYS)
        if viewer.ours.ban is not None:
            raise ViewerBanned(viewer.ours.ban.reason)
        return viewer


def _hash(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()


INDEXES = (Index("recovery_codes", (("_id.owner", 1), ("viewer", 1)), "owner_viewer", unique=True),)
