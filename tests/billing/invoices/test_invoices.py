"""Numbers, credit, credit notes and voiding, over a real database."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from billing.contracts.model import Tax
from billing.gateways.manual.gateway import ManualGateway
from billing.invoices.credit_note import BadCredit, CreditTooLarge
from billing.invoices.crediting import credit
from billing.invoices.model import Invoice, Issuer, NoSuchInvoice
from billing.invoices.numbers import prefix_of
from billing.invoices.office import Office
from billing.ledger.ledger import Ledger
from billing.payments.by_hand import mark_paid
from billing.payments.cashier import Cashier
from billing.periods.voiding import NotADraft, void_draft
from storage.events import Events
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.stage import ACTOR, GB, START, Stage, at, monthly


async def right(stage: Stage, *scopes: TenantScope) -> None:
    """The books are right."""
    found = await check_numbers(stage.database, stage.desk.office.platform)
    for scope in scopes:
        found += (await check_tenant(stage.database, scope, at("2100-01-01"))).findings
    assert found == []


async def billed(stage: Stage, name: str = "north", until: str = "2026-02-01") -> tuple[TenantScope, Invoice]:
    scope = await stage.add_tenant(name)
    await stage.begin(scope, monthly(), anchor=START, tax=Tax(rate_bps=1_900, name="VAT"))
    await stage.use(scope, "2026-01-15", 120 * GB)
    await stage.run(at(until))
    return scope, await stage.invoice(scope, "0")


def office_at(stage: Stage, when: str) -> Office:
    stage.set_time(at(when))
    return stage.desk.office


async def test_a_credit_note_lowers_what_is_due_and_never_takes_more(stage: Stage) -> None:
    scope, invoice = await billed(stage)
    assert (invoice.total, invoice.tax_amount, invoice.due) == (1_309, 209, 1_309)
    office = office_at(stage, "2026-02-03")
    note = await credit(office, scope, "0", lines={1: 119}, reason="slow days", actor=ACTOR)
    assert (note.id, note.number, note.total, note.tax_amount) == ("0-c1", "MQ-C-2026-000001", 119, 19)
    assert (await stage.invoice(scope, "0")).due == 1_190
    with pytest.raises(CreditTooLarge, match="1190"):
        await credit(office, scope, "0", amount=1_191, reason="", actor=ACTOR)
    with pytest.raises(CreditTooLarge, match="left of it, 0"):
        await credit(office, scope, "0", lines={1: 1}, reason="", actor=ACTOR)
    for wrong in ({0: 0}, {7: 1}, {}):
        with pytest.raises(BadCredit):
            await credit(office, scope, "0", lines=wrong, reason="", actor=ACTOR)
    with pytest.raises(BadCredit, match="either"):
        await credit(office, scope, "0", amount=1, lines={0: 1}, reason="", actor=ACTOR)
    last = await credit(office, scope, "0", reason="all of it", actor=ACTOR)
    assert (last.total, last.tax_amount) == (1_190, 190)
    settled = await stage.invoice(scope, "0")
    assert (settled.state, settled.due, settled.noted) == ("paid", 0, 1_309)
    assert (settled.total, settled.lines) == (invoice.total, invoice.lines)
    with pytest.raises(BadCredit, match="before"):
        await credit(office, scope, "0", reason="", actor=ACTOR)
    with pytest.raises(NoSuchInvoice):
        await credit(office, scope, "0-c1", reason="", actor=ACTOR)
    await right(stage, scope)


async def test_two_credit_notes_at_once_do_not_take_the_same_money(stage: Stage) -> None:
    scope, _ = await billed(stage)
    office = office_at(stage, "2026-02-03")
    done = await asyncio.gather(
        *(credit(office, scope, "0", amount=800, reason="", actor=ACTOR) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["CreditTooLarge", "CreditTooLarge", "Invoice"]
    await right(stage, scope)


async def test_what_was_paid_becomes_credit_that_the_next_invoices_use(stage: Stage, cache: Cache) -> None:
    scope, invoice = await billed(stage)
    cashier = Cashier(
        database=stage.database,
        clock=stage.clock,
        audit=stage.desk.office.audit,
        events=Events(stage.database, cache),
        gateways={"manual": ManualGateway()},
    )
    await mark_paid(cashier, scope, invoice.id, reference="1", actor=ACTOR)
    assert (await stage.invoice(scope, "0")).paid == 1_309
    await credit(office_at(stage, "2026-02-03"), scope, "0", reason="sorry", actor=ACTOR)
    assert await Ledger(stage.database).credit(scope) == 1_309
    await stage.run(at("2026-04-01"))
    following = [await stage.invoice(scope, number) for number in ("1", "2")]
    assert [(each.total, each.credited, each.due, each.state) for each in following] == [
        (1_190, 1_190, 0, "paid"),
        (1_190, 119, 1_071, "issued"),
    ]
    assert await Ledger(stage.database).credit(scope) == 0
    await right(stage, scope)


async def test_a_draft_is_voided_and_what_is_issued_is_not(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    patient = stage.ruled(grace_seconds=86_400)
    await patient.run(at("2026-02-01"))
    office = stage.desk.office
    with pytest.raises(NoSuchInvoice):
        await void_draft(office, scope, "1", reason="", actor=ACTOR)
    await void_draft(office, scope, "0", reason="a gift", actor=ACTOR)
    report = await patient.run(at("2026-03-02"))
    assert (report.issued, (await stage.invoice(scope, "0")).number) == (1, None)
    assert await stage.states(scope) == {0: "void", 1: "issued"}
    with pytest.raises(NotADraft, match="void"):
        await void_draft(office, scope, "0", reason="", actor=ACTOR)
    with pytest.raises(NotADraft, match="credit note"):
        await void_draft(office, scope, "1", reason="", actor=ACTOR)
    await right(stage, scope)


async def test_numbers_have_no_gap_over_tenants_years_and_four_at_once(stage: Stage, database: Database) -> None:
    scopes = [await stage.add_tenant(f"site-{number}") for number in range(6)]
    for scope in scopes:
        await stage.begin(scope, monthly(), anchor=START)
    small = stage.ruled(block=5, batch=5)
    for now in ("2026-03-01", "2027-02-01"):
        await asyncio.gather(*(small.run(at(now)) for _ in range(4)))
        await small.run(at(now))
    numbers = [each.number for scope in scopes for each in await stage.invoices(scope)]
    assert sorted(str(number) for number in numbers) == [
        *(f"MQ-2026-{place:06d}" for place in range(1, 13)),
        *(f"MQ-2027-{place:06d}" for place in range(1, 67)),
    ]
    await right(stage, *scopes)


def test_the_year_of_a_number_is_that_of_the_issuer() -> None:
    issuer = Issuer(id="ACME", zone="Pacific/Auckland")
    assert prefix_of(issuer, "invoice", at("2026-12-31T11:30")) == "ACME-2027-"
    assert prefix_of(issuer, "credit_note", at("2026-12-31T10:30")) == "ACME-C-2026-"
    assert prefix_of(msgspec.structs.replace(issuer, zone="UTC"), "invoice", at("2026-12-31T11:30")) == "ACME-2026-"
