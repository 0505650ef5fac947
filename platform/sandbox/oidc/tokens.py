"""The provider's keys, and the ID tokens that it writes with them: right ones, and wrong ones of every kind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from msgspec import Struct

TOKEN_SECONDS = 300


class Faults(Struct):
    """What is wrong with the next answers. `claims` replace claims of a token; None takes one out of it."""

    claims: dict[str, Any] | None = None
    algorithm: str = "RS256"
    """`none`, or `HS256` under the public key's PEM, the two old confusions."""
    sign_with_another_key: bool = False
    unknown_key_id: bool = False
    slow_seconds: float = 0.0
    token_status: int = 200
    keys_status: int = 200
    description: dict[str, Any] | None = None
    """Replaces entries of the discovery document."""
    skip_pkce: bool = False


class Keys:
    """An RSA key with an id; `rotate` makes another one of both."""

    def __init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """From now on tokens are signed with a new key, and the old one is not published any more."""
        self.kid = f"sandbox-{secrets.token_hex(4)}"
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def published(self) -> dict[str, Any]:
        """The JWKS."""
        key: dict[str, Any] = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.kid, "use": "sig", "alg": "RS256"}]}


def id_token(keys: Keys, claims: dict[str, Any], faults: Faults) -> str:
    """The claims as a token, as wrong as the faults say."""
    said = {**claims, **(faults.claims or {})}
    said = {name: value for name, value in said.items() if value is not None}
    kid = "nobody-knows-it" if faults.unknown_key_id else keys.kid
    if faults.algorithm in {"none", "HS256"}:
        return _confused(keys, said, kid, faults.algorithm)
    signer = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048) if faults.sign_with_another_key else keys.private
    )
    return jwt.encode(said, signer, algorithm=faults.algorithm, headers={"kid": kid})


def _confused(keys: Keys, claims: dict[str, Any], kid: str, algorithm: str) -> str:
    head = {"alg": algorithm, "typ": "JWT", "kid": kid}
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    if algorithm == "none":
        return signed.decode() + "."
    secret = keys.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (signed + b"." + _encoded(hmac.digest(secret, signed, hashlib.sha256))).decode()


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
