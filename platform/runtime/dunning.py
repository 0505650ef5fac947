"""Puts documents and dunning together from the stores and the settings."""

from __future__ import annotations

from billing.documents.desk import Documents
from billing.documents.letterhead import BadLetterhead, Letterhead, letterhead
from billing.dunning.collecting import Collections
from billing.dunning.postroom import BillingPostroom
from runtime.errors import SettingsError
from runtime.keys import pay_addresses
from runtime.settings import Settings
from runtime.stores import Stores
from tenancy.mail.mailer import Mailer


def collections_of(stores: Stores) -> Collections:
    """What reminds of open invoices, closes sites, and opens them again."""
    return Collections(
        database=stores.database,
        clock=stores.clock,
        audit=stores.audit,
        desk=stores.desk,
        jobs=stores.jobs,
        platform=stores.system.platform_scope(),
    )


def letterhead_of(settings: Settings) -> Letterhead:
    """What invoices, and letters about them, look like. Raises SettingsError."""
    billing = settings.billing
    try:
        return letterhead(accent=billing.accent, logo=billing.logo, fonts=billing.fonts)
    except BadLetterhead as error:
        raise SettingsError(f"setting billing: {error}") from None


def documents_of(stores: Stores) -> Documents:
    """Where invoices are made into pages and PDFs. Raises SettingsError."""
    return Documents(stores.database, letterhead_of(stores.settings), stores.clock)


def postroom_of(stores: Stores, mailer: Mailer) -> BillingPostroom:
    """Who writes letters about money. Raises SettingsError, HomeUnusable."""
    addresses = pay_addresses(stores.settings, stores.home)
    head = letterhead_of(stores.settings)
    return BillingPostroom(stores.database, documents_of(stores), head, mailer, addresses.of)
