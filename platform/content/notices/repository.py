"""Every query over notices, what was announced, and how viewers want to be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from content.notices.model import Notice, PendingAddress, Release, Wishes
from storage.errors import Conflict
from storage.indexes import Index
from storage.moments import EpochMillis, moment
from storage.repository import TenantRepository

KEPT_SECONDS: Final = 180 * 24 * 3_600
_READ: Final = "_marquee.read_at"
_MAILED: Final = "_marquee.mailed_at"


class Place(Struct, frozen=True):
    """Where a list ended: epoch milliseconds and the key."""

    at: EpochMillis
    key: str


class NoticeRepository(TenantRepository[Notice]):
    """The notices of one site's viewers."""

    collection = "notices"
    document = Notice

    async def put(self, notices: Sequence[Notice]) -> None:
        """Writes those that are not there; those that are keep what became of them."""
        await self._merge_many([(each.id, _fields(each), {}) for each in notices])

    async def get(self, viewer_id: object, key: str) -> Notice | None:
        """One notice."""
        return await self._get(notice_id(viewer_id, key))

    async def latest(self, viewer_id: object, *, after: Place | None, limit: int) -> list[Notice]:
        """The newest first."""
        wanted: list[Mapping[str, Any]] = [{"viewer": viewer_id}]
        if after is not None:
            at = moment(after.at / 1_000)
            wanted += [{"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "key": {"$gt": after.key}}]}]
        return await self._list({"$and": wanted}, sort=[("created_at", -1), ("key", 1)], limit=limit)

    async def unread(self, viewer_id: object, limit: int) -> int:
        """How many are unread, counted to `limit`."""
        return await self._count({"viewer": viewer_id, _READ: {"$exists": False}}, limit=limit)

    async def to_mail(self, viewer_id: object, since: datetime, limit: int) -> list[Notice]:
        """What was neither read nor mailed since, the oldest first."""
        fresh = {_READ: {"$exists": False}, _MAILED: {"$exists": False}, "created_at": {"$gte": since}}
        return await self._list({"viewer": viewer_id, **fresh}, sort=[("created_at", 1)], limit=limit)

    async def mailed(self, viewer_id: object, keys: Sequence[str], now: datetime) -> None:
        """They went out by e-mail."""
        await self._update_where({"viewer": viewer_id, "key": {"$in": list(keys)}}, {"$set": {_MAILED: now}})

    async def read(self, viewer_id: object, keys: Sequence[str] | None, now: datetime) -> int:
        """Marks these, or (None) all, as read; how many were not."""
        wanted: dict[str, Any] = {"viewer": viewer_id, _READ: {"$exists": False}}
        if keys is not None:
            wanted["key"] = {"$in": list(keys)}
        return await self._update_where(wanted, {"$set": {_READ: now}})

    async def all_of(self, viewer_id: object) -> AsyncIterator[Notice]:
        """Every notice of the viewer."""
        async for notice in self._find({"viewer": viewer_id}):
            yield notice

    async def give(self, notice: Notice, viewer_id: object) -> None:
        """Makes it another viewer's, as it is."""
        ours = {name: at for name, at in asdict(notice.ours).items() if at is not None}
        await self._merge_many([(notice_id(viewer_id, notice.key), _fields(notice) | {"viewer": viewer_id}, ours)])
        await self._delete(notice.id)

    async def remove_all(self, viewer_id: object) -> int:
        """How many there were."""
        return await self._delete_where({"viewer": viewer_id})


class ReleaseRepository(TenantRepository[Release]):
    """What one site's viewers were told of already."""

    collection = "releases"
    document = Release

    async def claim(self, title_id: str, unit: str, batch: str, now: datetime) -> bool:
        """Whether the unit is this batch's to tell of, also when asked again."""
        key = {"title": title_id, "unit": unit}
        try:
            await self._insert(key, {"batch": batch, "at": now})
        except Conflict:
            held = await self._get(key)
            return held is not None and held.batch == batch
        return True


class WishesRepository(TenantRepository[Wishes]):
    """How one site's viewers want to be told."""

    collection = "notice_wishes"
    document = Wishes

    async def get(self, viewer_id: object) -> Wishes | None:
        """The viewer's."""
        return await self._get(viewer_id)

    async def by(self, name: str, token: str) -> Wishes | None:
        """Whose `feed`, `stop` or `pending.token` it is."""
        return await self._find_one({name: token})

    async def set(
        self, viewer_id: object, fields: Mapping[str, Any], *, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Sets fields; None takes one away. With `where` only what is there and matches is changed."""
        change: dict[str, Any] = {}
        if given := {name: value for name, value in fields.items() if value is not None}:
            change["$set"] = given
        if gone := {name: "" for name, value in fields.items() if value is None}:
            change["$unset"] = gone
        return await self._update(viewer_id, change, where=where, upsert=where is None) == 1

    async def mailable(self, viewer_ids: Sequence[Any]) -> list[Any]:
        """Those of the viewers who have confirmed an address."""
        keys = [{"owner": self.scope.owner, "id": each} for each in viewer_ids]
        confirmed = {"_id": {"$in": keys}, "confirmed_at": {"$exists": True}, "email": {"$exists": True}}
        return [each.id for each in await self._list(confirmed, limit=max(1, len(keys)))]

    async def remove(self, viewer_id: object) -> bool:
        """Whether there were any."""
        return await self._delete(viewer_id)


def pending_fields(pending: PendingAddress) -> dict[str, Any]:
    """As stored."""
    return asdict(pending)


def notice_id(viewer_id: object, key: str) -> dict[str, object]:
    """The document's id."""
    return {"viewer": viewer_id, "key": key}


def _fields(notice: Notice) -> dict[str, Any]:
    fields = asdict(notice)
    del fields["id"], fields["ours"]
    return {name: value for name, value in fields.items() if value is not None}


_OWNER: Final = ("_id.owner", 1)
INDEXES: Final = (
    Index("notices", (_OWNER, ("viewer", 1), ("created_at", -1), ("key", 1)), "owner_viewer_created"),
    Index("notices", (("created_at", 1),), "expiry", options={"expireAfterSeconds": KEPT_SECONDS}),
    *(
        Index("notice_wishes", (_OWNER, (name, 1)), f"owner_{label}", partial={name: {"$gt": ""}})
        for name, label in (("feed", "feed"), ("stop", "stop"), ("pending.token", "pending_token"))
    ),
)
