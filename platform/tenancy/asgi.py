"""The outermost wrap of the application: host, tenant, security headers, and only then the router.

It lies outside because the router's own 404 and 405 never reach middleware, and they too have a tenant.
"""

import logging
from collections.abc import Callable, Sequence
from html import escape
from typing import Final, final

from storage.errors import StorageUnavailable
from tenancy.answers import Answer, ASGIApp, ASGIScope, Receive, Send, give, neutral, page, problem, wants_problem
from tenancy.errors import BadHost
from tenancy.headers import SECURITY_HEADERS, Pair, SecurityHeaders
from tenancy.host import canonical_host
from tenancy.proxies import TrustedProxies
from tenancy.resolver import ResolvedTenant, TenantResolver

Notice = Callable[[ResolvedTenant], str]
"""The page of a suspended tenant, as HTML."""

# A closed site still tells who answers for it and takes notices.
OPEN_PATHS: Final = frozenset({"/-/live", "/-/ready", "/favicon.svg", "/favicon.ico", "/legal", "/api/v1/takedowns"})
OPEN_PREFIXES: Final = ("/assets/", "/legal/", "/api/v1/takedowns/")
_NOBODY: Final = ("Not found", "There is no site at this address.")
_ODD: Final = ("Bad request", "The request does not name one host properly.")
_AWAY: Final = ("Unavailable", "This site cannot be looked up now.")
_BROKEN: Final = ("Something went wrong", "This site cannot be shown now.")
_SECURE: Final = frozenset({"https", "wss"})
_RETRY_SOON: Final[Pair] = (b"retry-after", b"5")
_RETRY_LATER: Final[Pair] = (b"retry-after", b"3600")
_log: Final = logging.getLogger(__name__)


def tenancy_wrap(
    app: ASGIApp,
    resolver: TenantResolver,
    *,
    platform_host: str,
    platform_app: ASGIApp,
    trusted_proxies: Sequence[str] = (),
    headers: Sequence[Pair] = SECURITY_HEADERS,
    notice: Notice | None = None,
) -> ASGIApp:
    """`app` behind tenancy: it sees requests of a known host only, with `scope["state"]["tenant"]` set.

    `platform_host` goes to `platform_app`, an unknown host gets a neutral 404, an odd one 400, a suspended tenant its
    notice (503) but for health, and the files that the notice is drawn with. `headers` are on every answer that has
    none of the name; `notice` draws the page of a suspended tenant. Lifespan passes. Raises ValueError for a bad
    platform host or proxy network.
    """
    try:
        host = canonical_host(platform_host.encode())
    except BadHost as error:
        raise ValueError(f"platform host: {platform_host!r} is not a host") from error
    return _Wrap(
        app, resolver, host, platform_app, TrustedProxies(trusted_proxies), SecurityHeaders(headers), notice or _plain
    )


def _plain(tenant: ResolvedTenant) -> str:
    title, text = escape(tenant.brand.name or tenant.host), escape(tenant.notice or "")
    return f'<!doctype html><html><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>'


@final
class _Wrap:
    __slots__ = (
        "_app",
        "_headers",
        "_hears_proxies",
        "_known",
        "_notice",
        "_platform_app",
        "_platform_host",
        "_proxies",
        "_resolver",
    )

    def __init__(
        self,
        app: ASGIApp,
        resolver: TenantResolver,
        platform_host: str,
        platform_app: ASGIApp,
        proxies: TrustedProxies,
        headers: SecurityHeaders,
        notice: Notice,
    ) -> None:
        self._app = app
        self._resolver = resolver
        self._platform_host = platform_host
        self._platform_app = platform_app
        self._proxies = proxies
        self._hears_proxies = bool(proxies)
        self._headers = headers
        self._notice = notice
        self._known: Final = resolver.spelled

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer: Answer | None = None
        app = self._app
        try:
            raw = self._raw_host(scope)
            tenant = self._known.get(raw)
            if tenant is None:
                host = canonical_host(raw)
                if host == self._platform_host:
                    app = self._platform_app
                else:
                    tenant = await self._resolver.resolve(host)
                    if tenant is None:
                        answer = neutral(scope, 404, *_NOBODY)
                    else:
                        self._resolver.spell(raw, tenant)
            if tenant is not None:
                scope.setdefault("state", {})["tenant"] = tenant
                if tenant.serving == "suspended" and not _is_open(scope["path"]):
                    answer = self._suspended(tenant, scope)
        except Exception as error:  # noqa: BLE001 - the server's own 500 would lack the headers of every answer
            answer = _refusal(scope, error)
        sending = self._headers.secure if scope["scheme"] in _SECURE else self._headers.plain
        if answer is None:
            await app(scope, receive, sending(send))
        else:
            await give(answer, scope, sending(send))

    def _raw_host(self, scope: ASGIScope) -> bytes:
        raw: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"host":
                if raw is not None:
                    raise BadHost("two hosts")
                raw = value
        if raw is None:
            raise BadHost("no host")
        if scope["path"][:1] != "/":
            raise BadHost("the target is not a path")
        return self._forwarded(scope, raw) if self._hears_proxies else raw

    def _forwarded(self, scope: ASGIScope, raw: bytes) -> bytes:
        peer = scope.get("client")
        if not self._proxies.trusts(peer[0] if peer else None):
            return raw
        forwarded = self._proxies.heard(scope["headers"])
        if forwarded.scheme is not None:
            # A websocket's schemes are spelled ws and wss.
            scope["scheme"] = forwarded.scheme if scope["type"] == "http" else forwarded.scheme.replace("http", "ws")
        if forwarded.client is not None:
            scope["client"] = (forwarded.client, 0)
        if forwarded.host is None:
            return raw
        # Addresses that lead back here are made of it.
        scope["headers"] = [(name, forwarded.host if name == b"host" else value) for name, value in scope["headers"]]
        return forwarded.host

    def _suspended(self, tenant: ResolvedTenant, scope: ASGIScope) -> Answer:
        if wants_problem(scope):
            return problem(503, "Site suspended", tenant.notice or "This site is suspended.", _RETRY_LATER)
        return page(503, self._notice(tenant), _RETRY_LATER)


def _refusal(scope: ASGIScope, error: Exception) -> Answer:
    if isinstance(error, BadHost):
        return neutral(scope, 400, *_ODD)
    if isinstance(error, StorageUnavailable):
        return neutral(scope, 503, *_AWAY, _RETRY_SOON)
    _log.error("a request could not be brought to its site", exc_info=error)
    return neutral(scope, 500, *_BROKEN)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)
