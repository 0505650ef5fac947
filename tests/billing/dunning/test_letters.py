"""Letters about money: in the platform's name, in the tenant's language, with what they speak of attached."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfReader

from billing.documents.desk import Documents
from billing.documents.language import language_of
from billing.documents.letterhead import Letterhead
from billing.dunning import wording
from billing.dunning.collecting import MAIL_BILLING
from billing.dunning.postroom import BillingPostroom
from billing.dunning.wording import Occasion
from tenancy.mail.mailer import MailUnavailable
from tests.billing.dunning.collector import Collector, pay_address
from tests.billing.stage import START, at, monthly
from tests.support.postbox import text_of


def pixel() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 10), "#b4540a").save(made, "PNG")
    return made.getvalue()


async def test_the_invoice_comes_as_a_pdf_with_how_to_pay_it(collector: Collector) -> None:
    await collector.tenant("north")
    await collector.tick()
    (letter,) = collector.outbox.letters
    assert str(letter["From"]) == "Lantern Media Platform <bills@lantern.example>"
    assert str(letter["To"]) == "ann@north.example"
    assert letter["Content-Language"] == "en"
    said, page = text_of(letter), text_of(letter, "html")
    for wanted in ("IBAN DE02", "MQ-2026-000001", "$10.00", pay_address("north", "0")):
        assert wanted in said
        assert wanted in page
    (attached,) = letter.iter_attachments()
    assert attached.get_filename() == "MQ-2026-000001.pdf"
    pdf = attached.get_content()
    assert isinstance(pdf, bytes)
    assert "MQ-2026-000001" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("locale", "subjects"),
    [
        ("de", ["Rechnung MQ-2026-000001: 10,00 $", "Rechnung MQ-2026-000001 ist überfällig"]),
        ("fr", ["Facture MQ-2026-000001 : 10,00 $US", "La facture MQ-2026-000001 est en retard"]),
        ("es-MX", ["Factura MQ-2026-000001: USD 10.00", "La factura MQ-2026-000001 está vencida"]),
        ("pl", ["Invoice MQ-2026-000001: $10.00", "Invoice MQ-2026-000001 is overdue"]),
    ],
)
async def test_letters_speak_the_tenants_language(collector: Collector, locale: str, subjects: list[str]) -> None:
    await collector.tenant("north", locale=locale)
    await collector.until("2026-02-17")
    assert collector.outbox.subjects == subjects


async def test_the_overdue_letter_says_when_the_site_would_close(collector: Collector) -> None:
    await collector.tenant("north")
    await collector.until("2026-02-17")
    assert "suspended on March\N{NO-BREAK SPACE}1" in text_of(collector.outbox.letters[-1])


async def test_a_letter_that_lost_its_point_is_not_sent(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.tick()
    collector.outbox.failing = MailUnavailable("the server is away")
    for day in ("2026-02-15T01:00", "2026-02-16T01:00"):
        collector.stage.set_time(at(day))
        await collector.tick(post=False)
    with pytest.raises(MailUnavailable):
        await collector.post()
    assert await collector.status(scope) == "past_due"
    await collector.pay(scope)
    collector.outbox.failing = None
    collector.stage.clock.advance(3_600)
    await collector.post()
    assert collector.outbox.subjects == ["Invoice MQ-2026-000001: $10.00", "Invoice MQ-2026-000001 is settled"]


@pytest.mark.parametrize("address", ["", "no address", "a@b", "x@y.example\r\nBcc: z@y.example"])
async def test_without_an_address_the_schedule_goes_on(collector: Collector, address: str) -> None:
    scope = await collector.stage.add_tenant("quiet", owner_email=address)
    await collector.stage.begin(scope, monthly(), anchor=START)
    collector.stage.set_time(at("2026-02-01T01:00"))
    await collector.bill()
    await collector.until("2026-03-02")
    assert (await collector.status(scope), collector.outbox.letters) == ("suspended", [])


async def test_a_name_bends_no_letter(collector: Collector) -> None:
    scope = await collector.tenant("north")
    hostile = "<script>x</script>\r\nBcc: all@x.example {number} {{ 7*7 }}"
    repository_name = {"brand": {"name": hostile}}
    await collector.collections.desk.tenants.amend("north", lambda fields, ours: ours.update(repository_name))
    await collector.until("2026-03-02")
    letter = collector.outbox.letters[-1]
    assert letter["Bcc"] is None
    assert "<script" not in text_of(letter, "html")
    assert "{{ 7*7 }}" in text_of(letter)
    assert at("2026-03-01T01:00") == (await collector.dunning(scope)).held_at


async def test_the_logo_travels_with_the_letter(collector: Collector) -> None:
    await collector.tenant("north")
    head = Letterhead(logo=pixel(), logo_format="png", accent="#b4540a")
    database, clock = collector.stage.database, collector.stage.clock
    documents = Documents(database, head, clock)
    collector.postroom = BillingPostroom(database, documents, head, collector.outbox, pay_address)
    await collector.tick()
    (letter,) = collector.outbox.letters
    assert 'src="cid:logo"' in text_of(letter, "html")
    assert [part["Content-ID"] for part in letter.walk() if part.get_content_type() == "image/png"] == ["<logo>"]


async def test_a_letter_goes_out_once(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.tick()
    invoice = await collector.stage.invoice(scope, "0")
    await collector.collections.write_letter(scope, invoice, "issued", key="issued")
    await collector.collections.jobs.enqueue(
        scope, MAIL_BILLING, {"invoice": "0", "kind": "issued", "key": "issued"}, unique_key="again"
    )
    await collector.post()
    assert len(collector.outbox.letters) == 1


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("card_declined", "die Bank hat die Karte abgelehnt"),
        ("insufficient_funds", "die Karte ist nicht ausreichend gedeckt"),
        ("pickup_card", ""),
        ("Try\r\nBcc: all@mail.example", ""),
    ],
)
def test_a_gateways_code_is_told_in_words_or_not_at_all(reason: str, said: str) -> None:
    about = Occasion(
        site="Nordlicht", issuer="Lantern", number="MQ-1", period="", amount="1 €", day="1. Mai", reason=reason
    )
    lines = wording.text_of("payment_failed", about, language_of("de", zone="UTC")).lines
    assert reason not in "".join(lines)
    assert [each for each in lines if "Grund" in each] == ([f"Angegebener Grund: {said}"] if said else [])
