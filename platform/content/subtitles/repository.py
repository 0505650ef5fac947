"""What was found in containers: every query of it, over one owner's buckets."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field, to_builtins

from storage.repository import TenantDocument, TenantRepository


class KeptTrack(Struct, kw_only=True):
    """A subtitle stream: the blob that holds its WebVTT, or why there is none."""

    index: int
    codec: str = ""
    blob: str | None = None
    reason: str | None = None


class Contents(TenantDocument, kw_only=True):
    """The subtitles of one bucket, by its entity tag. `reason`: the container could not be read at `at`."""

    at: datetime
    tracks: list[KeptTrack] = field(default_factory=list[KeptTrack])
    reason: str | None = None


class ContentsRepository(TenantRepository[Contents]):
    """The contents of one owner's buckets."""

    collection = "subtitles"
    document = Contents

    async def of(self, etag: str) -> Contents | None:
        """What was found in the bucket."""
        return await self._get(etag)

    async def keep(self, contents: Contents) -> None:
        """In the place of what was found before."""
        fields = to_builtins(contents, builtin_types=(datetime,))
        del fields["id"]
        await self._put(contents.id, fields)
