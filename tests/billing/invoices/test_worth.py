"""Taking back in parts comes to the same as what was charged, to the cent and on every account."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.contracts.model import Tax
from billing.invoices.credit_note import (
    BadCredit,
    CreditTooLarge,
    by_amount,
    by_line,
    credit_note_entry,
    parts_of,
    written,
)
from billing.invoices.model import Invoice, TaxAmount
from billing.invoices.postings import invoice_entry
from billing.invoices.worth import worths_of
from billing.rating.model import Line
from billing.rating.tax import tax_on
from tests.billing.stage import at

NOW = at("2026-03-01")


def line(kind: Any, amount: int) -> Line:
    return Line(kind=kind, amount=amount, start=at("2026-01-01"), end=at("2026-02-01"))


def invoice_with(lines: list[Line], tax: Tax) -> Invoice:
    net = sum(each.amount for each in lines)
    amount = tax_on(net, tax)
    total = net if tax.inclusive else net + amount
    return Invoice(
        id="0", state="issued", number="MQ-2026-000001", n=0, start=at("2026-01-01"), end=at("2026-02-01"),
        currency="USD", lines=tuple(lines), subtotal=net, total=total, due=total,
        taxes=(TaxAmount(name="VAT", rate_bps=tax.rate_bps, base=total - amount, amount=amount),) if amount else (),
        tax=tax, drafted_at=NOW, issue_at=NOW, issued_at=NOW,
    )  # fmt: skip


charged = st.lists(
    st.builds(line, st.sampled_from(["base", "addon", "capacity", "bandwidth", "advance"]), st.integers(1, 100_000)),
    min_size=1,
    max_size=5,
)
reduced = st.lists(st.builds(line, st.sampled_from(["discount", "advanced"]), st.integers(-50_000, -1)), max_size=3)
taxes = st.builds(Tax, rate_bps=st.sampled_from([0, 700, 1_900, 2_550]), name=st.just("VAT"), inclusive=st.booleans())
invoices = st.builds(invoice_with, st.builds(list[Line].__add__, charged, reduced), taxes)


@given(invoices)
def test_an_invoice_is_booked_as_it_says(invoice: Invoice) -> None:
    booked = invoice_entry(invoice, NOW)
    if booked is None:
        assert invoice.total == 0
        return
    assert booked.amount_on("receivable") + booked.amount_on("credit") == invoice.total
    assert booked.amount_on("tax") == -invoice.tax_amount


@given(invoices, st.data())
def test_notes_in_any_parts_take_back_exactly_what_was_charged(invoice: Invoice, data: st.DataObject) -> None:
    assume(invoice.total > 0)
    assert sum(worth.amount for worth in worths_of(invoice)) == invoice.total
    assert all(worth.amount >= 0 for worth in worths_of(invoice))
    charged_entry = invoice_entry(invoice, NOW)
    assert charged_entry is not None
    moved = {leg.account: leg.amount for leg in charged_entry.legs}
    notes: list[Invoice] = []
    while sum(note.total for note in notes) < invoice.total:
        parts = parts_of(invoice, notes)
        left = sum(part.left for part in parts)
        if data.draw(st.booleans()) and len(notes) < 6:
            place = data.draw(st.sampled_from([place for place, part in enumerate(parts) if part.left]))
            parts = by_line(parts, {place: data.draw(st.integers(1, parts[place].left))})
        else:
            parts = by_amount(parts, None if len(notes) >= 6 else data.draw(st.integers(1, left)))
        note, taken = written(invoice, parts, note_id=f"0-c{len(notes)}", number="N", reason="", now=NOW)
        booked = credit_note_entry(invoice, note, taken, note.total, NOW)
        assert note.tax_amount == taken.tax
        assert sum(each.amount for each in note.lines) + (0 if invoice.tax.inclusive else taken.tax) == note.total
        for leg in booked.legs:
            moved[leg.account] = moved.get(leg.account, 0) + leg.amount
        notes.append(note)
    assert {account: amount for account, amount in moved.items() if amount} == {}
    assert sum(note.tax_amount for note in notes) == invoice.tax_amount


@given(invoices, st.integers(1, 1_000))
def test_a_cent_too_much_is_refused(invoice: Invoice, more: int) -> None:
    if invoice.total <= 0:
        with pytest.raises(BadCredit):
            parts_of(invoice, [])
        return
    parts = parts_of(invoice, [])
    with pytest.raises(CreditTooLarge):
        by_amount(parts, invoice.total + more)
    with pytest.raises(CreditTooLarge):
        by_line(parts, {0: parts[0].worth.amount + more})


def test_what_is_written_off_is_not_credited() -> None:
    invoice = msgspec.structs.replace(invoice_with([line("base", 100)], Tax()), state="uncollectible")
    with pytest.raises(BadCredit, match="written off"):
        parts_of(invoice, [])
