"""The key exchange, server side: PQ, Diffie-Hellman, and the authorisation key that comes of it.

https://core.telegram.org/mtproto/auth_key
"""

import hashlib
import os
import random
from typing import Any

import warpcrypto
from pyrogram.crypto.prime import CURRENT_DH_PRIME

from . import tl
from .model import AuthKey, Clock
from .rsa_key import ServerKey

_G = 3
_PQ_INNER = (tl.types.PQInnerData, tl.types.PQInnerDataDc)


class BadHandshake(Exception):
    """A step that does not follow from the one before it; the server answers -404 and closes."""


def _bytes(number: int, length: int) -> bytes:
    return number.to_bytes(length, "little", signed=True)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _small_prime() -> int:
    # Smaller than Telegram's 31 bits: what the client spends on factoring is no subject of this sandbox. Not smaller
    # still: kurigram's factoring gives up the more often the smaller they are.
    while True:
        candidate = random.randrange(1 << 25, 1 << 26) | 1
        if all(candidate % divisor for divisor in range(3, 1 << 13, 2)):
            return candidate


class Handshake:
    """One connection's exchange. Feed it the client's three requests; `made` holds the key after the third."""

    def __init__(self, dc_id: int, server_key: ServerKey, clock: Clock) -> None:
        self._dc_id = dc_id
        self._server_key = server_key
        self._clock = clock
        self._nonce = 0
        self._server_nonce = b""
        self._pq = b""
        self._secret_exponent = 0
        self._new_nonce = b""
        self._temporary: tuple[bytes, bytes] = (b"", b"")
        self.made: AuthKey | None = None

    def answer(self, body: bytes) -> bytes:
        """Give the answer to one request of the exchange. Raises BadHandshake."""
        try:
            query: Any = tl.read(body)
        except tl.Unreadable as error:
            raise BadHandshake("unknown request") from error
        if isinstance(query, tl.functions.ReqPqMulti | tl.functions.ReqPq):
            return self._first(query.nonce)
        if not self._server_nonce or (query.nonce, _bytes(query.server_nonce, 16)) != (self._nonce, self._server_nonce):
            raise BadHandshake("nonce")
        if isinstance(query, tl.functions.ReqDHParams):
            return self._second(query.encrypted_data)
        if isinstance(query, tl.functions.SetClientDHParams) and self._new_nonce:
            return self._third(query.encrypted_data)
        raise BadHandshake("out of turn")

    def _first(self, nonce: int) -> bytes:
        self._nonce = nonce
        self._server_nonce = os.urandom(16)
        p, q = _small_prime(), _small_prime()
        while p == q:
            q = _small_prime()
        self._pq = (p * q).to_bytes(8, "big").lstrip(b"\0")
        return tl.serialise(
            tl.types.ResPQ(
                nonce=nonce,
                server_nonce=_number(self._server_nonce),
                pq=self._pq,
                server_public_key_fingerprints=[self._server_key.fingerprint],
            )
        )

    def _second(self, encrypted: bytes) -> bytes:
        inner = self._inner_data(encrypted)
        self._new_nonce = _bytes(inner.new_nonce, 32)
        new, server = self._new_nonce, self._server_nonce
        mixed = hashlib.sha1(server + new).digest()
        key = hashlib.sha1(new + server).digest() + mixed[:12]
        self._temporary = (key, mixed[12:] + hashlib.sha1(new + new).digest() + new[:4])
        self._secret_exponent = int.from_bytes(os.urandom(32), "big")
        data = tl.serialise(
            tl.types.ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=_number(server),
                g=_G,
                dh_prime=CURRENT_DH_PRIME.to_bytes(256, "big"),
                g_a=pow(_G, self._secret_exponent, CURRENT_DH_PRIME).to_bytes(256, "big"),
                server_time=int(self._clock()),
            )
        )
        answer = hashlib.sha1(data).digest() + data
        answer += os.urandom(-len(answer) % 16)
        return tl.serialise(
            tl.types.ServerDHParamsOk(
                nonce=self._nonce,
                server_nonce=_number(server),
                encrypted_answer=warpcrypto.ige256_encrypt(answer, *self._temporary),
            )
        )

    def _inner_data(self, encrypted: bytes) -> Any:
        opened = self._server_key.open(encrypted)
        if opened is None:
            raise BadHandshake("encrypted_data")
        data, digest = opened
        try:
            inner: Any = tl.read(data)
        except tl.Unreadable as error:
            raise BadHandshake("p_q_inner_data") from error
        if not isinstance(inner, _PQ_INNER) or digest not in (None, hashlib.sha1(tl.serialise(inner)).digest()):
            raise BadHandshake("p_q_inner_data")
        if (inner.pq, inner.nonce, _bytes(inner.server_nonce, 16)) != (self._pq, self._nonce, self._server_nonce):
            raise BadHandshake("p_q_inner_data is of another exchange")
        return inner

    def _third(self, encrypted: bytes) -> bytes:
        if not encrypted or len(encrypted) % 16:
            raise BadHandshake("encrypted_data")
        opened = warpcrypto.ige256_decrypt(encrypted, *self._temporary)
        try:
            inner: Any = tl.read(opened[20:])
        except tl.Unreadable as error:
            raise BadHandshake("client_DH_inner_data") from error
        if hashlib.sha1(tl.serialise(inner)).digest() != opened[:20]:
            raise BadHandshake("hash")
        g_b = int.from_bytes(inner.g_b, "big")
        if not 1 < g_b < CURRENT_DH_PRIME - 1:
            raise BadHandshake("g_b")
        secret = pow(g_b, self._secret_exponent, CURRENT_DH_PRIME).to_bytes(256, "big")
        digest = hashlib.sha1(secret).digest()
        salt = bytes(a ^ b for a, b in zip(self._new_nonce[:8], self._server_nonce[:8], strict=True))
        self.made = AuthKey(
            dc_id=self._dc_id,
            key_id=digest[-8:],
            secret=secret,
            first_salt=_number(salt),
            created_at=self._clock(),
        )
        proof = hashlib.sha1(self._new_nonce + b"\1" + digest[:8]).digest()[-16:]
        return tl.serialise(
            tl.types.DhGenOk(
                nonce=self._nonce, server_nonce=_number(self._server_nonce), new_nonce_hash1=_number(proof)
            )
        )
