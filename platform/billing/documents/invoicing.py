"""An invoice or a credit note as a document: what it said when it was issued, and how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from billing.documents.language import N_, Language, language_of
from billing.documents.letterhead import Letterhead
from billing.documents.lines import row_of
from billing.documents.model import Document, Fact, Note, Party, Sum, cleaned
from billing.documents.wording import words_of
from billing.gateways.least import least_charge
from billing.invoices.model import Invoice, Issuer

_STAMPS: Final = {"draft": N_("Draft, not an invoice"), "void": N_("Void")}


def document_of(
    invoice: Invoice,
    head: Letterhead,
    *,
    zone: str = "UTC",
    original: Invoice | None = None,
    due_at: datetime | None = None,
    now: datetime | None = None,
) -> Document:
    """The invoice, or credit note, in the language of whom it is for.

    Periods are told in the tenant's `zone`, dates of issue in the issuer's. `original` is the invoice that a credit
    note is of, `due_at` the due date where it was moved. With `now` the document says how it stands then.
    """
    language = language_of(invoice.bill_to.locale, zone=zone)
    is_note = invoice.kind == "credit_note"
    return cleaned(
        Document(
            kind=invoice.kind,
            language=language.tag,
            title=language.say("Credit note") if is_note else language.say("Invoice"),
            number=invoice.number or "",
            summary=_summary(invoice, language),
            stamp=language.say(_STAMPS[invoice.state]) if invoice.state in _STAMPS else "",
            standing="" if now is None else _standing(invoice, language, due_at or invoice.due_at, now),
            issued_epoch=_epoch(invoice.issued_at or invoice.drafted_at),
            facts=_facts(invoice, language, original),
            sender=sender_of(invoice.issuer, language),
            recipient=_recipient(invoice, language),
            rows=tuple(row_of(line, language, invoice.currency) for line in invoice.lines),
            sums=_sums(invoice, language),
            notes=_notes(invoice, language),
            footing=" · ".join(each for each in (invoice.issuer.name, invoice.issuer.email) if each),
            words=words_of(language),
            look=head.look(invoice.issuer.name),
        )
    )


def sender_of(issuer: Issuer, language: Language) -> Party:
    """Who it is from."""
    facts = [Fact(language.say("Tax number"), issuer.tax_id)] if issuer.tax_id else []
    return Party(name=issuer.name, lines=_lines(issuer.address), facts=tuple(facts))


def _recipient(invoice: Invoice, language: Language) -> Party:
    to, tax = invoice.bill_to, invoice.tax
    facts = [Fact(language.say("Tax number"), tax.tax_id)] if tax.tax_id else []
    return Party(name=to.name, lines=_lines(to.address), facts=tuple(facts))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _summary(invoice: Invoice, language: Language) -> str:
    if invoice.kind == "credit_note":
        return language.money(invoice.total, invoice.currency)
    payable = language.money(payable_of(invoice), invoice.currency)
    if invoice.due_at is None or payable_of(invoice) == 0:
        return payable
    due = _issuers_day(invoice, language, invoice.due_at)
    return language.say("{amount} due on {day}", amount=payable, day=due)


def payable_of(invoice: Invoice) -> int:
    """What was to be paid when it was issued: credit notes and payments came later."""
    return max(0, invoice.total - invoice.credited)


def _facts(invoice: Invoice, language: Language, original: Invoice | None) -> tuple[Fact, ...]:
    facts = [Fact(language.say("Number"), invoice.number or "–")]  # noqa: RUF001 - a dash for none
    if invoice.issued_at is not None:
        facts.append(Fact(language.say("Date"), _issuers_day(invoice, language, invoice.issued_at)))
    facts.append(Fact(language.say("Period"), language.span(invoice.start, invoice.end)))
    if invoice.kind == "credit_note":
        if original is not None and original.number:
            facts.append(Fact(language.say("For invoice"), original.number))
    elif invoice.due_at is not None and payable_of(invoice):
        facts.append(Fact(language.say("Due on"), _issuers_day(invoice, language, invoice.due_at)))
    return (*facts, Fact(language.say("Currency"), invoice.currency))


def _issuers_day(invoice: Invoice, language: Language, moment: datetime) -> str:
    return language_of(language.tag, zone=invoice.issuer.zone).day(moment)


def _sums(invoice: Invoice, language: Language) -> tuple[Sum, ...]:
    def money(amount: int) -> str:
        return language.money(amount, invoice.currency)

    inclusive = invoice.tax.inclusive and not invoice.tax.reverse_charge
    sums: list[Sum] = []
    if not inclusive and (invoice.taxes or invoice.tax.reverse_charge):
        sums.append(Sum(language.say("Total without tax"), money(invoice.subtotal - invoice.discount)))
        sums += [Sum(_tax_label(tax.name, tax.rate_bps, language), money(tax.amount)) for tax in invoice.taxes]
    is_last = invoice.kind == "credit_note" or (invoice.credited == 0 and invoice.total >= 0)
    sums.append(Sum(language.say("Total"), money(invoice.total), "strong" if is_last else "plain"))
    if inclusive:
        for tax in invoice.taxes:
            label = language.say("of which {tax}", tax=_tax_label(tax.name, tax.rate_bps, language))
            sums.append(Sum(label, money(tax.amount), "quiet"))
            sums.append(Sum(language.say("Total without tax"), money(tax.base), "quiet"))
    if is_last:
        return tuple(sums)
    if invoice.credited > 0:
        sums.append(Sum(language.say("Paid from your credit"), money(-invoice.credited)))
    elif invoice.credited:
        sums.append(Sum(language.say("Open from earlier invoices"), money(-invoice.credited)))
    sums.append(Sum(language.say("Amount due"), money(payable_of(invoice)), "strong"))
    return tuple(sums)


def _tax_label(name: str, rate_bps: int, language: Language) -> str:
    named = name or language.say("Tax")
    return f"{named} {language.percent(rate_bps)}"


def _notes(invoice: Invoice, language: Language) -> tuple[Note, ...]:
    lines: list[str] = []
    if invoice.kind == "credit_note":
        if invoice.reason:
            lines.append(language.say("Reason: {reason}", reason=invoice.reason))
        lines.append(language.say("It lowers what is open of the invoice. What was paid already becomes credit."))
    if invoice.tax.reverse_charge:
        lines.append(language.say("Reverse charge: the recipient is liable for the tax."))
    if invoice.kind == "invoice" and invoice.total < 0:
        lines.append(language.say("The amount is added to your credit, which later invoices use first."))
    notes = [Note(lines=tuple(lines))] if lines else []
    if invoice.kind == "invoice" and payable_of(invoice) and invoice.state != "void":
        notes.append(payment_note(invoice, language))
    return tuple(notes)


def payment_note(invoice: Invoice, language: Language, *, amount: int | None = None) -> Note:
    """How to pay it: what was asked, or an `amount` that is open now."""
    heading = language.say("Payment")
    if was_too_small(invoice):
        payable = language.money(payable_of(invoice), invoice.currency)
        return Note(heading=heading, lines=(too_small_text(payable, language),))
    if invoice.gateway == "stripe":
        return Note(heading=heading, lines=(language.say("It is charged to the payment method that you saved."),))
    if invoice.gateway == "btcpay":
        return Note(heading=heading, lines=(language.say("Please pay by the link in the e-mail that came with it."),))
    return bank_note(invoice, language, amount=payable_of(invoice) if amount is None else amount)


def was_too_small(invoice: Invoice) -> bool:
    """Whether it asked for less than its gateway charges when it was issued."""
    return 0 < payable_of(invoice) < least_charge(invoice.gateway, invoice.currency)


def is_carried_whole(invoice: Invoice) -> bool:
    """Whether it is settled without any payment: what was open of it is on the tenant's account."""
    return invoice.carried > 0 and invoice.paid <= invoice.refunded


