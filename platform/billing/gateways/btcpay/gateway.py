"""BTCPay Server behind the protocol of gateways. It has no idempotency keys: the order id is looked for first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar, final
from urllib.parse import quote

import httpx
import msgspec

from billing.gateways.btcpay.examining import examined
from billing.gateways.btcpay.model import NAME, BtcpayInvoice, PaymentMethod, outcome_of
from billing.gateways.btcpay.webhook import btcpay_event
from billing.gateways.protocol import (
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    Outcome,
    Payer,
    Refund,
    Saving,
    Transfer,
    Transferred,
    UnknownObject,
    Unsupported,
)
from billing.gateways.remarks import Remark
from billing.money import in_major
from storage.moments import epoch_of

T = TypeVar("T")
TIMEOUT_SECONDS: Final = 8.0
_PAGE: Final = 50
_NOT_FOUND: Final = 404
_NO_ANSWER: Final = (401, 403, 408, 409, 425, 429)


@final
class BtcpayGateway:
    """`url` is the server's, `store` the id of the store whose invoices these are."""

    name = NAME
    charges = False
    pages = True

    def __init__(self, *, url: str, store: str, api_key: str, webhook_secret: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/api/v1/stores/{quote(store, safe='')}",
            headers={"Authorization": f"token {api_key}"},
            timeout=TIMEOUT_SECONDS,
        )
        self._server = url.rstrip("/")
        self._store = store
        self._secret = webhook_secret

    async def charge(self, order: Order) -> Outcome:
        """Raises Unsupported: nobody can take crypto without its owner."""
        raise Unsupported(f"{order.key}: BTCPay charges nobody; the payer gets a link")

    async def checkout(self, order: Order, *, back: str) -> Outcome:
        """Opens an invoice, or gives the one that is there for the order."""
        there = await self.find(order)
        if there is not None:
            return there
        body = {
            "amount": f"{in_major(order.amount, order.currency):f}",
            "currency": order.currency,
            "metadata": {
                "orderId": order.key,
                "tenant": order.tenant_id,
                "purpose": order.purpose,
                "subject": order.subject,
                "itemDesc": order.description,
                **({"buyerEmail": order.email} if order.email else {}),
            },
            "checkout": {"redirectURL": back},
        }
        return outcome_of(await self._ask("POST", "/invoices", BtcpayInvoice, json=body), ())

    async def look_up(self, reference: str) -> Outcome:
        """The invoice and its payments."""
        return await self._outcome(await self._ask("GET", f"/invoices/{_step(reference)}", BtcpayInvoice))

    async def find(self, order: Order) -> Outcome | None:
        """By the order's id; of several the one that money came for, else the oldest."""
        found = await self._ask("GET", "/invoices", list[BtcpayInvoice], params={"orderId": order.key})
        ours = [each for each in found if each.metadata.get("orderId") == order.key]
        outcomes = [await self._outcome(each) for each in sorted(ours, key=lambda each: (each.created_time, each.id))]
        return max(outcomes, key=lambda each: sum(part.amount for part in each.parts), default=None)

    async def cancel(self, reference: str) -> Outcome:
        """Marks the invoice as invalid, unless it is being paid."""
        before = await self.look_up(reference)
        if before.state == "action":
            try:
                await self._ask(
                    "POST", f"/invoices/{_step(reference)}/status", BtcpayInvoice, json={"status": "Invalid"}
                )
            except UnknownObject:
                raise
            except GatewayRefused:
                # Closed by itself meanwhile: what became of it is asked below.
                return await self.look_up(reference)
        return await self.look_up(reference)

    async def refund(self, reference: str, amount: int, key: str) -> Refund:
        """Raises Unsupported: the payer has to say where to; staff send it and tell the transaction."""
        del amount, key
        raise Unsupported(f"{reference}: send it back from BTCPay first, then say under which reference of the chain")

    async def save_method(self, payer: Payer, *, back: str) -> Saving:
        """Raises Unsupported."""
        raise Unsupported(f"{payer.key} (back to {back}): BTCPay keeps no ways to pay")

    async def saved(self, reference: str) -> Saving:
        """Raises Unsupported."""
        raise Unsupported(f"{reference}: BTCPay keeps no ways to pay")

    async def transfer(self, transfer: Transfer) -> Transferred:
        """Raises Unsupported."""
        raise Unsupported(f"{transfer.key}: payouts in crypto are made by hand")

    def event(self, body: bytes, headers: Mapping[str, str], now: float) -> GatewayEvent:
        """Checks `BTCPay-Sig` over the raw body."""
        return btcpay_event(body, headers, now, secret=self._secret, store=self._store)

    async def recent(self, since: datetime) -> AsyncIterator[Outcome]:
        """Invoices made since."""
        skipped = 0
        while True:
            params = {"startDate": int(epoch_of(since)), "skip": skipped, "take": _PAGE}
            page = await self._ask("GET", "/invoices", list[BtcpayInvoice], params=params)
            for invoice in page:
                yield await self._outcome(invoice)
            if len(page) < _PAGE:
                return
            skipped += len(page)

    async def examine(self, webhook: str) -> tuple[Remark, ...]:
        """The server, the store, what the key may do, and the webhook."""
        return await examined(self._client, self._server, self._store, webhook)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _outcome(self, invoice: BtcpayInvoice) -> Outcome:
        methods = await self._ask("GET", f"/invoices/{_step(invoice.id)}/payment-methods", tuple[PaymentMethod, ...])
        return outcome_of(invoice, methods)

    async def _ask(self, method: str, path: str, kind: type[T], **options: Any) -> T:
        try:
            answer = await self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise GatewayUnavailable(f"BTCPay: {type(error).__name__}") from error
        if answer.status_code == _NOT_FOUND:
            raise UnknownObject(f"BTCPay has no {path}")
        if answer.is_server_error or answer.status_code in _NO_ANSWER:
            raise GatewayUnavailable(f"BTCPay answers {answer.status_code}")
        if answer.is_client_error:
            raise GatewayRefused(f"BTCPay: {_said(answer)}")
        try:
            # Numbers in texts, as the API writes amounts.
            return msgspec.json.decode(answer.content, type=kind, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise GatewayUnavailable("BTCPay answers what cannot be read") from error


def _step(reference: str) -> str:
    return quote(reference, safe="")


def _said(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return str(answer.status_code)
    if isinstance(said, list) and said and isinstance(said[0], dict):
        said = said[0]
    return str(said.get("message", answer.status_code)) if isinstance(said, dict) else str(answer.status_code)
