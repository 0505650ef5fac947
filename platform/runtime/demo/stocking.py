"""Filling the platform as its people do: films by the real client, titles by the real import, pictures as blobs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from content.importing.dump import import_dump
from content.importing.target import Target
from content.media.resolving import register_media
from content.repository import TitleRepository
from runtime.composition import Services, Stores, import_services
from runtime.demo.community import talk
from runtime.demo.dump import named_files, title_id, uploads, write_collections, write_dump
from runtime.demo.film import Work
from runtime.demo.media import PICTURE_MIME, place
from runtime.demo.opening import ACTOR, open_site
from runtime.demo.sets import COLLECTIONS
from runtime.demo.sites import SHARED_CHANNEL, SHARED_WORKS, SITES
from runtime.demo.telling import counted
from runtime.demo.uploads import UploadBook, put
from runtime.errors import Refused
from storage.scope import PlatformScope, TenantScope
from streaming.source import ChunkSource
from streaming.telegram.source import TelegramSource
from tenancy.resolver import platform_scope

READY_SECONDS = 30.0


@dataclass(frozen=True)
class Stock:
    """Works of one owner, where their media lies, and where their dump is written."""

    works: tuple[Work, ...]
    media: Path
    dump: Path


async def stock(services: Services, folder: Path) -> None:
    """Films, sites and titles, each where it is missing. Refused, SourceUnavailable."""
    stores = services.stores
    book = UploadBook(folder / "telegram" / "uploads.json")
    shared = Stock(SHARED_WORKS, folder / "media", folder / "dump" / "shared")
    await upload_files(services, shared, book, SHARED_CHANNEL)
    await import_titles(stores, Target.shared(platform_scope()), shared, book)
    await import_collections(stores, Target.shared(platform_scope()), shared.dump)
    for site in SITES:
        tenant = await open_site(stores, site)
        if site.channel is not None:
            own = Stock(site.own, folder / "media", folder / "dump" / site.id)
            await upload_files(services, own, book, site.channel)
            await import_titles(stores, Target.tenant(tenant.scope), own, book)
        await talk(stores, tenant)


async def upload_files(services: Services, stock: Stock, book: UploadBook, chat_id: int) -> None:
    """Put what is not up yet into the channel. SourceUnavailable when Telegram does not take it."""
    missing = book.missing(file for work in stock.works for file in uploads(work, stock.media))
    if not missing:
        return
    source = await _signed_in(services.core.telegram)
    with counted("uploading to Telegram", len(missing)) as step:
        for file in missing:
            book.enter(file, await put(source, file, chat_id))
            step(file.file_name)


async def _signed_in(source: ChunkSource | None) -> TelegramSource:
    """The source once one of its workers can work. Refused after a while."""
    if not isinstance(source, TelegramSource):
        raise Refused("the demo streams from Telegram, and this platform was started without it")
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not source.ready:  # noqa: ASYNC110 - the source offers a flag and no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Refused(f"no worker signed in to the demo's Telegram within {READY_SECONDS:.0f} s") from None
    return source


async def import_titles(stores: Stores, target: Target, stock: Stock, book: UploadBook) -> None:
    """Import the works as a dump, and hang up their pictures. What is there already stays as it is."""
    for work in stock.works:
        for file in named_files(work, stock.media, book):
            await register_media(stores.database, target.scope, file)
    dump = write_dump(stock.dump, stock.works, stock.media, book)
    report = await import_dump(import_services(stores), target, "library", dump, rights="own", actor=ACTOR)
    if report.refused:
        raise Refused(f"the demo's catalogue was not imported whole: {dump} ({report.refused} refused)")
    for work in stock.works:
        await _hang_pictures(stores, target.scope, work, place(stock.media, work.slug))


async def import_collections(stores: Stores, target: Target, folder: Path) -> None:
    """Import what is told as one."""
    dump = write_collections(folder, COLLECTIONS)
    report = await import_dump(import_services(stores), target, "collections", dump, rights=None, actor=ACTOR)
    if report.refused:
        raise Refused(f"the demo's collections were not imported whole: {dump} ({report.refused} refused)")


async def _hang_pictures(stores: Stores, scope: TenantScope | PlatformScope, work: Work, pictures: Path) -> None:
    titles = TitleRepository(stores.database, scope)
    title = await titles.named(title_id(work))
    if title is None or title.derived.visuals.poster is not None:
        return
    blobs = {
        name: await stores.blobs.put(
            scope, f"{work.slug}-{name}", (pictures / f"{name}.webp").read_bytes(), PICTURE_MIME
        )
        for name in ("poster", "backdrop")
    }
    await titles.set_visuals(title.id, poster=blobs["poster"], backdrop=blobs["backdrop"])
