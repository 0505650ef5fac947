"""Every query of the media of one owner, and its index-free collection: it is asked by id alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from content.lenient import read
from content.media.model import MediaFile
from storage.mongo import Stored
from storage.repository import TenantRepository

_AT_ONCE = 2_000


class MediaRepository(TenantRepository[MediaFile]):
    """The files that one owner's titles name by file id."""

    collection = "media"
    document = MediaFile

    @classmethod
    def _decode(cls, document: Stored) -> MediaFile:
        return read(document, MediaFile)

    async def many(self, file_ids: Iterable[str]) -> dict[str, MediaFile]:
        """What is known of those of the file ids of which anything is."""
        wanted = list(dict.fromkeys(file_ids))
        found: dict[str, MediaFile] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            keys = [{"owner": self.scope.owner, "id": each} for each in wanted[start : start + _AT_ONCE]]
            found |= {each.id: each for each in await self._list({"_id": {"$in": keys}}, limit=len(keys))}
        return found

    async def keep(self, media: MediaFile) -> None:
        """Writes what is known of the file id, in the place of what was known before."""
        fields: Mapping[str, object] = msgspec.to_builtins(media)
        await self._put(media.id, {name: value for name, value in fields.items() if name != "id"})

    async def forget_failures(self, file_ids: Iterable[str]) -> int:
        """Forgets those that could not be found, so that they are looked up again; gives how many there were."""
        keys = [{"owner": self.scope.owner, "id": each} for each in file_ids]
        return await self._delete_where({"_id": {"$in": keys}, "reason": {"$type": "string"}})
