"""Money that comes and goes in any order: paid, credited, refunded, bounced, disputed, written off, paid after all.

What should have come of it is summed up here, by no code of the product.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import rule

from billing.dunning.collecting import Collections
from billing.dunning.owning import write_off
from billing.gateways.protocol import Dispute, Refund
from billing.invoices.carrying import carry
from billing.invoices.credit_note import BadCredit
from billing.invoices.crediting import credit
from billing.invoices.model import Invoice
from billing.ledger.ledger import Ledger
from billing.payments.applying import apply_to
from billing.payments.by_hand import as_told, mark_paid
from billing.payments.model import Payment
from billing.payments.refunding import refund
from billing.payments.repository import PaymentRepository
from storage.jobs import Jobs
from tests.billing.periods.machine import Machine
from tests.billing.periods.reckoning import Paid
from tests.billing.stage import ACTOR

BILLED = ("tax", "deferred", "discounts")
OWED = ("issued", "uncollectible")


class Paying(Machine):
    """The rules about what is paid for invoices, by transfers."""

    @rule(data=st.data(), amount=st.integers(1, 50_000))
    def earn(self, data: st.DataObject, amount: int) -> None:
        name = self.one(data)
        self.do(self.stage.earn(self.scopes[name], self.next_reference("pi_"), amount, self.now))
        self.told[name].earned += amount

    @rule(data=st.data(), amount=st.none() | st.integers(1, 3_000))
    def pay(self, data: st.DataObject, amount: int | None) -> None:
        name = self.one(data)
        due = [each for each in self._invoices(name) if each.state in OWED and each.due]
        if not due:
            return
        reference, came = self.next_reference("T"), due[0].due if amount is None else amount
        scope = self.scopes[name]
        paid = self.do(mark_paid(self.cashier, scope, due[0].id, reference=reference, amount=amount, actor=ACTOR))
        self.told[name].paid[paid.id] = Paid(came)

    @rule(data=st.data(), amount=st.none() | st.integers(1, 2_000))
    def take_back(self, data: st.DataObject, amount: int | None) -> None:
        name = self.one(data)
        invoices = [each for each in self._invoices(name) if each.number and not each.of]
        if not invoices:
            return
        chosen = data.draw(st.sampled_from(invoices), label="invoice")
        office = self.stage.desk.office
        try:
            made = self.do(credit(office, self.scopes[name], chosen.id, amount=amount, reason="sorry", actor=ACTOR))
        except BadCredit:
            return
        self.told[name].credited += made.total

    @rule(data=st.data(), amount=st.integers(1, 3_000), fails=st.booleans())
    def give_back(self, data: st.DataObject, amount: int, *, fails: bool) -> None:
        """A transfer back, which may come back itself."""
        chosen = self._kept(data)
        if chosen is None:
            return
        name, payment_id = chosen
        paid, scope = self.told[name].paid[payment_id], self.scopes[name]
        amount, reference = min(amount, paid.kept), self.next_reference("R")
        payment = self.do(
            refund(self.cashier, scope, payment_id, amount, actor=ACTOR, reason="sorry", reference=reference)
        )
        if fails:
            self._hear(name, payment, refunds=(Refund(reference, amount, "failed"),))
        else:
            paid.back += amount

    @rule(data=st.data(), amount=st.integers(1, 3_000))
    def dispute(self, data: st.DataObject, amount: int) -> None:
        chosen = self._kept(data)
        if chosen is None:
            return
        name, payment_id = chosen
        paid = self.told[name].paid[payment_id]
        told, amount = self.next_reference("D"), min(amount, paid.kept)
        self._hear(name, self._payment(name, payment_id), disputes=(Dispute(told, amount, "open"),))
        paid.disputed[told] = amount

    @rule(data=st.data(), won=st.booleans())
    def decide(self, data: st.DataObject, *, won: bool) -> None:
        open_ones = [
            (name, payment_id, dispute)
            for name, told in sorted(self.told.items())
            for payment_id, paid in sorted(told.paid.items())
            for dispute in sorted(paid.disputed)
        ]
        if not open_ones:
            return
        name, payment_id, dispute = data.draw(st.sampled_from(open_ones), label="dispute")
        paid = self.told[name].paid[payment_id]
        amount = paid.disputed.pop(dispute)
        decided = Dispute(dispute, amount, "won" if won else "lost")
        self._hear(name, self._payment(name, payment_id), disputes=(decided,))
        # The bank may say so twice.
        self._hear(name, self._payment(name, payment_id), disputes=(decided,))
        paid.back += 0 if won else amount

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        name = self.one(data)
        due = [each for each in self._invoices(name) if each.state == "issued" and each.due]
        if due:
            chosen = data.draw(st.sampled_from(due), label="invoice")
            self.do(write_off(self._collections(), self.scopes[name], chosen.id, actor=ACTOR, reason="gone"))

    @rule(data=st.data(), gateway=st.sampled_from(["stripe", "manual"]))
    def pay_by(self, data: st.DataObject, gateway: str) -> None:
        """Cards take nothing below 50 cents, banks anything."""
        contracts, scope = self.stage.desk.contracts, self.scopes[self.one(data)]
        self.do(contracts.set_payment(scope, gateway=gateway, customer=None, method=None, actor=ACTOR))

    @rule(data=st.data())
    def carry_on(self, data: st.DataObject) -> None:
        """What is too small to be charged goes to the next invoice, and is nobody's trouble until then."""
        name = self.one(data)
        for each in self._invoices(name):
            self.do(carry(self.stage.database, self.scopes[name], each.id, self.now))
        left = [each for each in self._invoices(name) if each.state == "issued" and each.gateway == "stripe"]
        assert all(each.due == 0 or each.due >= 50 for each in left)

    async def hold_money(self, name: str) -> None:
        """What came, went and is owed is in the accounts, to the minor unit."""
        told, scope = self.told[name], self.scopes[name]
        held = await Ledger(self.stage.database).balances(scope)
        invoices = await self.stage.invoices(scope)
        assert held.get("cash.bank", 0) == sum(each.kept for each in told.paid.values())
        assert held.get("cash.stripe", 0) == told.earned
        assert held.get("disputes", 0) == sum(sum(each.disputed.values()) for each in told.paid.values())
        billed = sum(each.total for each in invoices if each.is_issued and not each.of) - told.credited
        assert billed == -sum(amount for name, amount in held.items() if name.startswith("income.") or name in BILLED)
        # What was billed and not paid is owed, given up, or was paid in advance by others of their bills.
        open_ones = held.get("receivable", 0) + held.get("bad_debt", 0) + held.get("credit", 0)
        assert open_ones == billed - sum(each.came - each.back for each in told.paid.values())
        assert held.get("receivable", 0) == sum(each.due for each in invoices if each.state == "issued")
        assert held.get("bad_debt", 0) == sum(each.due for each in invoices if each.state == "uncollectible")
        # What is owed beyond open invoices was carried on, or went back after it had paid others.
        carried, back = sum(each.carried for each in invoices), sum(each.back for each in told.paid.values())
        assert held.get("credit", 0) <= carried + back

    def _invoices(self, name: str) -> list[Invoice]:
        return self.do(self.stage.invoices(self.scopes[name]))

    def _payment(self, name: str, payment_id: str) -> Payment:
        found = self.do(PaymentRepository(self.stage.database, self.scopes[name]).get(payment_id))
        assert found is not None
        return found

    def _kept(self, data: st.DataObject) -> tuple[str, str] | None:
        """A payment of which something is left."""
        paid = [(name, each) for name, told in sorted(self.told.items()) for each in sorted(told.paid)]
        left = [(name, each) for name, each in paid if self.told[name].paid[each].kept]
        return data.draw(st.sampled_from(left), label="payment") if left else None

    def _hear(self, name: str, payment: Payment, **news: Any) -> None:
        """The bank says this besides."""
        outcome = msgspec.structs.replace(as_told(self.scopes[name], payment), **news)
        self.do(apply_to(self.cashier, self.scopes[name], payment, outcome))

    def _collections(self) -> Collections:
        office = self.stage.desk.office
        return Collections(
            database=self.stage.database,
            clock=self.clock,
            audit=office.audit,
            desk=self.stage.tenants(self.cashier.events),
            jobs=Jobs(self.stage.database, self.clock),
            platform=office.platform,
        )
