"""`/pay/{token}` on the platform's host: the page of an invoice, its PDF, and the ways to pay it.

Whoever has the address may see and pay the invoice; there is no other secret, so nothing here is cached, embedded, told
to the next page or kept by search engines. What is no token of ours is as unknown as any other address.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import HttpMethod, MediaType, Request, Response, get, post
from litestar.exceptions import ServiceUnavailableException
from litestar.handlers import HTTPRouteHandler, route
from litestar.params import FromPath

from billing.contracts.model import NoContract
from billing.documents.pdf import NotSet
from billing.gateways.protocol import GatewayError, GatewayUnavailable
from billing.payments.errors import NothingDue, StillOpen, TooSmall
from billing.paypage.desk import PayDesk
from billing.paypage.doors import PRIVATE, Doors, PayRules
from billing.paypage.page import Trouble
from tenancy.host import canonical_host

_SEE_OTHER: Final = 303
_READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
_BODY_BYTES: Final = 4_096
_POST: Final[dict[str, Any]] = {"request_max_body_size": _BODY_BYTES, "include_in_schema": False, "status_code": 303}
_Asked = Request[Any, Any, Any]


def pay_routes(desk: PayDesk, rules: PayRules) -> list[HTTPRouteHandler]:
    """The handlers."""
    doors = Doors(desk, rules)
    return [*_seeing(desk, doors), *_paying(desk, doors)]


def _seeing(desk: PayDesk, doors: Doors) -> list[HTTPRouteHandler]:
    @route("/pay/{token:str}", http_method=_READ, include_in_schema=False)
    async def show(request: _Asked, token: FromPath[str]) -> Response[str]:
        return await doors.shown(await doors.bill(request, token))

    @route("/pay/{token:str}/invoice.pdf", http_method=_READ, include_in_schema=False)
    async def pdf(request: _Asked, token: FromPath[str]) -> Response[bytes]:
        bill = await doors.bill(request, token)
        try:
            content = await desk.pdf(bill)
        except NotSet:
            raise ServiceUnavailableException("the document cannot be made now") from None
        name = f'attachment; filename="{bill.invoice.number or bill.invoice.id}.pdf"'
        headers = {**PRIVATE, "Content-Disposition": name}
        return Response(content, media_type="application/pdf", headers=headers)

    @get("/pay/{token:str}/look", include_in_schema=False)
    async def look(request: _Asked, token: FromPath[str]) -> Response[str]:
        """Where gateways send the payer back to: it asks once, and the page without this step can be reloaded."""
        bill = await doors.bill(request, token)
        if await doors.may(bill):
            await desk.look(bill)
        return _to(f"/pay/{token}")

    return [show, pdf, look]


def _paying(desk: PayDesk, doors: Doors) -> list[HTTPRouteHandler]:
    @post("/pay/{token:str}/by/{gateway:str}", **_POST)
    async def pay(request: _Asked, token: FromPath[str], gateway: FromPath[str]) -> Response[str]:
        bill = await doors.bill(request, token)
        if gateway not in (await desk.view(bill)).pages:
            return _to(f"/pay/{token}")
        await doors.hold(bill)
        try:
            payment = await desk.pay(bill, gateway, back=_back(request, token))
        except (NothingDue, StillOpen, TooSmall):
            return _to(f"/pay/{token}")
        except GatewayError as error:
            # As it stands now: what was too small for the gateway has just been carried, or is not offered there.
            bill = await desk.bill(token)
            is_offered = gateway in (await desk.view(bill)).pages
            return await doors.shown(bill, _trouble(error)) if is_offered else _to(f"/pay/{token}")
        return _to(payment.url if payment.is_open and payment.url else f"/pay/{token}")

    @post("/pay/{token:str}/card", **_POST)
    async def keep(request: _Asked, token: FromPath[str]) -> Response[str]:
        bill = await doors.bill(request, token)
        keeper = (await desk.view(bill)).keeper
        if keeper is None:
            return _to(f"/pay/{token}")
        await doors.hold(bill)
        try:
            saving = await desk.save(bill, keeper, back=_back(request, token))
        except NoContract:
            return _to(f"/pay/{token}")
        except GatewayError as error:
            return await doors.shown(bill, _trouble(error))
        return _to(saving.url or f"/pay/{token}")

    return [pay, keep]


def _trouble(error: GatewayError) -> Trouble:
    return "silent" if isinstance(error, GatewayUnavailable) else "refused"


def _back(request: _Asked, token: str) -> str:
    """Where the gateway sends the payer back to: the host that was asked is the platform's, and no other."""
    asked = request.headers["host"].encode()
    port = urlsplit(f"//{asked.decode()}").port
    place = canonical_host(asked) + ("" if port is None else f":{port}")
    return f"{request.url.scheme}://{place}/pay/{token}/look"


def _to(address: str) -> Response[str]:
    return Response("", status_code=_SEE_OTHER, headers={**PRIVATE, "Location": address}, media_type=MediaType.TEXT)
