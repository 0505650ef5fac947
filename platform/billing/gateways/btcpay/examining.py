"""Is the BTCPay Server set up so that money comes in? For `marquee doctor`; nothing is changed there."""

from __future__ import annotations

from typing import Any, Final

import httpx

from billing.gateways.remarks import Listener, Remark, of_webhook

EVENTS: Final = frozenset(
    f"Invoice{each}" for each in ("ReceivedPayment", "PaymentSettled", "Processing", "Expired", "Settled", "Invalid")
)
"""What the webhook has to be told of."""
_NEEDED: Final = {
    "btcpay.store.canviewinvoices": "View invoices",
    "btcpay.store.cancreateinvoice": "Create an invoice",
    "btcpay.store.canmodifyinvoices": "Modify invoices",
}
_ALL: Final = ("unrestricted", "btcpay.store.canmodifystoresettings")
_FORBIDDEN: Final = (401, 403)


class _Silent(Exception):
    """The server gave no answer that helps; the text says which."""


async def examined(client: httpx.AsyncClient, server: str, store: str, webhook: str) -> tuple[Remark, ...]:
    """The server, the store, the key and the webhook; `client` asks with the key, below the store's address."""
    try:
        _, health = await _asked(client, f"{server}/api/v1/health")
        synchronized = bool(health) and health.get("synchronized") is True
        behind = "synchronized" if synchronized else "still catching up with the chain: payments are seen late"
        said = [Remark("ok" if synchronized else "note", f"{server}: {behind}")]
        status, key = await _asked(client, f"{server}/api/v1/api-keys/current")
        if status in _FORBIDDEN:
            return (*said, Remark("bad", "BTCPay does not accept the key (setting btcpay.api_key)"))
        said += _permissions([str(each) for each in key.get("permissions", ())], store)
        status, _ = await _asked(client, "/invoices?take=1")
        if status >= httpx.codes.BAD_REQUEST:
            return (*said, Remark("bad", f"the key opens no store {store} (setting btcpay.store)"))
        return (*said, await _webhook(client, webhook))
    except _Silent as error:
        return (Remark("bad", f"no answer from BTCPay at {server}: {error}"),)


async def _asked(client: httpx.AsyncClient, address: str) -> tuple[int, Any]:
    try:
        answer = await client.get(address)
    except httpx.HTTPError as error:
        raise _Silent(type(error).__name__) from error
    if answer.is_server_error:
        raise _Silent(str(answer.status_code))
    try:
        return answer.status_code, answer.json()
    except ValueError as error:
        raise _Silent(f"{answer.status_code} and no JSON; is this the address of a BTCPay Server?") from error


def _permissions(given: list[str], store: str) -> list[Remark]:
    # `permission` is for every store, `permission:STORE` for one.
    here = {each.partition(":")[0] for each in given if each.partition(":")[2] in {"", store}}
    lacking = [] if here.intersection(_ALL) else [name for code, name in _NEEDED.items() if code not in here]
    said = [Remark("bad", f"the key lacks the permission “{name}” for store {store}") for name in lacking]
    return said or [Remark("ok", f"store {store}: the key may do all that is needed")]


async def _webhook(client: httpx.AsyncClient, webhook: str) -> Remark:
    status, listed = await _asked(client, "/webhooks")
    if status >= httpx.codes.BAD_REQUEST:
        return Remark("note", "the key may not see webhooks: whether one is there was not looked at")
    return of_webhook(webhook, [_listener(each) for each in listed], EVENTS)


def _listener(webhook: dict[str, Any]) -> Listener:
    told = webhook.get("authorizedEvents") or {}
    events = None if told.get("everything") else frozenset(told.get("specificEvents") or ())
    return Listener(str(webhook.get("url")), webhook.get("enabled") is True, events)
