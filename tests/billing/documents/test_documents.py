"""What invoices, credit notes and statements say, and that pages and PDFs say the same."""

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from PIL import Image
from pypdf import PdfReader

from billing.contracts.model import Tax
from billing.documents.html import html_of
from billing.documents.invoicing import document_of
from billing.documents.letterhead import BadLetterhead, Letterhead, letterhead
from billing.documents.model import Document
from billing.documents.pdf import NotSet, pdf_of, set_pdf
from billing.documents.statements import Settlement, statement_document
from billing.invoices.model import TaxAmount
from tests.billing.documents.samples import BASE, END, ISSUER, LINES, START, TO, invoice, line

HEAD = Letterhead()
ZONE = "Europe/Berlin"


def reader(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(set_pdf(document)))


def words(document: Document) -> str:
    """What the PDF says, with every run of spaces as one."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader(document).pages))


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<body>") :]))


def test_an_invoice_says_what_accountants_look_for() -> None:
    said = words(document_of(invoice(), HEAD, zone=ZONE))
    for wanted in (
        "Invoice",
        "MQ-2026-000123",
        "November 1, 2026",
        "October 1, 2026 – October 31, 2026",  # noqa: RUF001 - the dash of ranges
        "November 15, 2026",
        "Nordlicht Verleih",
        "DE987654321",
        "DE123456789",
        "622.4 GB sent, 500 GB included",
        "Charged for 15 of 31 days",
        "Late usage",
        "Discount WELCOME10 (10%)",
        "-€6.34",
        "VAT 19%",
        "€57.05",
        "€67.88",
        "IBAN DE02 1203 0000 0000 2020 51",
        "Page 1 of 1",
    ):
        assert wanted in said, wanted


def test_the_page_says_the_same_as_the_pdf() -> None:
    document = document_of(invoice(), HEAD, zone=ZONE)
    page, said = plain(html_of(document)), words(document)
    texts = [row.text for row in document.rows] + [row.amount for row in document.rows]
    texts += [each.amount for each in document.sums] + [fact.value for fact in document.facts]
    for text in (each.replace("\N{NO-BREAK SPACE}", " ") for each in texts):
        assert text in said
        assert text in page


@pytest.mark.parametrize(
    ("locale", "title", "total", "day"),
    [
        ("de-DE", "Rechnung", "67,88 €", "1. November 2026"),
        ("es", "Factura", "67,88 €", "1 de noviembre de 2026"),
        ("fr-FR", "Facture", "67,88 €", "1 novembre 2026"),
        ("en-GB", "Invoice", "€67.88", "1 November 2026"),
        ("nl-NL", "Invoice", "€ 67,88", "1 November 2026"),
        ("ja", "Invoice", "€67.88", "November 1, 2026"),
        ("no such tag!", "Invoice", "€67.88", "November 1, 2026"),
        ("", "Invoice", "€67.88", "November 1, 2026"),
    ],
)
def test_it_speaks_the_tenants_language(locale: str, title: str, total: str, day: str) -> None:
    document = document_of(invoice(locale=locale), HEAD, zone=ZONE)
    assert document.title == title
    said = [document.sums[-1].amount, document.facts[1].value]
    assert [re.sub(r"\s", " ", each) for each in said] == [total, day]


def test_periods_are_days_where_the_tenant_is() -> None:
    there = document_of(invoice(), HEAD, zone="Asia/Kathmandu")
    assert "October 1, 2026 – November 1, 2026" in words(there)  # noqa: RUF001 - the dash of ranges


@pytest.mark.parametrize(
    ("currency", "amount", "total"), [("JPY", 12_345, "¥12,345"), ("KWD", 12_345, "KWD 12.345"), ("USD", 1, "$0.01")]
)
def test_amounts_have_the_places_of_their_currency(currency: str, amount: int, total: str) -> None:
    lines = (line("base", amount, name="Starter"),)
    shown = invoice(lines=lines, currency=currency, taxes=(), total=amount, due=amount)
    assert document_of(shown, HEAD).sums[-1].amount.replace("\N{NO-BREAK SPACE}", " ") == total


def test_inclusive_prices_hold_their_tax() -> None:
    tax = (TaxAmount(name="VAT", rate_bps=1_900, base=4_118, amount=782),)
    inclusive = Tax(rate_bps=1_900, name="VAT", inclusive=True)
    sums = document_of(invoice(lines=(BASE,), tax=inclusive, taxes=tax, total=4_900, due=4_900), HEAD).sums
    assert [(each.label, each.amount) for each in sums] == [
        ("Total", "€49.00"),
        ("of which VAT 19%", "€7.82"),
        ("Total without tax", "€41.18"),
    ]


@pytest.mark.parametrize(
    ("locale", "note"), [("en", "Reverse charge"), ("de", "Steuerschuldnerschaft"), ("fr", "Autoliquidation")]
)
def test_reverse_charge_is_told_with_both_tax_numbers(locale: str, note: str) -> None:
    reverse = Tax(tax_id="ATU12345678", reverse_charge=True)
    said = words(document_of(invoice(lines=(BASE,), locale=locale, tax=reverse, taxes=(), total=4_900), HEAD))
    assert note in said
    assert "ATU12345678" in said
    assert "DE123456789" in said


def test_credit_that_was_used_is_shown() -> None:
    sums = document_of(invoice(lines=(BASE,), taxes=(), total=4_900, credited=1_000, due=3_900), HEAD).sums
    assert [each.amount for each in sums][-3:] == ["€49.00", "-€10.00", "€39.00"]


def test_a_negative_invoice_becomes_credit_and_asks_for_nothing() -> None:
    advanced = invoice(lines=(line("advanced", -4_900),), taxes=(), total=-4_900, due=0, state="paid")
    document = document_of(advanced, HEAD)
    assert document.sums[-1].amount == "€0.00"
    said = words(document)
    assert "added to your credit" in said
    assert "IBAN" not in said


def test_a_credit_note_names_its_invoice() -> None:
    note = invoice(id="4-c1", kind="credit_note", number="MQ-C-2026-000001", of="4", reason="An outage", due_at=None)
    said = words(document_of(note, HEAD, zone=ZONE, original=invoice()))
    for wanted in ("Credit note", "MQ-C-2026-000001", "For invoice MQ-2026-000123", "An outage"):
        assert wanted in said
    assert "IBAN" not in said


def test_a_draft_cannot_be_taken_for_an_invoice() -> None:
    draft = document_of(invoice(state="draft", number=None, issued_at=None, due_at=None), HEAD)
    assert "DRAFT, NOT AN INVOICE" in words(draft)
    assert "Draft, not an invoice" in html_of(draft)


NOTHING_SOLD = Settlement(
    number="MQ-S-2026-000001",
    start=START,
    end=END,
    issued_at=END,
    currency="EUR",
    sales=0,
    gross=0,
    payable=0,
    bill_to=TO,
    issuer=ISSUER,
)


def test_a_statement_says_what_is_paid_out() -> None:
    settled = structs.replace(
        NOTHING_SOLD,
        sales=1,
        gross=100_000,
        refunds=5_000,
        gateway_fees=2_900,
        shares=(line("share", 28_500, revenue=95_000, share_bps=3_000),),
        carried=-1_000,
        payable=62_600,
        payout_to="IBAN …51",
    )
    document = statement_document(settled, HEAD, zone=ZONE)
    said = words(document)
    for wanted in ("Settlement statement", "1 sale, without tax", "-€50.00", "30% of €950.00", "-€285.00", "€626.00"):
        assert wanted in said
    assert "IBAN …51" in plain(html_of(document))


def test_a_word_that_is_wider_than_its_place_is_parted_and_stands_over_nothing() -> None:
    said = words(document_of(invoice(locale="de", name=f"{'Grenzgebirgsverwaltungs' * 2}kino Nordlicht"), HEAD))
    assert re.search(r"Grenzgebirgsverwaltungs[-\N{HYPHEN}\N{SOFT HYPHEN}] ?grenz", said, re.IGNORECASE)
    assert "kino Nordlicht Am Elbufer 99" in said
    assert "Lantern Media Platform Hafenstraße 12" in said
    wide = words(document_of(invoice(name="W" * 60), HEAD))
    assert "W" * 60 not in wide
    assert "W" * 60 in re.sub(r"[\s\N{ZERO WIDTH SPACE}]", "", wide)


def test_a_statement_bills_nobody() -> None:
    settled = NOTHING_SOLD
    said = statement_document(settled, HEAD, zone=ZONE).words
    assert (said.recipient, said.sender) == ("For", "From")
    assert document_of(invoice(), HEAD, zone=ZONE).words.recipient == "Bill to"


def test_the_page_tells_how_it_stands_and_the_pdf_stays_the_same() -> None:
    now = datetime(2026, 11, 20)
    open_, paid = invoice(), invoice(state="paid", paid=6_788, due=0, paid_at=datetime(2026, 11, 10))
    assert "Overdue since" in html_of(document_of(open_, HEAD, zone=ZONE, now=now))
    assert "Paid on November" in html_of(document_of(paid, HEAD, zone=ZONE, now=now))
    later = document_of(open_, HEAD, now=now, due_at=datetime(2026, 12, 24))
    assert "due on December" in later.standing
    assert set_pdf(document_of(open_, HEAD)) == set_pdf(document_of(paid, HEAD)) == set_pdf(later)


@pytest.mark.parametrize(
    ("paid", "carried", "said"),
    [
        (0, 30, "Carried to your account"),
        (6_758, 30, "Paid on November 10, 2026, €0.30 carried to your account"),
        (6_788, 0, "Paid on November 10, 2026"),
    ],
)
def test_what_was_carried_is_not_called_paid_and_what_was_paid_is(paid: int, carried: int, said: str) -> None:
    total = 6_788 if paid else carried
    day = datetime(2026, 11, 10)
    settled = invoice(state="paid", total=total, paid=paid, carried=carried, due=0, paid_at=day)
    assert document_of(settled, HEAD, zone=ZONE, now=datetime(2026, 11, 20)).standing.replace("\xa0", " ") == said


async def test_the_pdf_is_for_archives_and_screen_readers() -> None:
    made = await pdf_of(document_of(invoice(locale="de"), HEAD, zone=ZONE))
    found = PdfReader(io.BytesIO(made))
    root: Any = found.root_object
    raw = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in raw
    assert "<pdfuaid:part>1</pdfuaid:part>" in raw
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert found.metadata is not None
    assert found.metadata.title == "Rechnung MQ-2026-000123"


def test_long_bills_run_over_pages_with_their_headings() -> None:
    lines = tuple(line("base", 100 * (-1) ** place, name=f"Thing {place}", unit=100) for place in range(70))
    pages = reader(document_of(invoice(lines=lines, taxes=(), total=0, due=0), HEAD)).pages
    assert len(pages) >= 3
    assert all("UNIT PRICE" in page.extract_text() for page in pages)
    assert "Page 3 of" in pages[2].extract_text()


HOSTILE = [
    '#panic("x") #read("/etc/passwd") *b* _i_ $x$ `r` <label> @ref \\ // /* {{ 7*7 }} {% x %}',
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&",
    "{number} {0} %s {{}}",
    "Ein sehr langer Name" * 12,
    "\u202eevil\u202c\u2066x\x07\x00y",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_and_nothing_else(name: str) -> None:
    lines = (line("base", 4_900, name=name), line("addon", 1, key=name, name=name), line("discount", -1, code=name))
    document = document_of(invoice(lines=lines, name=name, number=name[:40]), HEAD)
    page = html_of(document)
    assert "<script" not in page
    assert "<img" not in page
    shown = re.sub(r"\s", "", words(document))
    assert re.sub(r"[\s\u202a-\u202e\u2066-\u2069\x00\x07]", "", name)[:30] in re.sub(
        r"[\u202a-\u202e\u2066-\u2069\x00\x07]", "", shown
    )


@pytest.mark.parametrize("name", ["شركة النور للأفلام", "חברת הסרטים", "Łódź Ελλάς Жук", "हिन्दी"])
def test_scripts_that_the_fonts_have_are_set(name: str) -> None:
    assert "\N{WHITE SQUARE}" not in words(document_of(invoice(name=name), HEAD))


def test_scripts_that_no_font_has_leave_a_mark_and_the_page_shows_them() -> None:
    document = document_of(invoice(name="東京アニメ GmbH"), HEAD)
    said = words(document)
    assert "\N{WHITE SQUARE}" in said
    assert "GmbH" in said
    assert "東京アニメ GmbH" in html_of(document)


def test_the_logo_is_on_both(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="10"><rect width="60" height="10"/></svg>'
    )
    head = letterhead(accent="#B4540A", logo=path)
    document = document_of(invoice(), head)
    assert set_pdf(document).startswith(b"%PDF-")
    page = html_of(document)
    assert "data:image/svg+xml;base64," in page
    assert "#b4540a" in page
    picture = tmp_path / "logo.png"
    Image.new("RGB", (60, 10), "#b4540a").save(picture)
    assert b"/Image" in set_pdf(document_of(invoice(), letterhead(logo=picture)))
    broken = Letterhead(logo=b"<svg", logo_format="svg")
    with pytest.raises(NotSet):
        set_pdf(document_of(invoice(), broken))


@pytest.mark.parametrize("wrong", ["red", "#12345g", "#123456;}body{"])
def test_a_colour_is_a_colour(wrong: str) -> None:
    with pytest.raises(BadLetterhead):
        letterhead(accent=wrong)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"RIFFxxxxWAVE", bytes(2 << 20)])
def test_a_logo_is_a_picture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo"
    path.write_bytes(content)
    with pytest.raises(BadLetterhead):
        letterhead(logo=path)


def test_every_line_has_words() -> None:
    rows = document_of(invoice(lines=LINES), HEAD, zone=ZONE).rows
    assert all(row.text and row.amount for row in rows)
    assert [row.mark for row in rows if row.mark] == ["Late usage"]
