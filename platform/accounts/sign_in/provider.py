"""Telegram as an OpenID provider, asked over the network: its description, its keys, and a code against a token.

https://openid.net/specs/openid-connect-discovery-1_0.html, https://www.rfc-editor.org/rfc/rfc7636
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, cast, final
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from accounts.errors import SignInRefused, SignInUnavailable

TIMEOUT_SECONDS: Final = 8.0
LARGEST_ANSWER_BYTES: Final = 256 << 10
DESCRIPTION_SECONDS: Final = 6 * 3_600
KEYS_SECONDS: Final = 3_600
REFETCH_SECONDS: Final = 30
"""A key id that is unknown has the keys fetched again at most this often: anybody can make up key ids."""
_AWAY: Final = "Telegram cannot be reached at the moment. Please try again."
_NO_TOKEN: Final = "Telegram did not accept this sign-in. Begin again."  # noqa: S105 - what people are told


class Description(msgspec.Struct, frozen=True):
    """Where the provider's endpoints are."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Client(msgspec.Struct, frozen=True):
    """A tenant's bot as a client of the provider."""

    id: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Client({self.id})"


@final
class Provider:
    """One provider for all tenants. Its verbs raise SignInUnavailable. `http` is the caller's to close."""

    def __init__(self, issuer: str, http: httpx.AsyncClient, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.issuer: Final = issuer
        self._http = http
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._description: Description | None = None
        self._described_at = 0.0
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._keys_at: float | None = None

    async def authorize_url(self, client_id: str, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is to go."""
        description = await self._describe()
        query = {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{description.authorization_endpoint}?{urlencode(query)}"

    async def id_token(self, client: Client, redirect_uri: str, *, code: str, verifier: str) -> str:
        """The token that the code is good for. Raises SignInRefused where the provider takes the code for none."""
        description = await self._describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": client.id,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(client.id, client.secret)
        status, answer = await self._ask("POST", description.token_endpoint, data=form, auth=auth)
        token = answer.get("id_token")
        if status != HTTPStatus.OK or not isinstance(token, str):
            raise SignInRefused(_NO_TOKEN)
        return token

    async def key(self, kid: str) -> Mapping[str, Any]:
        """The provider's public key of this id, as a JWK. Raises SignInRefused where it has none."""
        async with self._lock:
            now = self._monotonic()
            age = None if self._keys_at is None else now - self._keys_at
            is_due = age is None or age > KEYS_SECONDS or (kid not in self._keys and age > REFETCH_SECONDS)
            if is_due:
                await self._fetch_keys(now)
            if kid not in self._keys:
                raise SignInRefused(_NO_TOKEN)
            return self._keys[kid]

    async def _fetch_keys(self, now: float) -> None:
        status, answer = await self._ask("GET", (await self._describe()).jwks_uri)
        keys = answer.get("keys")
        if status != HTTPStatus.OK or not isinstance(keys, list):
            raise SignInUnavailable(_AWAY)
        named = [cast("dict[str, Any]", each) for each in cast("list[object]", keys) if isinstance(each, dict)]
        self._keys = {str(each["kid"]): each for each in named if "kid" in each and each.get("use", "sig") == "sig"}
        self._keys_at = now

    async def _describe(self) -> Description:
        now = self._monotonic()
        if self._description is not None and now - self._described_at < DESCRIPTION_SECONDS:
            return self._description
        status, answer = await self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
        try:
            description = msgspec.convert(answer, Description)
        except msgspec.ValidationError:
            raise SignInUnavailable(_AWAY) from None
        ends = (description.authorization_endpoint, description.token_endpoint, description.jwks_uri)
        # Whoever answers for the issuer speaks of its own origin alone.
        if status != HTTPStatus.OK or description.issuer != self.issuer or not all(map(self._is_own, ends)):
            raise SignInUnavailable(_AWAY)
        self._description, self._described_at = description, now
        return description

    def _is_own(self, url: str) -> bool:
        theirs, ours = urlsplit(url), urlsplit(self.issuer)
        return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) and not theirs.query and not theirs.fragment

    async def _ask(self, method: str, url: str, **more: Any) -> tuple[int, Mapping[str, Any]]:
        """The status and the JSON object of an answer, {} for a body that is none; redirects are not followed."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._http.stream(method, url, **more) as response:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_ANSWER_BYTES:
                        raise SignInUnavailable(_AWAY)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise SignInUnavailable(_AWAY) from None
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise SignInUnavailable(_AWAY)
        try:
            answer: object = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            answer = None
        return response.status_code, cast("Mapping[str, Any]", answer) if isinstance(answer, dict) else {}


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
