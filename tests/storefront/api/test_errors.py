"""Every refusal has one status, one shape, and never a stack trace."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, InternalServerException
from litestar.params import FromPath

from content.cursors import CursorInvalid
from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from storefront.answers import ANSWERS
from storefront.errors import exception_handlers, problem_of
from storefront.refusals import RateLimited
from streaming.leases import StreamLimitReached
from streaming.source import NotPlayable, SourceUnavailable
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant


class Pages:
    """Draws nothing but what it is told."""

    def error_page(self, tenant: ResolvedTenant, status: int, title: str, detail: str) -> str:
        return f"<h1>{tenant.brand.name}|{status}|{title}|{detail}</h1>"


RAISED: dict[str, Exception] = {
    "cursor": CursorInvalid("not a cursor"),
    "storage": StorageUnavailable("mongodb://secret-host"),
    "limit": RateLimited(2.4),
    "streams": StreamLimitReached(2),
    "source": SourceUnavailable("worker_01 is down", retry_after_seconds=7),
    "playable": NotPlayable("its size is not known"),
    "bug": ZeroDivisionError("secret"),
    "client": ClientException("That is not right"),
    "server": InternalServerException("secret"),
}


@get(["/api/{kind:str}", "/pictures/{kind:str}"])
async def fail(kind: FromPath[str]) -> None:
    raise RAISED[kind]


@post("/api/number/{number:int}")
async def number(number: FromPath[int]) -> int:
    return number


@pytest.fixture
async def client(scope_a: TenantScope) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar([fail, number], exception_handlers=exception_handlers(Pages()), openapi_config=None)
    tenant = ResolvedTenant(Tenant(id=scope_a.tenant_id, domain="a.example"), scope_a, "a.example")

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("state", State())["tenant"] = tenant
        await app(scope, receive, send)

    transport = httpx.ASGITransport(wrapped, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://a.example") as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "status", "type_", "detail", "retry"),
    [
        ("cursor", 400, "cursor-invalid", "not a cursor", None),
        ("storage", 503, "storage-unavailable", "", "5"),
        ("limit", 429, "rate-limited", "Please wait a moment before trying again.", "3"),
        ("streams", 409, "stream-limit", "Only 2 videos can play at once. Stop another one first.", None),
        ("source", 503, "source-unavailable", "", "7"),
        ("playable", 409, "not-playable", "its size is not known", None),
        ("bug", 500, "internal", "", None),
    ],
)
async def test_an_error_is_one_problem(
    client: httpx.AsyncClient, kind: str, status: int, type_: str, detail: str, retry: str | None
) -> None:
    answer = await client.get(f"/api/{kind}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:marquee:problem:{type_}", status)
    assert problem["title"]
    assert problem.get("detail", "") == detail
    assert answer.headers.get("retry-after") == retry
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text


async def test_a_browser_gets_the_tenants_page(client: httpx.AsyncClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = await client.get("/pictures/storage", headers=browser)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text == "<h1>|503|The site cannot answer right now|</h1>"
    assert (await client.get("/nowhere", headers=browser)).text == "<h1>|404|Not Found|</h1>"
    assert (await client.get("/pictures/storage", headers={"Accept": "application/json"})).json()["status"] == 503
    assert (await client.get("/pictures/bug", headers=browser)).status_code == 500


async def test_the_routers_own_refusals_are_problems_too(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/a/b/c")
    assert (missing.status_code, missing.json()) == (404, {"type": "about:blank", "title": "Not Found", "status": 404})
    wrong = await client.delete("/api/cursor")
    assert (wrong.status_code, wrong.json()["title"]) == (405, "Method Not Allowed")
    assert wrong.headers["allow"] == "GET, OPTIONS"
    assert (await client.get("/api/client")).json()["detail"] == "That is not right"
    assert (await client.get("/api/server")).status_code == 500
    assert "secret" not in (await client.get("/api/server")).text
    assert (await client.post("/api/number/x")).status_code in (400, 404)


def test_every_answer_is_a_refusal_with_a_title() -> None:
    for kind, answer in ANSWERS.items():
        assert 400 <= answer.status < 600, kind
        assert answer.title
    problem, headers = problem_of(ValueError("ours"))
    assert (problem.status, problem.detail, headers) == (500, "", {})
