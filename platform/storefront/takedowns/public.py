"""POST /takedowns and GET /takedowns/{takedown_id}: notices and their receipts, for programs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from content.takedowns.desk import Desk
from content.takedowns.errors import NoSuchNotice, NoticeInvalid
from content.takedowns.filing import Filing, file_notice, notice_of
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.refusals import BadParameter, CrossSite
from storefront.takedowns.answers import ReceiptAnswer, StatusAnswer, aware, status_answer
from storefront.takedowns.examples import RECEIPT, STATUS
from storefront.takedowns.limits import allow_lookup, allow_notice, may_acknowledge
from storefront.takedowns.links import status_url
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_INVALID: Final = NoticeInvalid({"urls": "please give the address of each page, one a line"})
_MALFORMED: Final = BadParameter("the body cannot be read")
NO_NOTICE: Final = NoSuchNotice("TD-000000000000")
NO_STORE: Final = {"Cache-Control": "no-store"}


@post(
    "/takedowns",
    operation_id="fileTakedown",
    summary="Send a takedown notice",
    description=(
        "A notice under 17 U.S.C. § 512(c)(3) (`copyright`) or Article 16 of the Digital Services Act "
        "(`illegal_content`). `urls` are addresses of this site. Keep `id` and `secret`: they are told once."
    ),
    tags=["takedowns"],
    status_code=201,
    operation_class=shown(RECEIPT),
    responses=problems(_MALFORMED, _ELSEWHERE, NOT_JSON, _INVALID, TOO_OFTEN, _AWAY),
)
async def file_takedown(
    request: Request[Any, Any, Any],
    data: JSONBody[Filing],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
) -> Response[ReceiptAnswer]:
    """The receipt of the notice."""
    await allow_notice(limits, tenant.scope, request)
    acknowledged = await may_acknowledge(limits, tenant.scope, data.email)
    receipt = await file_notice(takedowns, tenant, data, acknowledged=acknowledged)
    answer = ReceiptAnswer(
        id=receipt.notice.id,
        secret=receipt.secret,
        status=receipt.notice.status,
        status_url=status_url(receipt.notice.id, receipt.secret),
        received_at=aware(receipt.notice.received_at),
    )
    return Response(answer, status_code=201, headers=NO_STORE)


@get(
    "/takedowns/{takedown_id:str}",
    operation_id="getTakedown",
    summary="How a notice stands, by its receipt and secret",
    tags=["takedowns"],
    operation_class=shown(STATUS),
    responses=problems(_MALFORMED, NO_NOTICE, TOO_OFTEN, _AWAY),
)
async def get_takedown(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
    takedown_id: FromPath[str],
    secret: Annotated[str, QueryParameter(max_length=200, description="What the receipt told")],
) -> Response[StatusAnswer]:
    """Nothing tells a wrong secret from a receipt that never was."""
    await allow_lookup(limits, tenant.scope, request)
    notice = await notice_of(takedowns, tenant, takedown_id, secret)
    return Response(status_answer(notice), headers=NO_STORE)


PUBLIC_ROUTES: Final[list[Any]] = [file_takedown, get_takedown]
