"""The outermost wrap of the application: host, tenant, security headers, and only then the router.

It lies outside because the router's own 404 and 405 never reach middleware, and they too have a tenant.
"""

from collections.abc import Callable, Iterable, Sequence
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

OPEN_PATHS: Final = frozenset({"/-/live", "/-/ready", "/favicon.svg", "/favicon.ico"})
OPEN_PREFIXES: Final = ("/assets/",)
_MOST_SPELLINGS: Final = 20_000
_RETRY_SOON: Final[Pair] = (b"retry-after", b"5")
_RETRY_LATER: Final[Pair] = (b"retry-after", b"3600")


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
        "_notice",
        "_platform_app",
        "_platform_host",
        "_proxies",
        "_resolver",
        "_spellings",
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
        self._headers = headers
        self._notice = notice
        # Header values seen, to their canonical host: what is canonical never changes.
        self._spellings: dict[bytes, str] = {}

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal: Answer | None = None
        tenant: ResolvedTenant | None = None
        app = self._app
        try:
            host = self._host(scope)
            if host == self._platform_host:
                app = self._platform_app
            else:
                tenant = self._resolver.peek(host) or await self._resolver.resolve(host)
                if tenant is None:
                    refusal = neutral(scope, 404, "Not found", "There is no site at this address.")
        except BadHost:
            refusal = neutral(scope, 400, "Bad request", "The request does not name one host properly.")
        except StorageUnavailable:
            refusal = neutral(scope, 503, "Unavailable", "This site cannot be looked up now.", _RETRY_SOON)
        send = self._headers.sending(send, secure=scope.get("scheme") in {"https", "wss"})
        if tenant is not None:
            scope.setdefault("state", {})["tenant"] = tenant
            if tenant.serving == "suspended" and not _is_open(scope["path"]):
                refusal = self._suspended(tenant, scope)
        if refusal is None:
            await app(scope, receive, send)
        else:
            await give(refusal, scope, send)

    def _host(self, scope: ASGIScope) -> str:
        raw = _only_host(scope["headers"])
        if self._proxies and self._proxies.trusts(scope["client"][0] if scope.get("client") else None):
            forwarded = self._proxies.heard(scope["headers"])
            raw = forwarded.host or raw
            if forwarded.scheme is not None:
                # A websocket's schemes are spelled ws and wss.
                scope["scheme"] = (
                    forwarded.scheme.replace("http", "ws") if scope["type"] != "http" else forwarded.scheme
                )
            if forwarded.client is not None:
                scope["client"] = (forwarded.client, 0)
        if not scope["path"].startswith("/"):
            raise BadHost("the target is not a path")
        host = self._spellings.get(raw)
        return self._spelled(raw) if host is None else host

    def _spelled(self, raw: bytes) -> str:
        host = canonical_host(raw)
        if len(self._spellings) >= _MOST_SPELLINGS:
            del self._spellings[next(iter(self._spellings))]
        self._spellings[raw] = host
        return host

    def _suspended(self, tenant: ResolvedTenant, scope: ASGIScope) -> Answer:
        if wants_problem(scope):
            return problem(503, "Site suspended", tenant.notice or "This site is suspended.", _RETRY_LATER)
        return page(503, self._notice(tenant), _RETRY_LATER)


def _only_host(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    raw: bytes | None = None
    for name, value in headers:
        if name == b"host":
            if raw is not None:
                raise BadHost("two hosts")
            raw = value
    if raw is None:
        raise BadHost("no host")
    return raw


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)
