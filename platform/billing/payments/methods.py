"""Saves a way to pay: the payer goes to the gateway's page, and the contract is charged by it from then on."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from billing.contracts.checking import reachable_at
from billing.contracts.desk import Contracts
from billing.contracts.model import NoContract
from billing.gateways.protocol import GatewayError, Payer, Saving
from billing.payments.applying import Mismatch
from billing.payments.cashier import Cashier
from storage.audit import Actor
from storage.moments import moment
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope
from storage.system import SystemStore
from tenancy.mail.letters import plain_line

_MOST_OPEN: Final = 5
log = logging.getLogger("marquee.billing")


class OpenSaving(TenantDocument, kw_only=True):
    """A saving that was begun; its id is the gateway's reference."""

    id: str
    gateway: str
    state: Literal["open", "saved", "failed"] = "open"
    at: datetime


class SavingRepository(TenantRepository[OpenSaving]):
    """One tenant's savings."""

    collection = "payment_methods"
    document = OpenSaving

    async def get(self, reference: str) -> OpenSaving | None:
        """The saving of this reference."""
        return await self._get(reference)

    async def open(self) -> list[OpenSaving]:
        """Those that were begun and of whose end nothing was heard yet, the latest first."""
        return await self._list({"state": "open"}, sort=[("at", -1)], limit=_MOST_OPEN)

    async def put(self, saving: OpenSaving) -> None:
        """Writes it."""
        fields: dict[str, Any] = msgspec.structs.asdict(saving)
        await self._put(fields.pop("id"), fields)


async def save_method(cashier: Cashier, scope: TenantScope, *, gateway: str, back: str) -> Saving:
    """Opens the gateway's page that saves a way to pay. Raises NoContract, GatewayError, Unsupported."""
    contract = await Contracts(cashier.database, cashier.clock, cashier.audit).get(scope)
    if contract is None:
        raise NoContract(f"{scope.tenant_id} has no contract")
    payer = Payer(
        key=f"{scope.tenant_id}:method:{secrets.token_hex(8)}",
        tenant_id=scope.tenant_id,
        name=plain_line(contract.bill_to.name),
        email=reachable_at(contract.bill_to),
        customer=contract.customer if contract.gateway == gateway else None,
    )
    saving = await cashier.gateway(gateway).save_method(payer, back=back)
    await SavingRepository(cashier.database, scope).put(
        OpenSaving(id=saving.reference, gateway=gateway, at=moment(cashier.clock()))
    )
    return saving


async def method_saved(cashier: Cashier, gateway: str, reference: str) -> bool:
    """Writes a saved way to pay into the contract; False while it is not saved.

    Raises Mismatch where the tenant that the object names has begun no such saving, GatewayError.
    """
    saving = await cashier.gateway(gateway).saved(reference)
    scope = await SystemStore(cashier.database).tenant_scope(saving.tenant_id) if saving.tenant_id else None
    savings = None if scope is None else SavingRepository(cashier.database, scope)
    begun = None if savings is None else await savings.get(reference)
    if scope is None or savings is None or begun is None or begun.gateway != gateway:
        raise Mismatch(f"{gateway} {reference} saves no way to pay of ours")
    if saving.state == "failed" and begun.state == "open":
        await savings.put(OpenSaving(id=begun.id, gateway=gateway, state="failed", at=begun.at))
    if saving.state != "succeeded" or begun.state == "saved":
        return begun.state == "saved"
    contracts = Contracts(cashier.database, cashier.clock, cashier.audit)
    actor = Actor("job", "payments")
    await contracts.set_payment(scope, gateway=gateway, customer=saving.customer, method=saving.method, actor=actor)
    await savings.put(OpenSaving(id=begun.id, gateway=gateway, state="saved", at=begun.at))
    return True


async def look_at_savings(cashier: Cashier, scope: TenantScope) -> None:
    """Asks what became of the latest savings. Who gives no answer is asked another time, or tells by webhook."""
    for each in await SavingRepository(cashier.database, scope).open():
        try:
            await method_saved(cashier, each.gateway, each.id)
        except (GatewayError, Mismatch) as error:
            log.warning("saving %s of %s cannot be looked up: %s", each.id, scope.tenant_id, error)
