"""What open bills do to a site: past due, closed, and open again within seconds once they are paid.

A site is closed while one of its invoices is at the step that closes it, and past due while one is at a later step than
that begins it. It is always reckoned from all of its invoices, so it does not matter in which order, or how often,
payments, steps and owners come. Paying lifts no hold but the billing one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from billing.dunning.model import Dunning, LetterKind, Step, begun, dunning_of
from billing.dunning.repository import DunnedRepository, Schedules
from billing.invoices.model import Invoice, InvoiceState
from billing.payments.model import Payment
from storage.audit import Actor, Audit
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tenancy import holds
from tenancy.desk import TenantDesk
from tenancy.model import Tenant

MAIL_BILLING: Final = "mail_billing"
"""Payload {"invoice", "kind", "key"} and what else its letter says; see `billing.dunning.postroom`."""
DUNNING: Final = Actor("job", "dunning")
REASON: Final = "a bill is unpaid"
REOPENED_DAYS: Final = 7
"""How long an invoice that a refund or a dispute made due again gets before its schedule begins anew."""
Change = Callable[[Invoice, Dunning, tuple[Step, ...]], Dunning | None]
Effect = Literal["none", "past_due", "held"]
_TRIES: Final = 5
_BY_US: Final = f"{DUNNING.kind}:{DUNNING.id}"


class Collections(Struct, frozen=True, kw_only=True):
    """What dunning works with. `settled`, `reopened` and `charge_failed` are hooks of payments and credit notes."""

    database: Database
    clock: Clock
    audit: Audit
    desk: TenantDesk
    jobs: Jobs
    platform: PlatformScope

    @property
    def now(self) -> datetime:
        """Naive UTC."""
        return moment(self.clock())

    @property
    def schedules(self) -> Schedules:
        """Which steps hold for whom."""
        return Schedules(self.database, self.platform)

    async def settled(self, scope: TenantScope, invoice_id: str) -> None:
        """Nothing is due of the invoice any more; heard again, nothing changes."""

        def close(invoice: Invoice, before: Dunning, steps: tuple[Step, ...]) -> Dunning | None:
            return before.settled(self.now) if before.settled_at is None else None

        invoice = await self.change(scope, invoice_id, "paid", close)
        if invoice is None:
            return
        await self.stand(scope, paid_at=invoice.paid_at if invoice.paid else None)
        if invoice.dunning is not None and (invoice.paid or invoice.noted):
            await self.write_letter(scope, invoice, "paid")

    async def reopened(self, scope: TenantScope, invoice_id: str) -> None:
        """A refund or a dispute made it due again: its schedule begins anew, some days from now."""

        def again(invoice: Invoice, before: Dunning, steps: tuple[Step, ...]) -> Dunning | None:
            if before.settled_at is None:
                return None
            later = max(due_of(invoice, before), self.now + timedelta(days=REOPENED_DAYS))
            return begun(steps, later, former=msgspec.structs.replace(before, extended_to=later))

        invoice = await self.change(scope, invoice_id, "issued", again)
        if invoice is None:
            return
        await self.stand(scope)
        if invoice.refunded:
            more = {"amount": invoice.refunded}
            await self.write_letter(scope, invoice, "refunded", key=f"refunded:{invoice.refunded}", more=more)

    async def charge_failed(self, scope: TenantScope, payment: Payment) -> None:
        """A charge did not go through: the operator hears at once, a letter an attempt, and where it can be paid."""
        invoices = DunnedRepository(self.database, scope)
        invoice = await invoices.get(payment.subject)
        if invoice is not None and invoice.dunning is None:
            # The tick has not seen it yet, and letters are noted with what it writes.
            await invoices.write(invoice.id, None, enrolled(invoice, await self.schedules.of(scope, invoice.plan)))
            invoice = await invoices.get(invoice.id)
        if invoice is not None:
            key, more = f"payment_failed:{payment.attempt}", {"reason": payment.reason or ""}
            await self.write_letter(scope, invoice, "payment_failed", key=key, more=more)

    async def change(self, scope: TenantScope, invoice_id: str, state: InvoiceState, change: Change) -> Invoice | None:
        """The invoice, if it is in this state, with what `change` made of where it is; None of that leaves it.

        One that is in no schedule yet is left to the tick.
        """
        invoices = DunnedRepository(self.database, scope)
        while True:
            invoice = await invoices.get(invoice_id)
            if invoice is None or invoice.kind != "invoice" or invoice.state != state:
                return None
            before = dunning_of(invoice.dunning)
            if before is None:
                return invoice
            after = change(invoice, before, await self.schedules.of(scope, invoice.plan))
            if after is None:
                return invoice
            if await invoices.write(invoice_id, before, after, states=(state,)):
                return await invoices.get(invoice_id)

    async def stand(self, scope: TenantScope, *, paid_at: datetime | None = None) -> None:
        """Brings the site to where its invoices want it. A payment that comes meanwhile is seen, whoever is faster.

        A billing hold that a person set, or an import brought, goes with a payment after it, and not by itself.
        """
        for _ in range(_TRIES):
            effect = await self._effect(scope)
            tenant = await self.desk.tenants.get(scope.tenant_id)
            if tenant is None:
                return
            await self._bring(tenant, effect, paid_at)
            if await self._effect(scope) == effect:
                return

    async def _effect(self, scope: TenantScope) -> Effect:
        blocking = [dunning_of(each.dunning) for each in await DunnedRepository(self.database, scope).blocking()]
        if any(each is not None and each.held_at is not None for each in blocking):
            return "held"
        return "past_due" if blocking else "none"

    async def _bring(self, tenant: Tenant, effect: Effect, paid_at: datetime | None) -> None:
        hold = next((each for each in tenant.holds if each.kind == "billing"), None)
        is_ours = hold is not None and hold.by == _BY_US
        if effect == "none":
            goes = hold is None or is_ours or (paid_at is not None and hold.since < paid_at)
            if goes and (tenant.past_due or hold is not None):
                await holds.settle(self.desk, tenant.id, actor=DUNNING)
            return
        if not tenant.past_due:
            await holds.fall_due(self.desk, tenant.id, actor=DUNNING)
        if effect == "held" and hold is None:
            await holds.suspend(self.desk, tenant.id, "billing", REASON, actor=DUNNING)
        if effect == "past_due" and is_ours:
            await holds.resume(self.desk, tenant.id, "billing", actor=DUNNING)

    async def write_letter(
        self,
        scope: TenantScope,
        invoice: Invoice,
        kind: LetterKind,
        *,
        key: str | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """Has a letter written, once for the key."""
        dunning = dunning_of(invoice.dunning)
        key = key or f"{kind}:{1 if dunning is None else dunning.round}"
        if dunning is not None and key in dunning.told:
            return
        payload = {"invoice": invoice.id, "kind": kind, "key": key, **(more or {})}
        await self.jobs.enqueue(scope, MAIL_BILLING, payload, unique_key=f"{invoice.id}:{key}")


def enrolled(invoice: Invoice, steps: Sequence[Step]) -> Dunning:
    """Where an invoice begins: pending until its first letter, the invoice itself, is on its way."""
    return msgspec.structs.replace(begun(steps, due_of(invoice, None)), pending=True)


def due_of(invoice: Invoice, dunning: Dunning | None) -> datetime:
    """The due date that holds: the invoice's own, or a later one that an owner gave."""
    extended = None if dunning is None else dunning.extended_to
    return extended or invoice.due_at or invoice.issued_at or invoice.drafted_at
