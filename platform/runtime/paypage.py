"""Puts the pages together that invoices are paid on."""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar.handlers import HTTPRouteHandler

from billing.payments.cashier import Cashier
from billing.paypage.desk import PayDesk
from billing.paypage.doors import PayRules
from billing.paypage.routes import pay_routes
from runtime.dunning import documents_of
from runtime.keys import pay_addresses
from runtime.settings import Settings
from runtime.stores import Stores


def paying_on_pages(stores: Stores, cashier: Cashier) -> list[HTTPRouteHandler]:
    """The handlers for the platform's host. Raises HomeUnusable, SettingsError."""
    desk = PayDesk(
        addresses=pay_addresses(stores.settings, stores.home), cashier=cashier, documents=documents_of(stores)
    )
    rules = PayRules(
        limits=stores.limits,
        platform=stores.system.platform_scope(),
        stablecoins=stores.settings.stripe.crypto,
        form_targets=form_targets(stores.settings),
    )
    return pay_routes(desk, rules)


def form_targets(settings: Settings) -> tuple[str, ...]:
    """Gateways on this machine that speak http: a browser is to follow a form there, too."""
    given = (settings.stripe.api_base, settings.btcpay.url)
    bases = [urlsplit(each) for each in given if each]
    return tuple(f"{base.scheme}://{base.netloc}" for base in bases if base.scheme == "http")
