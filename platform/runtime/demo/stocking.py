"""Filling the platform as its people do: films by the real client, titles by the real import, pictures as blobs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from content.importing.dump import ImportServices, import_dump
from content.importing.target import Target
from content.repository import TitleRepository
from runtime.composition import Services, Stores
from runtime.demo.dump import title_id, write_dump
from runtime.demo.films import SHARED
from runtime.demo.media import PICTURE_MIME, Media, find
from runtime.demo.opening import ACTOR, open_site
from runtime.demo.sites import SHARED_CHANNEL, SITES
from runtime.demo.telling import counted
from runtime.demo.uploads import UploadBook, put
from runtime.errors import Refused
from storage.scope import PlatformScope, TenantScope
from streaming.source import ChunkSource
from streaming.telegram.source import TelegramSource
from tenancy.resolver import platform_scope

READY_SECONDS = 30.0


async def stock(services: Services, folder: Path) -> None:
    """Films, sites and titles, each where it is missing. Refused, SourceUnavailable."""
    stores, media = services.stores, folder / "media"
    book = UploadBook(folder / "telegram" / "uploads.json")
    shared = find(SHARED, media)
    await upload_films(services, shared, book, SHARED_CHANNEL)
    await import_titles(stores, Target.shared(platform_scope()), shared, book, folder / "dump" / "shared")
    for site in SITES:
        tenant = await open_site(stores, site)
        if site.channel is not None:
            own = find(site.own, media)
            await upload_films(services, own, book, site.channel)
            await import_titles(stores, Target.tenant(tenant.scope), own, book, folder / "dump" / site.id)


async def upload_films(services: Services, media: list[Media], book: UploadBook, chat_id: int) -> None:
    """Put what is not up yet into the channel. SourceUnavailable when Telegram does not take it."""
    missing = book.missing(media)
    if not missing:
        return
    source = await _signed_in(services.core.telegram)
    with counted("uploading to Telegram", len(missing)) as step:
        for each, quality in missing:
            book.enter(each, quality, await put(source, each, quality, chat_id))
            step(f"{each.film.title}, {quality}")


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


async def import_titles(stores: Stores, target: Target, media: list[Media], book: UploadBook, folder: Path) -> None:
    """Import the films as a dump, and hang up their pictures. What is there already stays as it is."""
    services = ImportServices(
        stores.database, stores.jobs, stores.audit, stores.clock, desk=stores.desk, usage=stores.usage
    )
    dump = write_dump(folder, media, book)
    report = await import_dump(services, target, "library", dump, rights="own", actor=ACTOR)
    if report.refused:
        raise Refused(f"the demo's catalogue was not imported whole: {dump} ({report.refused} refused)")
    for each in media:
        await _hang_pictures(stores, target.scope, each)


async def _hang_pictures(stores: Stores, scope: TenantScope | PlatformScope, media: Media) -> None:
    titles = TitleRepository(stores.database, scope)
    title = await titles.named(title_id(media.film))
    if title is None or title.derived.visuals.poster is not None:
        return
    pictures = {"poster": media.poster, "backdrop": media.backdrop}
    blobs = {
        name: await stores.blobs.put(scope, f"{media.film.slug}-{name}", path.read_bytes(), PICTURE_MIME)
        for name, path in pictures.items()
    }
    await titles.set_visuals(title.id, poster=blobs["poster"], backdrop=blobs["backdrop"])
