"""Attempts to sign in that are under way, and proofs that were used: each is good for once.

Both lie in MongoDB, whose unique insert and single delete settle who was first on every node, and which sweeps them.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final, final

from accounts.errors import SignInRefused, SignInReplayed
from storage.errors import Conflict
from storage.indexes import Index
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope

ATTEMPT_SECONDS: Final = 600
NOT_YOURS: Final = "This sign-in was not begun in this browser, or too long ago. Begin again."


class Attempt(TenantDocument):
    """A sign-in that was begun in a browser. `browser` is the hash of the secret that the browser's cookie holds."""

    id: str
    expires_at: datetime
    browser: str = ""
    verifier: str = ""
    nonce: str = ""
    return_to: str = "/"
    referral_code: str | None = None


class AttemptRepository(TenantRepository[Attempt]):
    """The attempts and used proofs of one site."""

    collection = "sign_ins"
    document = Attempt

    async def add(self, attempt: Attempt) -> None:
        """Raises Conflict."""
        fields = {name: getattr(attempt, name) for name in attempt.__struct_fields__ if name != "id"}
        await self._insert(attempt.id, fields)

    async def take(self, attempt_id: str) -> Attempt | None:
        """The attempt, for whoever asks first."""
        found = await self._get(attempt_id)
        return found if found is not None and await self._delete(attempt_id) else None

    async def use(self, proof_id: str, expires_at: datetime) -> None:
        """Raises Conflict where the proof was used."""
        await self._insert(proof_id, {"expires_at": expires_at})


@final
class Attempts:
    """The attempts of every site. Each verb raises StorageUnavailable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(
        self, scope: TenantScope, browser: str, *, return_to: str, referral_code: str | None
    ) -> tuple[str, Attempt]:
        """A new attempt of the browser that holds the secret, and its state, which leaves no trace here."""
        state = secrets.token_urlsafe(32)
        attempt = Attempt(
            id=f"state:{_hash(state)}",
            browser=_hash(browser),
            verifier=secrets.token_urlsafe(48),
            nonce=secrets.token_urlsafe(32),
            return_to=return_to,
            referral_code=referral_code,
            expires_at=moment(self._clock()) + timedelta(seconds=ATTEMPT_SECONDS),
        )
        await AttemptRepository(self._database, scope).add(attempt)
        return state, attempt

    async def take(self, scope: TenantScope, state: str, browser: str | None) -> Attempt:
        """The attempt of this state, which is over with that whoever asks. Raises SignInRefused."""
        found = await AttemptRepository(self._database, scope).take(f"state:{_hash(state)}")
        is_own = found is not None and secrets.compare_digest(found.browser, _hash(browser or ""))
        if found is None or not is_own or found.expires_at <= moment(self._clock()):
            raise SignInRefused(NOT_YOURS)
        return found

    async def use(self, scope: TenantScope, proof: str, *, kept_seconds: float) -> None:
        """Notes that the proof was shown. Raises SignInReplayed where it was shown before."""
        expires_at = moment(self._clock()) + timedelta(seconds=kept_seconds)
        try:
            await AttemptRepository(self._database, scope).use(f"used:{_hash(proof)}", expires_at)
        except Conflict:
            raise SignInReplayed("This sign-in was used already. Begin again.") from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


INDEXES = (Index("sign_ins", (("expires_at", 1),), "expiry", options={"expireAfterSeconds": 0}),)
