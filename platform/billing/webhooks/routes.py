"""Where the gateways post: `POST /webhooks/{stripe,btcpay}` on the platform's host."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from litestar import MediaType, Request, Response, post
from litestar.handlers import HTTPRouteHandler

from billing.gateways.protocol import BadWebhook, Gateway
from billing.webhooks.inbox import Inbox
from storage.errors import StorageError
from storage.moments import Clock

BODY_BYTES: Final = 1 << 20
NO_STORE: Final = {"Cache-Control": "no-store"}
log = logging.getLogger("marquee.billing")


def webhook_routes(gateway_of: Callable[[str], Gateway | None], inbox: Inbox, clock: Clock) -> list[HTTPRouteHandler]:
    """The handlers; a gateway that is not set up answers 404."""

    async def take(name: str, request: Request[Any, Any, Any]) -> Response[str]:
        gateway = gateway_of(name)
        if gateway is None:
            return _said(404, "there is no such gateway here")
        body = await request.body()
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in request.scope["headers"]}
        try:
            event = gateway.event(body, headers, clock())
        except BadWebhook as error:
            log.warning("a webhook of %s was refused: %s", name, error)
            return _said(400, str(error))
        try:
            await inbox.take(name, event)
        except StorageError:
            # It comes again by itself.
            return _said(503, "try again later")
        return _said(200, "taken")

    @post("/webhooks/stripe", request_max_body_size=BODY_BYTES, include_in_schema=False, status_code=200)
    async def stripe_webhook(request: Request[Any, Any, Any]) -> Response[str]:
        return await take("stripe", request)

    @post("/webhooks/btcpay", request_max_body_size=BODY_BYTES, include_in_schema=False, status_code=200)
    async def btcpay_webhook(request: Request[Any, Any, Any]) -> Response[str]:
        return await take("btcpay", request)

    return [stripe_webhook, btcpay_webhook]


def _said(status: int, text: str) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.TEXT, headers=NO_STORE)
