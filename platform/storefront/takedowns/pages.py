"""The notice form, the receipt, and looking a receipt up; all without scripts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body, FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from content.takedowns.desk import Desk
from content.takedowns.errors import NoticeInvalid
from content.takedowns.filing import file_notice, is_receipt, notice_of
from content.takedowns.model import Notice
from storage.limits import Limits
from storefront.legal.pages import legal_view
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page
from storefront.takedowns.forms import NoticeForm, filing_of, shown_again
from storefront.takedowns.limits import allow_lookup, allow_notice, may_acknowledge
from storefront.takedowns.links import status_url

STATUS_TEXTS: Final = {
    "received": "Your notice was received and waits for a decision.",
    "escalated": "Your notice was handed to the platform, which decides it.",
    "upheld": "The material was taken down.",
    "rejected": "The notice was rejected.",
    "restored": "The material was put back after it had been taken down.",
}
# The secret stands in the address: no other page is told where the visitor came from.
_PRIVATE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class LookupForm(Struct, frozen=True):
    """A receipt number and its secret."""

    receipt: Annotated[str, Meta(max_length=60)] = ""
    secret: Annotated[str, Meta(max_length=200)] = ""


@route("/legal/takedown", http_method=READ)
async def notice_page(tenant: TheTenant, themes: TheThemes, url: Text = "", kind: Text = "copyright") -> Response[str]:
    """The empty form; `url` fills in what it is about, as title pages link it."""
    form = NoticeForm(kind=kind, urls=url)
    return page(themes, tenant, "legal/takedown.html", _form_context(tenant, form, {}))


@post("/legal/takedown")
async def send_notice(
    request: Request[Any, Any, Any],
    data: Annotated[NoticeForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    tenant: TheTenant,
    themes: TheThemes,
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
) -> Response[Any]:
    """Leads to the receipt, or shows the form again with what it lacks."""
    await allow_notice(limits, tenant.scope, request)
    acknowledged = await may_acknowledge(limits, tenant.scope, data.email)
    try:
        receipt = await file_notice(takedowns, tenant, filing_of(data), acknowledged=acknowledged)
    except NoticeInvalid as error:
        html = themes.render(tenant, "legal/takedown.html", _form_context(tenant, data, error.problems))
        return Response(html, status_code=422, media_type="text/html", headers=_PRIVATE)
    return Redirect(status_url(receipt.notice.id, receipt.secret), status_code=303, headers=_PRIVATE)


@route("/legal/takedown/{takedown_id:str}", http_method=READ)
async def receipt_page(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
    takedown_id: FromPath[str],
    secret: Text = "",
) -> Response[str]:
    """How the notice stands, for whoever has its secret."""
    await allow_lookup(limits, tenant.scope, request)
    notice = await notice_of(takedowns, tenant, takedown_id, secret)
    context = {"notice": receipt_view(notice), "secret": secret, "legal": legal_view(tenant)}
    return page(themes, tenant, "legal/receipt.html", context, headers=_PRIVATE)


@route("/legal/status", http_method=READ)
async def lookup_page(tenant: TheTenant, themes: TheThemes) -> Response[str]:
    """Asks for a receipt number and its secret."""
    return page(themes, tenant, "legal/status.html", {})


@post("/legal/status")
async def look_up(data: Annotated[LookupForm, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Redirect:
    """Leads to the receipt."""
    receipt = data.receipt.strip().upper()
    where = status_url(receipt, data.secret.strip()) if is_receipt(receipt) else "/legal/takedown/none"
    return Redirect(where, status_code=303, headers=_PRIVATE)


def receipt_view(notice: Notice) -> dict[str, Any]:
    """What the sender is shown: nothing personal."""
    decision = notice.decision
    return {
        "id": notice.id,
        "kind": notice.kind,
        "status": notice.status,
        "says": STATUS_TEXTS[notice.status],
        "received": f"{notice.received_at:%Y-%m-%d %H:%M} UTC",
        "decided": "" if decision is None else f"{decision.at:%Y-%m-%d %H:%M} UTC",
        "reason": "" if decision is None else decision.public_reason,
        "material": [{"url": each.url, "found": each.title_id is not None} for each in notice.material],
    }


def _form_context(tenant: TheTenant, form: NoticeForm, problems: dict[str, str]) -> dict[str, Any]:
    return {"form": shown_again(form), "problems": problems, "legal": legal_view(tenant), "host": tenant.host}


TAKEDOWN_PAGES: Final = [notice_page, receipt_page, lookup_page]
TAKEDOWN_FORMS: Final = [send_notice, look_up]
