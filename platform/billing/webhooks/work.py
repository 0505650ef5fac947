"""Works a webhook: what the event said is forgotten, the gateway is asked how the object is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.gateways.protocol import UnknownObject, Unsupported
from billing.payments.applying import Mismatch, apply
from billing.payments.cashier import Cashier
from billing.payments.methods import method_saved
from billing.payments.orphans import Orphans
from billing.settlements.reversing import PAYOUT, transfer_changed
from billing.webhooks.inbox import EventRepository
from storage.moments import moment

METHOD = "method"
"""The purpose of an object that saves a way to pay."""


async def work(cashier: Cashier, payload: Mapping[str, Any]) -> str:
    """What came of it: applied, saved, unknown, orphan or ignored. Raises GatewayUnavailable: it comes again."""
    outcome = await _work(cashier, str(payload["gateway"]), payload.get("reference"))
    await EventRepository(cashier.database).done(str(payload["event"]), moment(cashier.clock()), outcome)
    return outcome


async def _work(cashier: Cashier, name: str, reference: str | None) -> str:
    if reference is None:
        return "ignored"
    try:
        outcome = await cashier.gateway(name).look_up(reference)
    except Unsupported:
        return "ignored"
    except UnknownObject:
        return "unknown"
    try:
        if outcome.purpose == METHOD:
            await method_saved(cashier, name, reference)
            return "saved"
        if outcome.purpose == PAYOUT:
            await transfer_changed(cashier, outcome)
        else:
            await apply(cashier, outcome)
    except Mismatch as why:
        if outcome.parts or outcome.refunds:
            await Orphans(cashier.database).note(outcome, str(why), moment(cashier.clock()))
        return "orphan"
    return "applied"
