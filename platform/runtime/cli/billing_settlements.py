"""`marquee billing statements`, `payouts` and `purchases`: what viewers paid, and whose it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from billing.memberships.desk import Desk as MembershipDesk
from billing.memberships.ending import refund_purchase
from billing.memberships.model import NoSuchPurchase, Purchase
from billing.memberships.repository import PurchaseRepository
from billing.money import minor_of, shown
from billing.settlements.documents import statement_html, statement_pdf
from billing.settlements.model import Payout, Statement
from billing.settlements.paying_out import payout_paid
from billing.settlements.repository import PayoutRepository, StatementRepository
from runtime.billing import taking_payments
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.dunning import letterhead_of
from runtime.memberships import membership_desk, settlement_desk
from runtime.stores import Stores
from storage.scope import TenantScope

T = TypeVar("T")
MOST = 1_000
STATEMENTS = ("id", "number", "start", "end", "revenue", "share", "fees", "result", "carried", "balance", "payout")
PAYOUTS = ("tenant", "id", "amount", "open", "state", "to", "reference", "reason", "created_at", "paid_at")
PURCHASES = ("id", "plan", "gift", "state", "amount", "kept", "start", "end", "created_at", "paid_at")
TARGET = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--period", type=int, help="Write this one into --pdf or --html.")
@click.option("--pdf", type=TARGET, help="Write it there as a PDF.")
@click.option("--html", type=TARGET, help="Write it there as a page.")
@home_option
@json_option
def statements(
    tenant_id: str, period: int | None, pdf: Path | None, html: Path | None, home: Path | None, *, as_json: bool
) -> None:
    """List what was settled of the site's revenue, the latest period first, or write one statement into a file."""
    if (period is None) != (pdf is None and html is None):
        raise click.UsageError("--period goes with --pdf PATH, --html PATH or both")

    async def listed(stores: Stores) -> tuple[list[Statement], list[tuple[Path, bytes]]]:
        tenant = await tenant_of(stores, tenant_id)
        written: list[tuple[Path, bytes]] = []
        if period is not None:
            head, database = letterhead_of(stores.settings), stores.database
            if pdf is not None:
                written.append((pdf, await statement_pdf(database, head, tenant.scope, period)))
            if html is not None:
                written.append((html, (await statement_html(database, head, tenant.scope, period)).encode()))
        return await StatementRepository(stores.database, tenant.scope).newest(limit=MOST), written

    found, files = with_stores(settings_for(home, existing=True), listed)
    for path, content in files:
        path.write_bytes(content)
    kept = [each for each in found if period is None or each.id == period]
    Output(as_json=as_json).rows([_statement(each) for each in kept], STATEMENTS, empty="nothing was settled yet")


@click.command()
@click.argument("tenant_id", metavar="[TENANT]", required=False)
@click.option("--due", is_flag=True, help="Only those that are still to be paid.")
@home_option
@json_option
def payouts(tenant_id: str | None, home: Path | None, *, due: bool, as_json: bool) -> None:
    """List the payouts to an operator, or to all of them."""

    async def verb(stores: Stores) -> list[tuple[str, Payout]]:
        scopes = (
            [scope async for scope in stores.system.tenant_scopes()]
            if tenant_id is None
            else [(await tenant_of(stores, tenant_id)).scope]
        )
        found: list[tuple[str, Payout]] = []
        for scope in scopes:
            made = await PayoutRepository(stores.database, scope).newest(limit=MOST)
            found += [(scope.tenant_id, each) for each in made if not due or each.open]
        return found

    found = with_stores(settings_for(home, existing=True), verb)
    rows = [_payout(each) | {"tenant": tenant} for tenant, each in found]
    Output(as_json=as_json).rows(rows, PAYOUTS, empty="there are no payouts")


@click.command("payout-paid")
@click.argument("tenant_id", metavar="TENANT")
@click.argument("payout_id", metavar="PAYOUT")
@click.option("--reference", required=True, help="The bank's reference; the same one counts once.")
@home_option
@json_option
def paid(tenant_id: str, payout_id: str, reference: str, home: Path | None, *, as_json: bool) -> None:
    """Mark PAYOUT, or what came back of it, as paid by a bank transfer."""

    async def verb(stores: Stores) -> Payout:
        tenant = await tenant_of(stores, tenant_id)
        async with taking_payments(stores) as cashier:
            desk = settlement_desk(stores, cashier)
            return await payout_paid(desk, tenant.scope, payout_id, reference=reference, actor=who_asks())

    payout = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).record(_payout(payout) | {"tenant": tenant_id})


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="At most so many.")
@home_option
@json_option
def purchases(tenant_id: str, limit: int, home: Path | None, *, as_json: bool) -> None:
    """List what the site's viewers bought, the latest first."""

    async def verb(stores: Stores) -> list[Purchase]:
        tenant = await tenant_of(stores, tenant_id)
        return await PurchaseRepository(stores.database, tenant.scope).newest(limit=limit)

    found = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).rows([_purchase(each) for each in found], PURCHASES, empty="nothing was bought yet")


@click.command("refund-purchase")
@click.argument("tenant_id", metavar="TENANT")
@click.argument("purchase_id", metavar="PURCHASE")
@click.option("--amount", help="How much, such as 4.50; all that is left where it is not given.")
@click.option("--pro-rata", is_flag=True, help="What its time to come is worth, and nothing is charged any more.")
@click.option("--reason", required=True, help="Why; it stands in the audit.")
@home_option
@json_option
def refund(
    tenant_id: str,
    purchase_id: str,
    amount: str | None,
    reason: str,
    home: Path | None,
    *,
    pro_rata: bool,
    as_json: bool,
) -> None:
    """Give a viewer's PURCHASE back, whole or in part; the time that it paid for ends with it."""
    if amount is not None and pro_rata:
        raise click.UsageError("either --amount or --pro-rata")

    async def verb(desk: MembershipDesk, scope: TenantScope) -> Purchase:
        found = await PurchaseRepository(desk.database, scope).get(purchase_id)
        if found is None:
            raise NoSuchPurchase(f"{tenant_id} has sold no {purchase_id}")
        back = None if amount is None else minor_of(amount, found.currency)
        return await refund_purchase(
            desk, scope, purchase_id, amount=back, pro_rata=pro_rata, actor=who_asks(), reason=reason
        )

    purchase = _with_desk(tenant_id, home, verb)
    Output(as_json=as_json).record(_purchase(purchase))


def _with_desk(tenant_id: str, home: Path | None, verb: Callable[[MembershipDesk, TenantScope], Awaitable[T]]) -> T:
    async def work(stores: Stores) -> T:
        tenant = await tenant_of(stores, tenant_id)
        async with taking_payments(stores) as cashier:
            return await verb(membership_desk(stores, cashier), tenant.scope)

    return with_stores(settings_for(home, existing=True), work)


def _statement(each: Statement) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(each, name, None) for name in STATEMENTS}
    fields |= {name: shown(getattr(each, name), each.currency) for name in ("share", "fees", "result")}
    fields |= {name: shown(getattr(each, name), each.currency) for name in ("carried", "balance")}
    return fields | {"revenue": shown(each.figures.revenue, each.currency), "payout": each.paid_out}


def _payout(each: Payout) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(each, name, None) for name in PAYOUTS}
    return fields | {name: shown(getattr(each, name), each.currency) for name in ("amount", "open")}


def _purchase(each: Purchase) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(each, name) for name in PURCHASES}
    return fields | {name: shown(getattr(each, name), each.currency) for name in ("amount", "kept")}


COMMANDS = (statements, payouts, paid, purchases, refund)
