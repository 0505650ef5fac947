"""Webhooks and their deliveries: https://docs.btcpayserver.org/API/Greenfield/v1/#tag/Webhooks"""

import secrets

import msgspec

from sandbox.http.exchange import Request
from sandbox.http.store import Document

from .errors import invalid, not_found
from .told import document_of, inner, text
from .world import ANY_STORE, World, new_id, redelivered, shown


def made(world: World, store_id: str, url: str, secret: str, wanted: list[str] | None = None) -> Document:
    """Let a URL hear of events of a store, all or those that are named."""
    webhook = {
        "id": new_id(),
        "storeId": store_id,
        "enabled": True,
        "automaticRedelivery": True,
        "url": url,
        "authorizedEvents": {"everything": wanted is None, "specificEvents": wanted or []},
        "_secret": secret,
    }
    return world.save("webhook", webhook)


def create(world: World, request: Request, store_id: str) -> Document:
    """A new webhook; its secret is told this once."""
    told = document_of(request)
    url = text(told, "url")
    if url is None:
        raise invalid("url", "The url is required")
    webhook = made(world, store_id, url, text(told, "secret") or secrets.token_hex(16))
    _changed(world, webhook, told)
    return {**_shown(webhook), "secret": webhook["_secret"]}


def list_all(world: World, request: Request, store_id: str) -> list[Document]:
    """The webhooks of a store."""
    return [_shown(each) for each in world.store.all("webhook") if each["storeId"] in {store_id, ANY_STORE}]


def retrieve(world: World, request: Request, store_id: str, key: str) -> Document:
    """A webhook."""
    return _shown(world.get("webhook", key, store_id))


def update(world: World, request: Request, store_id: str, key: str) -> Document:
    """A changed webhook."""
    webhook = world.get("webhook", key, store_id)
    _changed(world, webhook, document_of(request))
    return _shown(webhook)


def delete(world: World, request: Request, store_id: str, key: str) -> None:
    """Post nothing more to a webhook."""
    world.store.drop("webhook", world.get("webhook", key, store_id)["id"])


def deliveries(world: World, request: Request, store_id: str, key: str) -> list[Document]:
    """Deliveries of a webhook, latest first."""
    world.get("webhook", key, store_id)
    return [_told(each) for each in world.store.newest_first("delivery") if each["webhook"] == key]


def delivered(world: World, request: Request, store_id: str, key: str, delivery: str) -> Document:
    """What was sent in a delivery."""
    return event_of(_found(world, store_id, key, delivery))


def redeliver(world: World, request: Request, store_id: str, key: str, delivery: str) -> str:
    """Send it again; gives the new delivery's id."""
    event = redelivered(event_of(_found(world, store_id, key, delivery)), world.now())
    world.post(world.get("webhook", key, store_id), event)
    return str(event["deliveryId"])


def event_of(delivery: Document) -> Document:
    """The event in a delivery."""
    event: Document = msgspec.json.decode(delivery["body"])
    return event


def renewed(world: World, delivery: Document) -> None:
    """Give a refused delivery the id under which it comes again."""
    event = redelivered(event_of(delivery), world.now())
    delivery.update(body=msgspec.json.encode(event).decode(), event=event["deliveryId"])


def _found(world: World, store_id: str, key: str, delivery: str) -> Document:
    world.get("webhook", key, store_id)
    for each in world.store.newest_first("delivery"):
        if each["webhook"] == key and each["event"] == delivery:
            return each
    raise not_found("delivery")


def _changed(world: World, webhook: Document, told: Document) -> None:
    webhook["url"] = text(told, "url") or webhook["url"]
    webhook["enabled"] = told.get("enabled", webhook["enabled"]) is True
    webhook["automaticRedelivery"] = told.get("automaticRedelivery", webhook["automaticRedelivery"]) is True
    if wanted := inner(told, "authorizedEvents"):
        named = [str(each) for each in wanted.get("specificEvents") or []]
        webhook["authorizedEvents"] = {"everything": wanted.get("everything", not named), "specificEvents": named}
    if secret := text(told, "secret"):
        webhook["_secret"] = secret
    world.save("webhook", webhook)


def _shown(webhook: Document) -> Document:
    return {name: value for name, value in shown(webhook).items() if name != "storeId"}


def _told(delivery: Document) -> Document:
    status = delivery["answers"][-1]["status"] if delivery["answers"] else None
    went = "HttpSuccess" if delivery["state"] == "delivered" else "HttpError" if status else "Failed"
    return {
        "id": delivery["event"],
        "timestamp": int(delivery["made"]),
        "httpCode": status or None,
        "errorMessage": None if went == "HttpSuccess" else "The delivery has not succeeded",
        "status": went,
    }
