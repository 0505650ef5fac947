"""/premium: what it gives and costs, the way to the payment service and back, gifts, and the end of it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from billing.gateways.protocol import GatewayError
from billing.memberships.buying import buy, present, require_identity
from billing.memberships.desk import Desk
from billing.memberships.ending import cancel, pay_renewal, resume_membership
from billing.memberships.gifts import redeem
from billing.memberships.model import BadGiftCode, IdentityNeeded, MembershipError, NothingToRenew, Plan
from billing.payments.errors import PaymentError
from storage.audit import Actor
from storage.limits import Limits
from storefront.going import site_of
from storefront.membership.api import BACK, standing_now
from storefront.membership.limits import allow_buying, allow_code, allow_looking
from storefront.membership.views import offer_views, perks_of, purchase_view, standing_view, tax_line, ways_of
from storefront.pages.account.showing import NO_STORE, answered
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

TheDesk = NamedDependency[Desk]
TheViewer = NamedDependency[Viewer | None]
TheLimits = NamedDependency[Limits]
SIGN_IN: Final = "/sign-in?return_to=/premium"
_AWAY: Final = "The payment service gives no answer right now. Nothing was paid; try again in a minute."


class BuyForm(Struct, frozen=True):
    """What a button of the page says."""

    plan: Plan
    gift: Literal["", "yes"] = ""
    gateway: Annotated[str, Meta(max_length=20)] = ""


class CodeForm(Struct, frozen=True):
    """A gift's code."""

    code: Annotated[str, Meta(max_length=80)]


class SureForm(Struct, frozen=True):
    """What the second click says."""

    sure: Literal["yes"]


@route("/premium", http_method=READ)
async def premium_page(
    tenant: TheTenant, themes: TheThemes, viewer: TheViewer, memberships: TheDesk, gift: Text = ""
) -> Response[str]:
    """What premium gives here, and the ways to have it."""
    return await _premium(tenant, themes, viewer, memberships, is_gift=bool(gift))


@post("/premium/buy", status_code=200)
async def buy_premium(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[BuyForm],
    tenant: TheTenant,
    themes: TheThemes,
    viewer: TheViewer,
    memberships: TheDesk,
    limits: TheLimits,
) -> Response[str] | Redirect:
    """Leads to the purchase's page, which leads on to the payment service."""
    if viewer is None:
        return Redirect(SIGN_IN, status_code=303, headers=NO_STORE)
    await allow_buying(request, limits, tenant.scope, viewer)
    try:
        bought = await buy(
            memberships,
            tenant.scope,
            tenant.tenant,
            viewer,
            data.plan,
            gift=data.gift == "yes",
            gateway=data.gateway or None,
            back=site_of(request, tenant) + BACK,
        )
    except (MembershipError, PaymentError, GatewayError) as error:
        said = _said(error)
        return await _premium(tenant, themes, viewer, memberships, is_gift=data.gift == "yes", problem=said)
    return _to_purchase(bought.purchase.id)


@post("/premium/renewal", status_code=200)
async def pay_premium(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[SureForm],
    tenant: TheTenant,
    themes: TheThemes,
    viewer: TheViewer,
    memberships: TheDesk,
    limits: TheLimits,
) -> Response[str] | Redirect:
    """Leads on to pay the next period by hand."""
    if viewer is None:
        return Redirect(SIGN_IN, status_code=303, headers=NO_STORE)
    await allow_buying(request, limits, tenant.scope, viewer)
    try:
        back = site_of(request, tenant) + BACK
        bought = await pay_renewal(memberships, tenant.scope, tenant.tenant, viewer, back=back)
    except (MembershipError, PaymentError, GatewayError) as error:
        return await _premium(tenant, themes, viewer, memberships, problem=_said(error))
    return _to_purchase(bought.purchase.id)


@route("/premium/purchases/{purchase_id:str}", http_method=READ)
async def purchase_page(
    tenant: TheTenant,
    themes: TheThemes,
    viewer: TheViewer,
    memberships: TheDesk,
    limits: TheLimits,
    purchase_id: FromPath[str],
    onward: Text = "",
) -> Response[str] | Redirect:
    """What is true of the purchase now. `onward` leads on to the payment service by itself, while it waits."""
    if viewer is None:
        return Redirect(SIGN_IN, status_code=303, headers=NO_STORE)
    await allow_looking(limits, tenant.scope, viewer)
    purchase, payment = await present(memberships, tenant.scope, viewer, purchase_id)
    shown = purchase_view(purchase, payment, tenant.tenant, viewer)
    context = {"section": "account", "purchase": shown, "onward": bool(onward) and bool(shown["url"])}
    return answered(themes, tenant, "premium-purchase.html", context)


