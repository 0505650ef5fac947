"""Reading an ID token: who signed it, for whom, when, and whom it vouches for.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hmac
from typing import Any, Final

import jwt

from accounts.errors import SignInRefused
from accounts.sign_in.identity import FUTURE_SECONDS, TelegramIdentity, profile_of, telegram_id
from accounts.sign_in.provider import Provider

ALGORITHMS: Final = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
"""What BotFather offers and PyJWT knows, each with the type of key that it goes with; never a shared secret."""
LONGEST_SECONDS: Final = 600
_LONGEST_TOKEN: Final = 8192
_LEAST_RSA_BITS: Final = 2048
_REFUSED: Final = "Telegram's answer is not for this sign-in. Begin again."


async def verify_id_token(
    token: str, *, provider: Provider, client_id: str, nonce: str, now: float
) -> TelegramIdentity:
    """Whom the token vouches for. Raises SignInRefused, SignInUnavailable."""
    kid, algorithm = _head_of(token)
    claims = _claims(token, await _key(provider, kid, algorithm), algorithm)
    if claims.get("iss") != provider.issuer or not _is_for(claims, client_id):
        raise SignInRefused(_REFUSED)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise SignInRefused(_REFUSED)
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if expires <= now - FUTURE_SECONDS or not now - LONGEST_SECONDS <= issued <= now + FUTURE_SECONDS:
        raise SignInRefused(_REFUSED)
    return TelegramIdentity(
        # `sub` is a subject of the provider's own; the Telegram id, which everything here goes by, is `id`.
        id=telegram_id(claims.get("id")),
        profile=profile_of(claims.get("name"), username=claims.get("preferred_username")),
        proof=f"id-token:{nonce}",
        kept_seconds=LONGEST_SECONDS + FUTURE_SECONDS,
    )


def _head_of(token: str) -> tuple[str, str]:
    try:
        if len(token) > _LONGEST_TOKEN:
            raise SignInRefused(_REFUSED)
        head = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        raise SignInRefused(_REFUSED) from None
    kid, algorithm = head.get("kid"), head.get("alg")
    if not isinstance(kid, str) or algorithm not in ALGORITHMS or "crit" in head:
        raise SignInRefused(_REFUSED)
    return kid, algorithm


async def _key(provider: Provider, kid: str, algorithm: str) -> jwt.PyJWK:
    found = dict(await provider.key(kid))
    # The key says what it is good for, not the token.
    if found.get("kty") != ALGORITHMS[algorithm] or found.get("alg", algorithm) != algorithm:
        raise SignInRefused(_REFUSED)
    try:
        key = jwt.PyJWK(found, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise SignInRefused(_REFUSED) from None
    if algorithm == "RS256" and key.key.key_size < _LEAST_RSA_BITS:
        raise SignInRefused(_REFUSED)
    return key


def _claims(token: str, key: jwt.PyJWK, algorithm: str) -> dict[str, Any]:
    """The claims, once the signature is good; what they say is judged by our own clock."""
    options: Any = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
    try:
        return jwt.decode(token, key, algorithms=[algorithm], options=options)
    except (jwt.PyJWTError, ValueError):
        raise SignInRefused(_REFUSED) from None


def _is_for(claims: dict[str, Any], client_id: str) -> bool:
    """Telegram may write the client's number as one. A token for several is for somebody else too."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if isinstance(audience, bool) or not isinstance(audience, str | int):
        return False
    return str(audience) == client_id and claims.get("azp", audience) == audience


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignInRefused(_REFUSED)
    return value
