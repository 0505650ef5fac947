"""From a signed link's names to the bucket to stream: what streaming asks content through its BucketLocator.

A bucket of a film is its place in `files` (`0`), one of an episode its place among the episode's qualities (`s1e2/0`),
a season pack is `pack/1` and a page, from 0, `c12.5/3`.
"""

from __future__ import annotations

import re
from mimetypes import guess_extension
from typing import Final

import msgspec

from content.audience import ADULTS
from content.catalogue import Catalogue
from content.model import Title
from content.playable import NotPlayable as NotOffered
from content.playable import Playable, Quality, held_back, qualities
from content.takedowns.bans import banned_files, refuse_banned
from content.unit_offers import UnitFiles, episodes_on, packs_on, unless_taken_down
from storage.mongo import Database
from streaming.model import Bucket
from streaming.source import DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant

_PAGE: Final = re.compile(r"(?P<key>c[0-9]{1,6}(?:\.[0-9]{1,6})?)/(?P<page>[0-9]{1,6})", re.ASCII)
_EPISODE: Final = re.compile(r"(?P<key>s[0-9]{1,6}e[0-9]{1,6})/(?P<place>[0-9]{1,6})", re.ASCII)
_PACK: Final = re.compile(r"pack/[0-9]{1,6}", re.ASCII)


class BucketLocation:
    """Finds buckets through the tenant's catalogue, so that policy, rights, takedowns and status hold for streams too.

    A link was signed for somebody who may see the title: the age gate is not asked again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        """The bucket of the title of this slug. Raises DocumentGone (TitleBanned among it), NotPlayable."""
        catalogue, files = Catalogue(self._database, tenant, ADULTS), UnitFiles(self._database, tenant)
        if (page := _PAGE.fullmatch(bucket)) is not None:
            return _given(await self._page(catalogue, files, tenant, title_id, page["key"], int(page["page"])))
        title = await catalogue.by_slug(title_id)
        if title is None:
            raise DocumentGone("the title is not on this site")
        if (episode := _EPISODE.fullmatch(bucket)) is not None:
            refuse_banned(title, tenant, episode["key"])
            unit = next((unit for unit in episodes_on(title, tenant) if unit.key == episode["key"]), None)
            return _given(_at(await files.episode(title, unit) if unit else [], episode["place"]))
        if _PACK.fullmatch(bucket):
            pack = next((pack for pack in packs_on(title, tenant) if pack.key == bucket), None)
            return _given(None if pack is None else await files.pack(title, pack))
        return _given(_at(offers(title, tenant), bucket))

    async def _page(
        self, catalogue: Catalogue, files: UnitFiles, tenant: ResolvedTenant, slug: str, key: str, page: int
    ) -> Playable | NotOffered | None:
        title = await catalogue.with_chapter(slug, key)
        if title is None:
            raise DocumentGone("the title is not on this site")
        refuse_banned(title, tenant, key)
        pages = title.chapters[0].pages if title.chapters else []
        return await files.page(title, pages[page]) if page < len(pages) else None


def offers(title: Title, tenant: ResolvedTenant) -> list[Quality]:
    """The qualities of a title as this tenant's site offers them; while it is held back none of them plays."""
    owner = tenant.shared.owner if title.is_shared else tenant.scope.owner
    held = held_back(title)
    if held is not None:
        return [Quality(each.place, each.quality, each.label, NotOffered(held)) for each in qualities(title, owner)]
    gone = banned_files(title, tenant)
    return [
        _named(title, msgspec.structs.replace(each, verdict=unless_taken_down(each.verdict, gone, file.telegram_id)))
        for each, file in zip(qualities(title, owner), title.files, strict=True)
    ]


def _named(title: Title, offered: Quality) -> Quality:
    """The quality with the name that its bytes have as a file."""
    if not isinstance(offered.verdict, Playable):
        return offered
    bucket = offered.verdict.bucket
    year = f" ({title.derived.year})" if title.derived.year else ""
    name = f"{title.name}{year} {offered.quality}".strip() + (guess_extension(bucket.mime) or "")
    return msgspec.structs.replace(offered, verdict=Playable(msgspec.structs.replace(bucket, file_name=name)))


def _at(offered: list[Quality], place: str) -> Playable | NotOffered | None:
    return next((each.verdict for each in offered if str(each.place) == place), None)


def _given(found: Playable | NotOffered | None) -> Bucket:
    if found is None:
        raise DocumentGone("the title has no such quality, episode or page")
    if isinstance(found, Playable):
        return found.bucket
    raise NotPlayable(found.reason)
