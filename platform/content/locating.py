"""From a signed link's names to the bucket to stream: what streaming asks content through its BucketLocator."""

from __future__ import annotations

from content.catalogue import Catalogue
from content.model import Title
from content.playable import NotPlayable as NotOffered
from content.playable import Playable, Quality, held_back, qualities
from storage.mongo import Database
from streaming.model import Bucket
from streaming.source import DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant


class BucketLocation:
    """Finds buckets through the tenant's catalogue, so that policy, rights and status hold for streams too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        """The bucket at place `bucket` (decimal) of the title's `files`. Raises DocumentGone, NotPlayable."""
        title = await Catalogue(self._database, tenant).by_slug(title_id)
        if title is None:
            raise DocumentGone("the title is not on this site")
        offered = {str(quality.place): quality for quality in offers(title, tenant)}
        found = offered.get(bucket)
        if found is None:
            raise DocumentGone("the title has no such quality")
        if isinstance(found.verdict, Playable):
            return found.verdict.bucket
        raise NotPlayable(found.verdict.reason)


def offers(title: Title, tenant: ResolvedTenant) -> list[Quality]:
    """The qualities of a title as this tenant's site offers them; while it is held back none of them plays."""
    owner = tenant.shared.owner if title.is_shared else tenant.scope.owner
    offered = qualities(title, owner)
    held = held_back(title)
    if held is None:
        return offered
    return [Quality(each.place, each.quality, each.label, NotOffered(held)) for each in offered]
