"""Letters about money to operators, in the platform's name and the tenant's language, by durable jobs.

A letter that has lost its point, because the bill was paid before it got away, is not sent. One that went out is noted
with the invoice under its key; whoever dies between the two sends it again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path
from typing import Final, final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from billing.contracts.repository import ContractRepository
from billing.documents.desk import Documents
from billing.documents.invoicing import payment_note
from billing.documents.language import Language, language_of
from billing.documents.letterhead import Letterhead
from billing.dunning.collecting import due_of
from billing.dunning.model import Dunning, LetterKind, dunning_of
from billing.dunning.repository import DunnedRepository
from billing.dunning.wording import Occasion, Text, footing_of, text_of
from billing.invoices.model import Invoice
from storage.jobs import Job
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.mail.letters import BadAddress, address_of, plain_line
from tenancy.mail.mailer import Mailer
from tenancy.model import Tenant
from tenancy.tenants import TenantStore

_TEMPLATES: Final = Path(__file__).with_name("templates")
_WHILE_OPEN: Final = frozenset({"payment_failed", "overdue", "will_be_suspended", "suspended"})
_WITH_PDF: Final = frozenset({"issued", "overdue", "will_be_suspended", "suspended"})
_PICTURES: Final = {"png": "png", "jpg": "jpeg"}
"""What mail programs show; they leave SVG out."""


class _About(Struct, frozen=True):
    """What a letter is written of."""

    scope: TenantScope
    tenant: Tenant
    invoice: Invoice
    dunning: Dunning
    kind: LetterKind
    job: Job
    language: Language
    has_method: bool


@final
class BillingPostroom:
    """Writes and hands over letters about money. `pay_address` of a tenant and an invoice is where it can be paid."""

    def __init__(
        self,
        database: Database,
        documents: Documents,
        letterhead: Letterhead,
        mailer: Mailer,
        pay_address: Callable[[str, str], str],
    ) -> None:
        self._pay_address = pay_address
        self._database = database
        self._documents = documents
        self._head = letterhead
        self._mailer = mailer

    async def send(self, job: Job) -> None:
        """Does a job of kind `mail_billing`. Raises what a Mailer does."""
        if not isinstance(job.scope, TenantScope):
            return
        about = await self._about(job.scope, job)
        if about is None:
            return
        message = await self._message(about)
        if message is not None:
            await self._mailer.send(message)
        await DunnedRepository(self._database, job.scope).note_letter(about.invoice.id, str(job.payload["key"]))

    async def _about(self, scope: TenantScope, job: Job) -> _About | None:
        invoice = await DunnedRepository(self._database, scope).get(str(job.payload["invoice"]))
        tenant = await TenantStore(self._database).get(scope.tenant_id)
        dunning = None if invoice is None else dunning_of(invoice.dunning)
        if invoice is None or tenant is None or dunning is None or job.payload["key"] in dunning.told:
            return None
        kind: LetterKind = job.payload["kind"]
        if kind in _WHILE_OPEN and (invoice.state != "issued" or invoice.due <= 0):
            return None
        contract = await ContractRepository(self._database, scope).get()
        language = language_of(invoice.bill_to.locale, zone="UTC" if contract is None else contract.zone)
        has_method = contract is not None and contract.gateway == invoice.gateway and contract.method is not None
        return _About(scope, tenant, invoice, dunning, kind, job, language, has_method)

    async def _message(self, about: _About) -> EmailMessage | None:
        invoice, sender = about.invoice, address_of(self._mailer.sender)
        try:
            recipient = address_of(invoice.bill_to.email or about.tenant.owner_email)
        except BadAddress:
            # Nobody can be told. The schedule goes on: the owner sees the invoice and the site in the console.
            return None
        occasion = _occasion(about, self._pay_address(about.scope.tenant_id, invoice.id))
        text = text_of(about.kind, occasion, about.language)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(display_name=plain_line(occasion.issuer), addr_spec=sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = plain_line(text.subject)
        message["Message-ID"] = f"<billing.{about.job.id}@{sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        footing = footing_of(occasion, about.language)
        message.set_content(_plain(text, occasion, footing, about.language))
        self._add_page(message, text, occasion, footing, about.language)
        for name, invoice_id in await self._attached(about):
            pdf = await self._documents.invoice_pdf(about.scope, invoice_id)
            message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{name}.pdf")
        # Last: adding parts moves the headers of the content to the first of them.
        message["Content-Language"] = about.language.tag
        return message

    def _add_page(
        self, message: EmailMessage, text: Text, occasion: Occasion, footing: str, language: Language
    ) -> None:
        picture = self._head.logo if self._head.logo_format in _PICTURES else None
        page = (
            _environment()
            .get_template("letter.html")
            .render(
                text=text,
                about=occasion,
                footing=footing,
                language=language.tag,
                accent=self._head.accent,
                pay=language.say("Pay now"),
                logo=None if picture is None else "cid:logo",
            )
        )
        message.add_alternative(page, subtype="html")
        if picture is not None:
            parts = message.get_payload()
            html = parts[-1] if isinstance(parts, list) else None
            assert isinstance(html, EmailMessage)
            html.add_related(picture, maintype="image", subtype=_PICTURES[self._head.logo_format], cid="<logo>")

    async def _attached(self, about: _About) -> list[tuple[str, str]]:
        """Names and ids of the documents that go along."""
        invoice = about.invoice
        if about.kind in _WITH_PDF:
            return [(invoice.number or invoice.id, invoice.id)]
        if about.kind != "paid":
            return []
        notes = await DunnedRepository(self._database, about.scope).credit_notes(invoice.id)
        return [(note.number or note.id, note.id) for note in notes]


def _occasion(about: _About, pay_address: str) -> Occasion:
    invoice, language = about.invoice, about.language
    amount = int(about.job.payload.get("amount") or invoice.due or invoice.carried)
    hold_at = about.dunning.hold_at()
    is_open = invoice.state == "issued" and invoice.due > 0
    charges = invoice.gateway == "stripe" and about.has_method
    asks = is_open and about.kind != "payment_failed" and invoice.gateway == "manual"
    return Occasion(
        site=about.tenant.brand.name or about.tenant.domain,
        issuer=invoice.issuer.name,
        number=invoice.number or invoice.id,
        period=language.span(invoice.start, invoice.end),
        amount=language.money(amount, invoice.currency),
        day=language_of(language.tag, zone=invoice.issuer.zone).day(due_of(invoice, about.dunning)),
        hold_day="" if hold_at is None else language.day(hold_at),
        reason=str(about.job.payload.get("reason") or ""),
        is_open=is_open,
        is_carried=not is_open and invoice.carried > 0,
        charges=charges,
        # Of what is charged by itself nobody is asked to pay it, until that went wrong.
        pay_url=pay_address if is_open and not (charges and about.kind == "issued") else None,
        payment=payment_note(invoice, language, amount=invoice.due) if asks else None,
    )


def _plain(text: Text, about: Occasion, footing: str, language: Language) -> str:
    parts = [text.heading, *text.lines]
    if about.pay_url:
        label = language.say("Pay now")
        parts.append(f"{label}:\n{about.pay_url}")
    if about.payment is not None:
        facts = [f"{fact.label}: {fact.value}" for fact in about.payment.facts]
        parts.append("\n".join([*facts, *about.payment.lines]))
    return "\n\n".join([*parts, f"-- \n{about.issuer}", footing]) + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
