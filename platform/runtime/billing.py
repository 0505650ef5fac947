"""Puts billing together: the gateways that are set up, and who hears of what was paid."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from billing.gateways.manual.gateway import ManualGateway
from billing.gateways.protocol import Gateway
from billing.invoices.model import Issuer
from billing.memberships.settling import hearing
from billing.payments.cashier import Cashier, Hooks
from runtime.dunning import collections_of
from runtime.memberships import members_of
from runtime.settings import Settings
from runtime.stores import Stores


@asynccontextmanager
async def taking_payments(stores: Stores) -> AsyncGenerator[Cashier]:
    """What payments are taken with; the end closes the gateways' connections."""
    async with AsyncExitStack() as stack:
        gateways = {gateway.name: gateway for gateway in gateways_of(stores.settings)}
        for gateway in gateways.values():
            stack.push_async_callback(gateway.close)
        yield Cashier(
            database=stores.database,
            clock=stores.clock,
            audit=stores.audit,
            events=stores.events,
            gateways=gateways,
            hooks=hooks_of(stores),
        )


def gateways_of(settings: Settings) -> list[Gateway]:
    """The bank by hand, and every service whose settings are set."""
    gateways: list[Gateway] = [ManualGateway()]
    stripe, btcpay = settings.stripe, settings.btcpay
    if stripe.secret_key is not None:
        # Its library takes a third of a second to load.
        from billing.gateways.stripe.gateway import StripeGateway

        gateways.append(
            StripeGateway(
                secret_key=stripe.secret_key,
                webhook_secrets=stripe.webhook_secrets,
                api_base=stripe.api_base,
                crypto=stripe.crypto,
            )
        )
    if btcpay.url and btcpay.store and btcpay.api_key and btcpay.webhook_secret:
        from billing.gateways.btcpay.gateway import BtcpayGateway

        gateways.append(
            BtcpayGateway(
                url=btcpay.url, store=btcpay.store, api_key=btcpay.api_key, webhook_secret=btcpay.webhook_secret
            )
        )
    return gateways


def hooks_of(stores: Stores) -> Hooks:
    """Who is told of payments."""
    collections = collections_of(stores)
    heard = hearing(members_of(stores))
    return Hooks(
        invoice_settled=(collections.settled,),
        invoice_reopened=(collections.reopened,),
        charge_failed=(collections.charge_failed,),
        purchase_paid=(heard,),
        purchase_reversed=(heard,),
    )


def issuer_of(settings: Settings) -> Issuer:
    """Who the invoices are from."""
    return Issuer(**msgspec.structs.asdict(settings.billing.issuer))
