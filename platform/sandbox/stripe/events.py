"""Events, and the endpoints that hear of them: https://docs.stripe.com/webhooks"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

import msgspec

from sandbox.http.store import Document

from .model import API_VERSION
from .render import shown

if TYPE_CHECKING:
    from .world import World


def signed(delivery: Document, body: bytes, secret: str, at: float) -> dict[str, str]:
    """The header that proves where a webhook comes from: HMAC-SHA256 of "time.body"."""
    stamp = str(int(at))
    proof = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={proof}", "user-agent": "Stripe/1.0 (sandbox)"}


def announced(world: World, kind: str, subject: Document, former: Document | None) -> None:
    """Make an event and post it to every endpoint that listens for its kind."""
    data: Document = {"object": shown(subject)}
    if former is not None:
        data["previous_attributes"] = former
    listening = [each for each in world.all("webhook_endpoint") if _hears(each, kind)]
    event = world.make(
        "evt",
        api_version=API_VERSION,
        data=data,
        pending_webhooks=len(listening),
        request=dict(world.request),
        type=kind,
    )
    for endpoint in listening:
        posted(world, event, endpoint)


def posted(world: World, event: Document, endpoint: Document) -> None:
    """Put an event on its way to one endpoint."""
    body = msgspec.json.format(msgspec.json.encode(shown(event)), indent=2)
    world.outbox.put(endpoint["url"], endpoint["_secret"], body, event=event["id"], endpoint=endpoint["id"])


def endpoint_made(world: World, url: str, kinds: tuple[str, ...], secret: str | None = None) -> Document:
    """Let a URL hear of events of these kinds ("*": all)."""
    return world.make(
        "we",
        api_version=None,
        application=None,
        description=None,
        enabled_events=list(kinds),
        metadata={},
        status="enabled",
        url=url,
        _secret=secret or f"whsec_{secrets.token_urlsafe(24)}",
    )


def _hears(endpoint: Document, kind: str) -> bool:
    wanted = endpoint["enabled_events"]
    alive = endpoint["status"] == "enabled" and not endpoint.get("deleted")
    return alive and ("*" in wanted or kind in wanted)
