"""Statements as documents: the same ones each time, for a statement never changes."""

from __future__ import annotations

from billing.contracts.repository import ContractRepository
from billing.documents.html import html_of
from billing.documents.letterhead import Letterhead
from billing.documents.model import Document
from billing.documents.pdf import pdf_of
from billing.documents.statements import Settlement, statement_document
from billing.settlements.model import NoSuchStatement, Statement
from billing.settlements.repository import StatementRepository
from storage.mongo import Database
from storage.scope import TenantScope


async def statement_html(database: Database, head: Letterhead, scope: TenantScope, n: int) -> str:
    """As a page. Raises NoSuchStatement."""
    return html_of(await _document(database, head, scope, n))


async def statement_pdf(database: Database, head: Letterhead, scope: TenantScope, n: int) -> bytes:
    """As a PDF. Raises NoSuchStatement, NotSet."""
    return await pdf_of(await _document(database, head, scope, n), fonts=head.fonts)


async def _document(database: Database, head: Letterhead, scope: TenantScope, n: int) -> Document:
    statement = await StatementRepository(database, scope).get(n)
    if statement is None:
        raise NoSuchStatement(f"{scope.tenant_id} has no statement {n}")
    contract = await ContractRepository(database, scope).get()
    return statement_document(settlement_of(statement), head, zone="UTC" if contract is None else contract.zone)


def settlement_of(statement: Statement) -> Settlement:
    """What the document tells of it."""
    figures = statement.figures
    return Settlement(
        number=statement.number,
        start=statement.start,
        end=statement.end,
        issued_at=statement.made_at,
        currency=statement.currency,
        sales=figures.sales,
        gross=figures.gross,
        refunds=figures.refunds,
        disputes=figures.disputes,
        gateway_fees=statement.fees,
        shares=statement.shares,
        carried=statement.carried,
        payable=statement.balance,
        is_paid_out=statement.paid_out is not None,
        payout_to=statement.payout_to,
        bill_to=statement.bill_to,
        issuer=statement.issuer,
    )
