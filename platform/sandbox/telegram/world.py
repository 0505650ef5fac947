"""What all connections share: the store, the knobs, the counters, and the capabilities that name documents."""

import hashlib
import hmac
import os
import struct
from typing import final

from .counters import Counters
from .faults import Faults, Judge, Pacer, Refusal
from .model import AuthKey, Channel, Clock, Document, SandboxOptions
from .session import Salts
from .store import Store
from .uploads import Uploads

_REFERENCE = struct.Struct(">BIIq")
_MAC_BYTES = 8
_REFERENCE_KIND = 2


@final
class World:
    """State of one sandbox. `datacenters`: id → (host, port), filled in as they begin to listen."""

    def __init__(self, options: SandboxOptions, store: Store, faults: Faults) -> None:
        self.options = options
        self.clock: Clock = options.clock
        self.store = store
        self.faults = faults
        self.judge = Judge(faults, self.clock)
        self.pacer = Pacer()
        self.counters = Counters()
        self.salts = Salts(store.secret, options.salt_seconds)
        self.uploads = Uploads(store, self.clock, options.home_dc_id)
        self.datacenters: dict[int, tuple[str, int]] = {}
        self._bot_tokens = set(options.bot_tokens) if options.bot_tokens is not None else None
        self._revoked_tokens: set[str] = set()
        self._exported: dict[bytes, tuple[int, int]] = {}

    def access_hash(self, media_id: int, user_id: int) -> int:
        """The hash by which an account names a document or a channel."""
        account = user_id if self.options.access_hash_per_account else 0
        return int.from_bytes(self._mac(struct.pack(">qq", media_id, account)), "big", signed=True)

    def file_reference(self, document: Document, user_id: int) -> bytes:
        """A reference good from now on, until it expires."""
        issued = int(self.clock())
        account = user_id if self.options.access_hash_per_account else 0
        head = _REFERENCE.pack(_REFERENCE_KIND, document.reference_generation, issued, account)
        return head + self._mac(head + struct.pack(">q", document.media_id))

    def check_reference(self, document: Document, reference: bytes, user_id: int) -> None:
        """Raise the Refusal that a file reference deserves."""
        if not reference:
            raise Refusal(400, "FILE_REFERENCE_EMPTY")
        head, mac = reference[: _REFERENCE.size], reference[_REFERENCE.size :]
        if len(reference) != _REFERENCE.size + _MAC_BYTES or not hmac.compare_digest(
            mac, self._mac(head + struct.pack(">q", document.media_id))
        ):
            raise Refusal(400, "FILE_REFERENCE_INVALID")
        _, generation, issued, account = _REFERENCE.unpack(head)
        if account not in (0, user_id):
            raise Refusal(400, "FILE_REFERENCE_INVALID")
        ttl = self.faults.reference_ttl_seconds
        if generation < document.reference_generation or (ttl and self.clock() - issued > ttl):
            raise Refusal(400, "FILE_REFERENCE_EXPIRED")

    def expire_references(self, document: Document) -> None:
        """End every reference to a document handed out so far."""
        document.reference_generation += 1
        self.store.put_document(document)

    def export_authorization(self, user_id: int, dc_id: int) -> bytes:
        """Make the bytes with which a signed-in account signs in on another datacenter, once."""
        token = os.urandom(32)
        self._exported[token] = (user_id, dc_id)
        return token

    def import_authorization(self, token: bytes, user_id: int, dc_id: int) -> bool:
        """Redeem them."""
        return self._exported.pop(token, None) == (user_id, dc_id)

    def takes_token(self, token: str) -> bool:
        """Whether a bot may sign in with it."""
        return token not in self._revoked_tokens and (self._bot_tokens is None or token in self._bot_tokens)

    def revoke_token(self, token: str) -> None:
        """Let a bot in no more, and sign it out."""
        self._revoked_tokens.add(token)
        for key in self.store.keys.values():
            if str(key.user_id) == token.partition(":")[0]:
                self.sign_in(key, None)

    def sign_in(self, key: AuthKey, user_id: int | None) -> None:
        """Bind a key to an account, or to none."""
        key.user_id = user_id
        self.store.put_key(key)

    def channel(self, channel_id: int, access_hash: int, user_id: int) -> Channel:
        """The channel an account means; bots may leave the hash 0. Raises Refusal."""
        found = self.store.channels.get(channel_id)
        if found is None or access_hash not in (0, self.access_hash(channel_id, user_id)):
            raise Refusal(400, "CHANNEL_INVALID")
        return found

    def _mac(self, message: bytes) -> bytes:
        return hashlib.blake2b(message, key=self.store.secret, digest_size=_MAC_BYTES).digest()
