"""Redeeming a gift: once, by whoever has its code."""

from __future__ import annotations

from typing import Final

from accounts.model import Viewer
from billing.memberships.buying import require_identity
from billing.memberships.desk import Desk
from billing.memberships.model import BadGiftCode, Purchase
from billing.memberships.repository import PurchaseRepository
from billing.memberships.settling import entitle, lay_out
from storage.scope import TenantScope
from storage.transactions import all_or_none

LONGEST: Final = 80
_NOBODYS: Final = "This code opens no gift here. It may have been redeemed, or given back."
# As people write it: hyphens and spaces count for nothing, and the letters that look like digits are them.
_READ: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_LETTERS_IN_ALL: Final = 20
_GROUP: Final = 5


async def redeem(desk: Desk, scope: TenantScope, viewer: Viewer, written: str) -> Purchase:
    """Gives the gift of this code to the viewer, behind what they have; said again by the same viewer, it is done.

    Raises BadGiftCode, IdentityNeeded. The caller limits how often somebody may try.
    """
    code = _read(written)
    await require_identity(desk, scope, viewer)
    gift = await all_or_none(desk.database, lambda: _claimed(desk, scope, viewer, code))
    await entitle(desk.members, scope, viewer.id)
    return gift


async def _claimed(desk: Desk, scope: TenantScope, viewer: Viewer, code: str) -> Purchase:
    """The gift and the time that it gives, in one transaction."""
    purchases = PurchaseRepository(desk.database, scope)
    gift = await purchases.claim_gift(code, viewer.id, desk.now()) or await purchases.by_code(code)
    if gift is None or gift.holder != viewer.id or gift.redeemed_at is None:
        raise BadGiftCode(_NOBODYS)
    await lay_out(desk.members, scope, viewer.id)
    return await purchases.get(gift.id) or gift


def _read(written: str) -> str:
    letters = written[:LONGEST].upper().translate(_READ)
    if len(letters) != _LETTERS_IN_ALL or not letters.isascii() or not letters.isalnum():
        raise BadGiftCode(_NOBODYS)
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
