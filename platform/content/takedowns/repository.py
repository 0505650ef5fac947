"""Every query of the desk: notices, banned files, and the bans that lie on an owner's titles."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from content.model import Title
from content.repository import TitleRepository
from content.takedowns.model import BannedFile, Event, Notice, Status
from content.takedowns.standing import TitleBan
from storage.mongo import Stored
from storage.repository import TenantRepository

MOST_BEARERS: Final = 200
_BEARING: Final[Mapping[str, str]] = {"hash": "files.file_hash", "media": "files.tg_raw.media_id"}


class Place(Struct, frozen=True, array_like=True):
    """Where a page of the queue ended."""

    received_at: datetime
    id: str


class NoticeRepository(TenantRepository[Notice]):
    """The notices of one site."""

    collection = "takedowns"
    document = Notice

    async def add(self, notice: Notice) -> None:
        """Raises Conflict where the receipt number is taken."""
        fields: Stored = msgspec.to_builtins(notice, builtin_types=(datetime,))
        del fields["id"]
        await self._insert(notice.id, fields)

    async def get(self, receipt: str) -> Notice | None:
        """The notice of this receipt number."""
        return await self._get(receipt)

    async def page(self, *, status: Status | None, after: Place | None, limit: int) -> list[Notice]:
        """The queue, newest first."""
        rules: list[Mapping[str, Any]] = [] if status is None else [{"status": status}]
        if after is not None:
            same = {"received_at": after.received_at, "_id.id": {"$gt": after.id}}
            rules.append({"$or": [{"received_at": {"$lt": after.received_at}}, same]})
        wanted = {"$and": rules} if rules else None
        return await self._list(wanted, sort=[("received_at", -1), ("_id.id", 1)], limit=limit)

    async def between(self, start: datetime, end: datetime) -> AsyncIterator[Notice]:
        """Those received in the half-open span, oldest first."""
        span = {"received_at": {"$gte": start, "$lt": end}}
        async for notice in self._find(span, sort=[("received_at", 1), ("_id.id", 1)]):
            yield notice

    async def count(self, *, status: Status | None = None, limit: int | None = None) -> int:
        """How many there are, of the status if one is given."""
        return await self._count(None if status is None else {"status": status}, limit=limit)

    async def change(
        self, receipt: str, fields: Mapping[str, Any], event: Event, *, where: Mapping[str, Any]
    ) -> Notice | None:
        """Sets fields and adds a line of history, if the notice still matches `where`; as it is afterwards."""
        values: Stored = {name: _plain(value) for name, value in fields.items()}
        update = {"$set": values, "$push": {"history": _plain(event)}}
        return await self._change(receipt, update, where=where)

    async def strikes(self) -> int:
        """How many infringements stand in the site's record."""
        return await self._count({"strike": True})

    async def strikes_by_uploader(self) -> dict[str, int]:
        """The same by who had declared the rights of the material."""
        stages: list[dict[str, Any]] = [
            {"$match": {"strike": True}},
            {"$group": {"_id": "$uploader", "count": {"$sum": 1}}},
        ]
        found = [each async for each in self._aggregate(stages)]
        return {str(each["_id"]): int(each["count"]) for each in found if each["_id"] is not None}


class BannedFileRepository(TenantRepository[BannedFile]):
    """What an owner remembers of files that were taken down."""

    collection = "banned_files"
    document = BannedFile

    async def remember(
        self, key: str, *, case: str, whole: bool, public_reason: str, now: datetime, bearers: Sequence[Any]
    ) -> None:
        """Remembers the file for the case; a file of several cases is free again when none of them stands."""
        update: Stored = {
            "$addToSet": {"cases": case, "bearers": {"$each": list(bearers)}},
            "$set": {"public_reason": public_reason},
            "$setOnInsert": {"since": now},
            "$max": {"whole": whole},
        }
        await self._update(key, update, upsert=True)

    async def forget(self, case: str) -> list[str]:
        """Takes the case from every file; gives the keys that nothing stands against any more."""
        await self._update_where({"cases": case}, {"$pull": {"cases": case}})
        free = [each.id async for each in self._find({"cases": []})]
        await self._delete_where({"cases": []})
        return free

    async def of_keys(self, keys: Sequence[str]) -> list[BannedFile]:
        """Those of the keys that are banned."""
        named = [{"owner": self.scope.owner, "id": key} for key in keys]
        return await self._list({"_id": {"$in": named}}, limit=len(named)) if named else []

    async def has_any(self) -> bool:
        """Whether anything is banned at all."""
        return await self._count(limit=1) > 0


class BannedTitles(TitleRepository):
    """The bans on one owner's titles; whose files are whose."""

    async def put_ban(self, title_id: Any, ban: TitleBan | None, *, hidden_because: str | None) -> bool:
        """Writes what stands against the title, and whether it is shown."""
        fields: Stored = {
            "_marquee.ban": None if ban is None else msgspec.to_builtins(ban),
            "_marquee.hidden_because": hidden_because,
            "_marquee.visible": hidden_because is None,
        }
        return await self._update(title_id, {"$set": fields}) > 0

    async def bearers(self, keys: Sequence[str], *, but: Any) -> list[Title]:
        """Other titles that hold one of the files, at most MOST_BEARERS; what only a file id names is not looked up."""
        either: list[Mapping[str, Any]] = []
        for kind, path in _BEARING.items():
            named = [value for key in keys if (value := _value(key, kind)) is not None]
            either += [{path: {"$in": named}}] if named else []
        if not either:
            return []
        names = {"_marquee.slug": 1, "_marquee.name": 1}
        found = await self._list({"$or": either}, projection=names, limit=MOST_BEARERS)
        return [title for title in found if title.id != but]

    async def of_case(self, case: str) -> list[Title]:
        """Titles that the case stands against."""
        entries = {"$regex": f"^{re.escape(case)}($|[#!])"}
        return [title async for title in self._find({"_marquee.ban.cases": entries})]

    async def stored(self, title_id: Any) -> Stored | None:
        """One title as stored."""
        return await self._raw_one(title_id)


def _value(key: str, kind: str) -> Any:
    named, _, value = key.partition(":")
    if named != kind:
        return None
    return int(value) if kind == "media" else value


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, builtin_types=(datetime,))