def too_small_text(amount: str, language: Language) -> str:
    """What becomes of such an amount, also where no invoice follows."""
    return language.say(
        "{amount} is too small to be charged by itself and is carried to your account, for the next invoice if one "
        "follows.",
        amount=amount,
    )


def bank_note(invoice: Invoice, language: Language, *, amount: int) -> Note:
    """How to pay it by bank transfer."""
    facts = [Fact(language.say("Amount"), language.money(amount, invoice.currency))]
    if invoice.number:
        facts.append(Fact(language.say("Reference"), invoice.number))
    line = language.say("Please pay by bank transfer and name the reference.")
    bank = _lines(invoice.issuer.bank)
    return Note(heading=language.say("Payment"), lines=(line, *bank), facts=tuple(facts))


def _standing(invoice: Invoice, language: Language, due_at: datetime | None, now: datetime) -> str:
    if invoice.kind == "credit_note" or invoice.state in _STAMPS:
        return ""
    if invoice.state == "paid":
        return _paid(invoice, language)
    if invoice.state == "uncollectible":
        return language.say("Written off")
    due = language.money(invoice.due, invoice.currency)
    if due_at is None:
        return language.say("Open: {amount}", amount=due)
    day = _issuers_day(invoice, language, due_at)
    if due_at <= now:
        return language.say("Overdue since {day}: {amount}", day=day, amount=due)
    return language.say("Open: {amount}, due on {day}", amount=due, day=day)


def _paid(invoice: Invoice, language: Language) -> str:
    if is_carried_whole(invoice):
        return language.say("Carried to your account")
    if invoice.paid_at is None:
        return language.say("Settled")
    day = _issuers_day(invoice, language, invoice.paid_at)
    if invoice.carried:
        amount = language.money(invoice.carried, invoice.currency)
        return language.say("Paid on {day}, {amount} carried to your account", day=day, amount=amount)
    return language.say("Paid on {day}", day=day)


def _epoch(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())
