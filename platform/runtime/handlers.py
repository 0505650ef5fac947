"""Which jobs this process can work, and how."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from accounts.viewers import FORGET_AGAIN
from billing.webhooks.inbox import GATEWAY_EVENT
from billing.webhooks.work import work as gateway_work
from content.importing.works import RESOLVE_BUCKET, RESOLVE_MEDIA
from content.links.asking import LinkAsker
from content.links.checking import CHECK_LINKS, LinkChecks, check_title
from content.media.resolving import Asking, resolve_media
from content.resolving import resolve_buckets
from content.takedowns.screening import screen_title
from content.takedowns.work import KINDS as TAKEDOWN_KINDS
from content.takedowns.work import work as takedown_work
from runtime.composition import Services
from runtime.jobs import Handler
from runtime.notices import notice_handlers
from storage.jobs import Job
from storage.scope import TenantScope
from streaming.model import Document
from tenancy.resolver import platform_scope


def handlers_of(services: Services) -> dict[str, Handler]:
    """A handler for every kind of job; without Telegram nobody can ask it, and the jobs that want to wait."""
    handlers = notice_handlers(services.stores, services.themes) | _taking_down(services) | _checking_links(services)
    handlers |= _taking_payments(services)
    handlers |= _forgetting(services)
    return handlers | (_asking_telegram(services) if services.core.telegram is not None else {})


def _taking_down(services: Services) -> dict[str, Handler]:
    async def take_down(job: Job) -> None:
        await takedown_work(services.stores.takedowns, services.stores.system, job)

    return dict.fromkeys(TAKEDOWN_KINDS, take_down)


def _forgetting(services: Services) -> dict[str, Handler]:
    stores = services.stores

    async def forget_again(job: Job) -> None:
        assert isinstance(job.scope, TenantScope)
        viewer, into = job.payload["viewer"], job.payload.get("into")
        await stores.viewers.forget_again(job.scope, viewer, stores.belongings, into=into)

    return {FORGET_AGAIN: forget_again}


def _taking_payments(services: Services) -> dict[str, Handler]:
    async def gateway_event(job: Job) -> None:
        await gateway_work(services.cashier, job.payload)

    return {GATEWAY_EVENT: gateway_event}


def _checking_links(services: Services) -> dict[str, Handler]:
    stores = services.stores
    checks = LinkChecks(
        database=stores.database,
        limits=stores.limits,
        platform=platform_scope(),
        clock=stores.clock,
        ask=LinkAsker(),
        monotonic=time.monotonic,
    )

    async def check_links(job: Job) -> None:
        await check_title(checks, job.scope, job.payload)

    return {CHECK_LINKS: check_links}


def _asking_telegram(services: Services) -> dict[str, Handler]:
    asking = _asking(services)
    database, jobs = services.stores.database, services.stores.jobs

    async def buckets(job: Job) -> None:
        await resolve_buckets(
            database, job.scope, job.payload, inspect=asking.inspect, may_read=asking.may_read, locate=asking.locate
        )
        # What the bucket turned out to be may have been taken down before.
        await screen_title(database, job.scope, platform_scope(), job.payload["title_id"])

    async def media(job: Job) -> None:
        async def again(payload: Mapping[str, Any]) -> None:
            await jobs.enqueue(job.scope, RESOLVE_MEDIA, payload)

        await resolve_media(database, job.scope, job.payload, asking=asking, again=again)

    return {RESOLVE_BUCKET: buckets, RESOLVE_MEDIA: media}


def _asking(services: Services) -> Asking:
    from streaming.telegram.references import chat_id_of
    from streaming.telegram.source import TelegramSource

    telegram = services.core.telegram
    assert isinstance(telegram, TelegramSource)
    channels = services.stores.settings.telegram.storage_channels
    owners = {chat_id_of(channel): owner for channel, owner in channels.items()}

    def may_read(chat: int, owner: str) -> bool:
        return owners.get(chat_id_of(chat)) == owner

    async def locate(media_id: int, owner: str) -> tuple[int, int]:
        found = await telegram.complete(Document(owner, media_id=media_id))
        assert found.chat_id is not None
        assert found.message_id is not None
        return found.chat_id, found.message_id

    return Asking(telegram.inspect, locate, may_read, time.monotonic)
