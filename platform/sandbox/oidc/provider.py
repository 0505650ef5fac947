"""The provider's endpoints, as an ASGI application that forgets everything with the process."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from sandbox.http.exchange import Answer, Receive, Request, Send, in_json, page, read, write
from sandbox.http.serving import listening, serving
from sandbox.oidc.tokens import TOKEN_SECONDS, Faults, Keys, id_token


class Person(Struct, frozen=True):
    """Somebody with a Telegram account."""

    id: int
    name: str
    username: str | None = None


class Grant(Struct, frozen=True):
    """What a code was given for."""

    person: Person
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str


class OidcSandbox:
    """The provider. `clients` are bots by their id, with their secrets; an unknown one is taken with any secret.

    Without `person` the authorisation page asks which of `people` signs in; with it the browser is sent on at once.
    """

    def __init__(self, issuer: str, *, clock: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self.clock = clock
        self.keys = Keys()
        self.faults = Faults()
        self.clients: dict[str, str] = {}
        self.people = [Person(700_000_001, "Ada Ferro", "ada_f"), Person(700_000_002, "Ben Okoro", None)]
        self.person: Person | None = None
        self.asked: list[str] = []
        self._codes: dict[str, Grant] = {}

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        await write(await self._answer(await read(scope, receive)), send)

    async def _answer(self, request: Request) -> Answer:
        path = request.path
        self.asked.append(path)
        if path != "/auth" and self.faults.slow_seconds:
            await asyncio.sleep(self.faults.slow_seconds)
        match path:
            case "/.well-known/openid-configuration":
                return in_json(200, {**self._description(), **(self.faults.description or {})})
            case "/.well-known/jwks.json":
                return in_json(self.faults.keys_status, self.keys.published())
            case "/auth":
                return self._authorize(request.asked)
            case "/token" if request.method == "POST":
                return self._token(request.form, request.headers)
            case "/favicon.ico":
                return Answer(204, kind="image/x-icon")
            case _:
                return in_json(404, {"error": "not_found"})

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile"],
        }

    def _authorize(self, query: dict[str, str]) -> Answer:
        needed = {"client_id", "redirect_uri", "state", "nonce", "code_challenge"}
        if not needed <= query.keys() or query.get("code_challenge_method") != "S256":
            return in_json(400, {"error": "invalid_request"})
        chosen = next((each for each in self.people if str(each.id) == query.get("as")), self.person)
        if chosen is None:
            return page(self._choice(query))
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(
            chosen, query["client_id"], query["redirect_uri"], query["code_challenge"], query["nonce"]
        )
        back = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        return Answer(302, kind="text/plain", headers={"location": back})

    def _choice(self, query: dict[str, str]) -> str:
        host = escape(urlsplit(query["redirect_uri"]).netloc)
        links = "".join(
            f'<p><a href="/auth?{escape(urlencode({**query, "as": each.id}))}">Continue as {escape(each.name)}</a></p>'
            for each in self.people
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Sandbox sign-in</title><h1>Sign in to {host}</h1><p>A stand-in for Telegram.</p>{links}</html>"
        )

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> Answer:
        if self.faults.token_status != 200:
            return in_json(self.faults.token_status, {"error": "server_error"})
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or not self._is_client(grant.client_id, headers):
            return in_json(400, {"error": "invalid_grant"})
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == grant.challenge or self.faults.skip_pkce
        if not proven or form.get("redirect_uri") != grant.redirect_uri:
            return in_json(400, {"error": "invalid_grant"})
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": grant.client_id,
            # As Telegram's: a subject of its own beside the person's Telegram id.
            "sub": str(10**18 + grant.person.id),
            "id": grant.person.id,
            "name": grant.person.name,
            "preferred_username": grant.person.username,
            "nonce": grant.nonce,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        token = id_token(self.keys, claims, self.faults)
        return in_json(200, {"id_token": token, "access_token": "unused", "token_type": "Bearer", "expires_in": 300})

    def _is_client(self, client_id: str, headers: dict[str, str]) -> bool:
        encoded = headers.get("authorization", "").removeprefix("Basic ")
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        return name == client_id and self.clients.get(name, secret) == secret


@asynccontextmanager
async def served(*, port: int = 0, clock: Callable[[], float] = time.time) -> AsyncGenerator[OidcSandbox]:
    """The provider on a port of 127.0.0.1, one of the system's choice where none is named."""
    async with listening(port) as (listener, chosen):
        provider = OidcSandbox(f"http://127.0.0.1:{chosen}", clock=clock)
        async with serving(provider, listener):
            yield provider