@route("/premium/redeem", http_method=READ)
async def redeem_page(tenant: TheTenant, themes: TheThemes, viewer: TheViewer, code: Text = "") -> Response[str]:
    """Where a gift's code is written down; a link may bring it."""
    return _redeem(themes, tenant, viewer, code=code[:80])


@post("/premium/redeem", status_code=200)
async def redeem_premium(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[CodeForm],
    tenant: TheTenant,
    themes: TheThemes,
    viewer: TheViewer,
    memberships: TheDesk,
    limits: TheLimits,
) -> Response[str] | Redirect:
    """Gives the gift to the viewer."""
    if viewer is None:
        back = quote(f"/premium/redeem?{urlencode({'code': data.code})}", safe="/")
        return Redirect(f"/sign-in?return_to={back}", status_code=303, headers=NO_STORE)
    await allow_code(request, limits, tenant.scope, viewer)
    try:
        gift = await redeem(memberships, tenant.scope, viewer, data.code)
    except (BadGiftCode, IdentityNeeded) as error:
        needs = isinstance(error, IdentityNeeded)
        return _redeem(themes, tenant, viewer, code=data.code, problem=str(error), needs_identity=needs)
    return _to_purchase(gift.id)


@route("/premium/cancel", http_method=READ)
async def ask_to_cancel(
    tenant: TheTenant, themes: TheThemes, viewer: TheViewer, memberships: TheDesk
) -> Response[str] | Redirect:
    """Says what happens, and asks once more."""
    standing = None if viewer is None else await standing_now(memberships, tenant, viewer)
    if standing is None or not standing.membership.renews:
        return Redirect("/account#premium", status_code=303, headers=NO_STORE)
    context = {"section": "account", "standing": standing_view(standing, tenant.tenant)}
    return answered(themes, tenant, "premium-cancel.html", context)


@post("/premium/cancel", status_code=303)
async def cancel_premium(
    data: URLEncodedBody[SureForm], tenant: TheTenant, viewer: TheViewer, memberships: TheDesk
) -> Redirect:
    """Nothing is charged any more."""
    if viewer is not None:
        try:
            await cancel(memberships, tenant.scope, viewer.id, actor=Actor("viewer", str(viewer.id)))
        except NothingToRenew:
            return _to_account("")
    return _to_account("cancelled")


@post("/premium/resume", status_code=303)
async def resume_premium(
    data: URLEncodedBody[SureForm], tenant: TheTenant, viewer: TheViewer, memberships: TheDesk
) -> Redirect:
    """It goes on after all."""
    if viewer is not None:
        try:
            await resume_membership(memberships, tenant.scope, viewer.id, actor=Actor("viewer", str(viewer.id)))
        except NothingToRenew:
            return Redirect("/premium", status_code=303, headers=NO_STORE)
    return _to_account("resumed")


async def _premium(
    tenant: ResolvedTenant,
    themes: Themes,
    viewer: Viewer | None,
    memberships: Desk,
    *,
    is_gift: bool = False,
    problem: str = "",
) -> Response[str]:
    standing = None if viewer is None else await standing_now(memberships, tenant, viewer)
    needs = viewer is None
    if viewer is not None:
        try:
            await require_identity(memberships, tenant.scope, viewer)
        except IdentityNeeded:
            needs = True
    offers = offer_views(tenant.tenant)
    context = {
        "section": "premium",
        "offers": offers,
        "ways": ways_of(memberships),
        "perks": perks_of(tenant.tenant),
        "tax": tax_line(tenant.tenant),
        "sells_gifts": bool(offers) and tenant.tenant.membership.gifts,
        "standing": standing_view(standing, tenant.tenant),
        "is_gift": is_gift and tenant.tenant.membership.gifts,
        "needs_identity": needs,
        "is_guest": viewer is not None and viewer.type == "guest",
        "problem": problem,
    }
    return answered(themes, tenant, "premium.html", context, status=409 if problem else 200)


def _redeem(
    themes: Themes,
    tenant: ResolvedTenant,
    viewer: Viewer | None,
    *,
    code: str = "",
    problem: str = "",
    needs_identity: bool = False,
) -> Response[str]:
    context = {
        "section": "premium",
        "code": code,
        "problem": problem,
        "is_nobody": viewer is None,
        "needs_identity": needs_identity,
    }
    return answered(themes, tenant, "premium-redeem.html", context, status=403 if problem else 200)


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, MembershipError) else _AWAY


def _to_purchase(purchase_id: str) -> Redirect:
    return Redirect(f"/premium/purchases/{purchase_id}?onward=1", status_code=303, headers=NO_STORE)


def _to_account(done: str) -> Redirect:
    return Redirect(f"/account?done={done}#premium" if done else "/account#premium", status_code=303, headers=NO_STORE)


READING: Final = [premium_page, purchase_page, redeem_page, ask_to_cancel]
FORMS: Final = [buy_premium, pay_premium, redeem_premium, cancel_premium, resume_premium]
