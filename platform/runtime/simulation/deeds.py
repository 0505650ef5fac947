"""What people do in the story, each by the product's own verb; the world is told of it for the report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from billing.contracts.desk import Contracts
from billing.invoices.crediting import credit
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.ledger.ledger import Ledger
from billing.money import shown
from billing.payments.by_hand import mark_paid
from billing.payments.charging import pay_link
from billing.payments.methods import save_method
from billing.payments.model import Payment
from billing.payments.refunding import refund
from billing.payments.repository import PaymentRepository
from runtime.cycle import invoice_office
from runtime.simulation.tenants import Member
from runtime.simulation.world import ACTOR, BACK, World
from storage.across import Across
from storage.scope import TenantScope
from tenancy import holds
from tenancy.model import HoldKind

BANK: Final = "bank"


async def save_card(world: World, tenant: str, card: str) -> None:
    """The tenant saves a card on Stripe's page, and passes 3-D Secure where it is asked to."""
    saving = await save_method(world.services.cashier, world.scopes[tenant], gateway="stripe", back=BACK)
    pay_by(world, saving.reference, card)
    await world.settle()


async def change(world: World, tenant: str, what: str, **terms: Any) -> None:
    """The tenant's terms change from now on."""
    await _contracts(world).change(world.scopes[tenant], **terms, actor=ACTOR)
    world.note(tenant, what)


async def cancel(world: World, tenant: str) -> None:
    """The contract ends now."""
    await _contracts(world).cancel(world.scopes[tenant], at_period_end=False, actor=ACTOR)
    world.note(tenant, "cancels, at once")


async def hold(world: World, tenant: str, kind: HoldKind, reason: str) -> None:
    """The site is closed for another reason than money."""
    await holds.suspend(world.stores.desk, tenant, kind, reason, actor=ACTOR)
    world.note(tenant, f"is closed ({kind} hold): {reason}")


async def lift(world: World, tenant: str, kind: HoldKind) -> None:
    """The hold is lifted."""
    await holds.resume(world.stores.desk, tenant, kind, actor=ACTOR)
    world.note(tenant, f"has its {kind} hold lifted")


async def pay_what_is_open(world: World, member: Member, *, older_than: timedelta = timedelta(0)) -> None:
    """The tenant pays its open invoices, by link or by transfer."""
    scope = world.scopes[member.id]
    ripe = [
        each
        for each in await open_invoices(world, scope)
        if each.issued_at is not None and world.clock.now - each.issued_at >= older_than
    ]
    if not ripe:
        return
    for invoice in ripe:
        if member.way == BANK:
            reference = f"TRF-{invoice.number}"
            await mark_paid(world.services.cashier, scope, invoice.id, reference=reference, actor=ACTOR)
        else:
            session = await _link(world, scope, invoice)
            if session is not None:
                pay_by(world, session, member.card)
    await world.settle()


async def links_of(world: World, member: Member) -> list[tuple[str, str]]:
    """The pages on which the tenant's open invoices can be paid, by their sessions, and the card that it has."""
    scope = world.scopes.get(member.id)
    if scope is None or member.way != "page":
        return []
    opened = [await _link(world, scope, invoice) for invoice in await open_invoices(world, scope)]
    return [(session, member.card) for session in opened if session is not None]


def pay_by(world: World, session: str, card: str) -> None:
    """A payer pays on Stripe's page, and passes 3-D Secure where it is asked for."""
    world.sandbox.desk.pay(session, card)
    _authenticate(world, session)


async def _link(world: World, scope: TenantScope, invoice: Invoice) -> str | None:
    payment = await pay_link(world.services.cashier, scope, invoice.id, back=BACK)
    return payment.reference if payment.url else None


def _authenticate(world: World, session_id: str) -> None:
    session = world.sandbox.world.get("checkout.session", session_id)
    if session["status"] == "open":
        world.sandbox.desk.authenticate(session["payment_intent"] or session["setup_intent"])


async def owing_tenants(world: World) -> set[str]:
    """Those with an invoice that is not paid."""
    found = await Across(world.stores.database, InvoiceRepository.collection).find({"state": "issued"}, fields=["_id"])
    return {str(each["_id"]["owner"]).partition(":")[2] for each in found}


async def open_invoices(world: World, scope: TenantScope) -> list[Invoice]:
    """What the tenant has yet to pay."""
    return [each for each in await InvoiceRepository(world.stores.database, scope).open_invoices() if each.due > 0]


async def take_back(world: World, tenant: str, share: int, reason: str) -> None:
    """A credit note over a share (in percent) of the latest invoice that was paid."""
    paid = await _latest_paid(world, tenant)
    if paid is None:
        return
    amount = paid.total * share // 100
    note = await credit(
        invoice_office(world.stores), world.scopes[tenant], paid.id, amount=amount, reason=reason, actor=ACTOR
    )
    world.note(tenant, f"gets credit note {note.number} over {shown(note.total, note.currency)}: {reason}")


async def give_credit_back(world: World, tenant: str) -> None:
    """Staff send the tenant's credit back the way that it came: by transfer."""
    scope = world.scopes[tenant]
    amount = await Ledger(world.stores.database).credit(scope)
    paid = await _payments(world, scope)
    if amount <= 0 or not paid:
        return
    await refund(
        world.services.cashier, scope, paid[-1].id, amount, actor=ACTOR, reason="contract ended", reference="TRF-BACK-1"
    )
    world.note(tenant, f"gets {shown(amount, paid[-1].currency)} back by transfer")


async def dispute(world: World, tenant: str) -> str | None:
    """The tenant's bank takes the latest charge back; gives the dispute."""
    scope = world.scopes[tenant]
    paid = [each for each in await _payments(world, scope) if each.gateway == "stripe"]
    if not paid:
        return None
    opened = world.sandbox.desk.dispute(world.charge_of(paid[-1]))
    world.note(tenant, f"disputes {shown(paid[-1].amount, paid[-1].currency)} at its bank")
    await world.settle()
    return str(opened["id"])


async def decide(world: World, tenant: str, dispute_id: str, *, won: bool) -> None:
    """The bank decides; `won` is by us."""
    world.sandbox.desk.decide(dispute_id, won=won)
    world.note(tenant, f"the dispute is {'won: the money is back' if won else 'lost: the money is gone'}")
    await world.settle()


async def _payments(world: World, scope: TenantScope) -> list[Payment]:
    """Of invoices, those that brought money, oldest first."""
    found = await PaymentRepository(world.stores.database, scope).newest(limit=500)
    paid = [each for each in found if each.is_paid and each.purpose == "invoice"]
    return sorted(paid, key=lambda each: (each.created_at, each.id))


async def _latest_paid(world: World, tenant: str) -> Invoice | None:
    invoices = [each async for each in InvoiceRepository(world.stores.database, world.scopes[tenant]).all()]
    paid = [each for each in invoices if each.kind == "invoice" and each.state == "paid" and each.paid > 0]
    return paid[-1] if paid else None


def _contracts(world: World) -> Contracts:
    stores = world.stores
    return Contracts(stores.database, stores.clock, stores.audit)
