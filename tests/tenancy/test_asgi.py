"""The wrap: nothing reaches the application without a tenant, and no answer leaves without its headers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from storage.errors import StorageUnavailable
from storage.moments import moment
from tenancy.answers import ASGIApp, Receive, Send
from tenancy.asgi import tenancy_wrap
from tenancy.model import Brand, Hold, Tenant
from tenancy.resolver import ResolvedTenant, TenantResolver

HELD = Hold(kind="operator", reason="Back in <May>", since=moment(0), by="staff:ada")


class Source:
    def __init__(self) -> None:
        self.away = False
        self.tenants = [
            Tenant(id="a", domain="a.example", domains=("a.example", "xn--bcher-kva.example")),
            Tenant(id="late", domain="late.example", domains=("late.example",), past_due=True),
            Tenant(
                id="held",
                domain="held.example",
                domains=("held.example",),
                brand=Brand(name="<Held>"),
                holds=(HELD,),
            ),
        ]

    async def by_domain(self, domain: str) -> Tenant | None:
        if self.away:
            raise StorageUnavailable("away")
        return next((each for each in self.tenants if domain in each.domains), None)

    async def get(self, tenant_id: str) -> Tenant | None:
        return next((each for each in self.tenants if each.id == tenant_id), None)


async def site(scope: Any, receive: Receive, send: Send) -> None:
    """An application that says whom it was asked for."""
    tenant: ResolvedTenant = scope["state"]["tenant"]
    body = f"{tenant.id} {tenant.host} {scope['scheme']} {scope['client'][0]}".encode()
    if scope["path"] == "/asked":
        body = dict(scope["headers"])[b"host"]
    headers = [(b"content-type", b"text/plain")]
    if scope["path"] == "/own":
        headers.append((b"content-security-policy", b"default-src 'self'"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def console(scope: Any, receive: Receive, send: Send) -> None:
    assert "tenant" not in scope.get("state", {})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"console"})


@pytest.fixture
def source() -> Source:
    return Source()


Ask = Callable[..., Any]


@pytest.fixture
def ask(source: Source) -> Ask:
    app = wrapped(source)

    async def asking(
        host: str | None, path: str = "/", *, method: str = "GET", peer: str = "203.0.113.1", **headers: str
    ) -> httpx.Response:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        transport = httpx.ASGITransport(app, client=(peer, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path, headers=[*([("host", host)] if host else []), *named])

    return asking


def wrapped(source: Source, **options: Any) -> ASGIApp:
    given: dict[str, Any] = {"trusted_proxies": ("10.0.0.0/8",), **options}
    return tenancy_wrap(site, TenantResolver(source), platform_host="console.example", platform_app=console, **given)


async def raw(app: ASGIApp, headers: list[tuple[bytes, bytes]], **scope: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    given = {"type": "http", "method": "GET", "scheme": "http", "path": "/", "client": ("203.0.113.1", 5)}
    await app({**given, "headers": headers, **scope}, receive, send)
    return sent


SECURITY = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
}


@pytest.mark.parametrize("host", ["a.example", "A.EXAMPLE.", "a.example:8000", "xn--bcher-kva.example"])
async def test_a_host_reaches_its_tenant_in_every_proper_spelling(ask: Ask, host: str) -> None:
    answer = await ask(host)
    assert answer.status_code == 200
    assert answer.text.startswith("a ")
    assert answer.headers.keys() >= SECURITY


async def test_an_unknown_host_gets_a_neutral_404(ask: Ask) -> None:
    answer = await ask("nobody.example", "/title/x")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.keys() >= SECURITY
    assert "nobody" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/titles", "/stream/x"])
async def test_programs_get_problem_details(ask: Ask, path: str) -> None:
    answer = await ask("nobody.example", path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    asked_for = await ask("nobody.example", "/", accept="application/json")
    assert asked_for.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["a_b.example", "a.example,b.example", "user@a.example", "a..example", "a.example:x"])
async def test_an_odd_host_is_a_bad_request(ask: Ask, host: str) -> None:
    answer = await ask(host)
    assert answer.status_code == 400
    assert answer.headers.keys() >= SECURITY


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"a.example"), (b"host", b"a.example")],
        [(b"host", b"a.example"), (b"host", b"held.example")],
        [(b"host", "bücher.example".encode())],
    ],
)
async def test_not_exactly_one_host_is_a_bad_request(source: Source, headers: list[tuple[bytes, bytes]]) -> None:
    sent = await raw(wrapped(source), headers)
    assert sent[0]["status"] == 400


@pytest.mark.parametrize("path", ["http://held.example/", "*", ""])
async def test_a_target_that_is_no_path_is_a_bad_request(source: Source, path: str) -> None:
    sent = await raw(wrapped(source), [(b"host", b"a.example")], path=path)
    assert sent[0]["status"] == 400


async def test_the_platforms_host_is_the_consoles(ask: Ask) -> None:
    answer = await ask("console.example:8000")
    assert answer.text == "console"
    assert answer.headers.keys() >= SECURITY


async def test_forwarded_headers_of_anybody_are_not_heard(ask: Ask) -> None:
    answer = await ask(
        "a.example", x_forwarded_host="held.example", x_forwarded_proto="https", x_forwarded_for="6.6.6.6"
    )
    assert answer.text == "a a.example http 203.0.113.1"
    assert "strict-transport-security" not in answer.headers


async def test_a_trusted_proxy_is_heard(ask: Ask) -> None:
    answer = await ask(
        "inner:8000",
        peer="10.0.0.1",
        x_forwarded_host="a.example",
        x_forwarded_proto="https",
        x_forwarded_for="6.6.6.6, 198.51.100.4",
    )
    assert answer.text == "a a.example https 198.51.100.4"
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_addresses_that_lead_back_are_made_of_the_host_that_the_proxy_was_asked_for(ask: Ask) -> None:
    answer = await ask("inner:8000", "/asked", peer="10.0.0.1", x_forwarded_host="a.example:8443")
    assert answer.text == "a.example:8443"
    unheard = await ask("a.example:8000", "/asked", x_forwarded_host="held.example")
    assert unheard.text == "a.example:8000"


async def test_a_trusted_proxy_that_forwards_two_hosts_is_a_bad_request(ask: Ask) -> None:
    answer = await ask("a.example", peer="10.0.0.1", x_forwarded_host="a.example, held.example")
    assert answer.status_code == 400


async def test_a_page_keeps_its_own_policy(ask: Ask) -> None:
    answer = await ask("a.example", "/own")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers.keys() >= SECURITY


async def test_a_late_payer_is_served(ask: Ask) -> None:
    assert (await ask("late.example")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/title/x", "/api/v1/titles", "/stream/x", "/-/other", "/assets"])
async def test_a_suspended_site_shows_its_notice(ask: Ask, path: str) -> None:
    answer = await ask("held.example", path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3600"
    assert answer.headers.keys() >= SECURITY
    if path.startswith(("/api", "/stream")):
        assert answer.json()["detail"] == "Back in <May>"
    else:
        assert "Back in &lt;May&gt;" in answer.text
        assert "&lt;Held&gt;" in answer.text


@pytest.mark.parametrize("path", ["/-/live", "/-/ready", "/assets/site.css", "/favicon.svg"])
async def test_a_suspended_sites_health_and_its_notices_files_are_open(ask: Ask, path: str) -> None:
    assert (await ask("held.example", path)).status_code == 200


async def test_the_notice_is_drawn_by_the_theme(source: Source) -> None:
    def themed(tenant: ResolvedTenant) -> str:
        return f"<p>themed {tenant.id}</p>"

    app = wrapped(source, notice=themed)
    sent = await raw(app, [(b"host", b"held.example")])
    assert sent[1]["body"] == b"<p>themed held</p>"


async def test_without_mongodb_known_sites_answer_and_others_are_unavailable(ask: Ask, source: Source) -> None:
    await ask("a.example")
    source.away = True
    assert (await ask("a.example")).status_code == 200
    answer = await ask("late.example")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_a_look_up_that_fails_of_itself_is_a_neutral_500_with_every_header(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    async def by_domain(domain: str) -> Tenant | None:
        raise ValueError(f"{domain} cannot be read")

    source.by_domain = by_domain  # type: ignore[method-assign]  # reason: a fault of the store
    start, body = await raw(wrapped(source), [(b"host", b"a.example")])
    assert start["status"] == 500
    assert {name.decode() for name, _ in start["headers"]} >= SECURITY
    assert b"a.example" not in body["body"]
    assert "cannot be read" in caplog.text


async def test_head_has_the_headers_and_no_body(ask: Ask) -> None:
    answer = await ask("nobody.example", method="HEAD")
    assert answer.status_code == 404
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


async def test_a_websocket_of_nobody_is_closed(source: Source) -> None:
    sent = await raw(wrapped(source), [(b"host", b"nobody.example")], type="websocket", scheme="ws")
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_lifespan_passes(source: Source) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    wrap = tenancy_wrap(app, TenantResolver(source), platform_host="console.example", platform_app=console)
    await wrap({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


def test_a_platform_host_that_is_none_stops_the_start(source: Source) -> None:
    with pytest.raises(ValueError, match="platform host"):
        tenancy_wrap(site, TenantResolver(source), platform_host="not a host", platform_app=console)
