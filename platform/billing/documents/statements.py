"""A settlement statement as a document: what viewers paid, what the platform keeps, and what is paid out."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from billing.contracts.model import BillTo
from billing.documents.invoicing import sender_of
from billing.documents.language import Language, language_of
from billing.documents.letterhead import Letterhead
from billing.documents.lines import row_of
from billing.documents.model import Document, Fact, Note, Party, Row, Sum, cleaned
from billing.documents.wording import SETTLED, words_of
from billing.invoices.model import Issuer
from billing.rating.model import Line


class Settlement(Struct, frozen=True, kw_only=True):
    """The figures of a statement, in minor units; `[start, end)` and `issued_at` are naive UTC.

    `gross` is what viewers paid, without tax; `refunds`, `disputes`, `gateway_fees` and `kept_back` (invoices that were
    paid out of it) are taken off it and not negative. `shares` are the lines of the platform's share. `carried` is the
    balance from the statement before, negative where the operator owes it. `payable` is what is paid out; a negative
    one is carried forward,
    and so is one that is not worth a payout yet.
    """

    number: str
    start: datetime
    end: datetime
    issued_at: datetime
    currency: str
    sales: int
    gross: int
    refunds: int = 0
    disputes: int = 0
    gateway_fees: int = 0
    kept_back: int = 0
    shares: tuple[Line, ...] = ()
    carried: int = 0
    payable: int
    is_paid_out: bool = True
    payout_to: str = ""
    bill_to: BillTo = BillTo()
    issuer: Issuer = Issuer()


def statement_document(settled: Settlement, head: Letterhead, *, zone: str = "UTC") -> Document:
    """The statement in the language of whom it is for; the period is told in the tenant's zone."""
    language = language_of(settled.bill_to.locale, zone=zone)
    there = language_of(settled.bill_to.locale, zone=settled.issuer.zone)
    return cleaned(
        Document(
            kind="statement",
            language=language.tag,
            title=language.say("Settlement statement"),
            number=settled.number,
            summary=language.money(settled.payable, settled.currency),
            issued_epoch=int(settled.issued_at.replace(tzinfo=UTC).timestamp()),
            facts=(
                Fact(language.say("Number"), settled.number),
                Fact(language.say("Date"), there.day(settled.issued_at)),
                Fact(language.say("Period"), language.span(settled.start, settled.end)),
                Fact(language.say("Currency"), settled.currency),
            ),
            sender=sender_of(settled.issuer, language),
            recipient=Party(
                name=settled.bill_to.name,
                lines=tuple(line.strip() for line in settled.bill_to.address.splitlines() if line.strip()),
            ),
            rows=_rows(settled, language),
            sums=_sums(settled, language),
            notes=(_note(settled, language),) if settled.is_paid_out or settled.payable < 0 else (),
            footing=" · ".join(each for each in (settled.issuer.name, settled.issuer.email) if each),
            words=words_of(language, SETTLED),
            look=head.look(settled.issuer.name),
        )
    )


def _rows(settled: Settlement, language: Language) -> tuple[Row, ...]:
    def money(amount: int) -> str:
        return language.money(amount, settled.currency)

    sold = language.count("{number} sale, without tax", "{number} sales, without tax", settled.sales)
    rows = [Row(text=language.say("Memberships bought by viewers"), details=(sold,), amount=money(settled.gross))]
    for text, amount in (
        (language.say("Refunds to viewers"), settled.refunds),
        (language.say("Disputed payments"), settled.disputes),
        (language.say("Fees of the payment services"), settled.gateway_fees),
        (language.say("Invoices paid out of it"), settled.kept_back),
    ):
        if amount:
            rows.append(Row(text=text, amount=money(-amount)))
    for line in settled.shares:
        shown = row_of(line, language, settled.currency)
        rows.append(Row(text=shown.text, details=shown.details, amount=money(-line.amount)))
    return tuple(rows)


def _sums(settled: Settlement, language: Language) -> tuple[Sum, ...]:
    def money(amount: int) -> str:
        return language.money(amount, settled.currency)

    sums: list[Sum] = []
    if settled.carried:
        sums.append(Sum(language.say("Result of this period"), money(settled.payable - settled.carried)))
        sums.append(Sum(language.say("Carried over from the statement before"), money(settled.carried)))
    label = (
        language.say("Paid out to you")
        if settled.payable >= 0 and settled.is_paid_out
        else language.say("Carried forward")
    )
    return (*sums, Sum(label, money(settled.payable), "strong"))


def _note(settled: Settlement, language: Language) -> Note:
    if settled.payable < 0:
        return Note(lines=(language.say("More went back than came in. The next statements make up for it."),))
    if not settled.payout_to:
        return Note(lines=(language.say("The amount is paid out by the way that you have chosen."),))
    return Note(heading=language.say("Payout"), facts=(Fact(language.say("To"), settled.payout_to),))
