"""Every query over the reports of a site and over those who made them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from accounts.model import ViewerId
from content.comments.orders import Place
from content.lenient import read
from content.reports.model import Fate, Report, Reporter, open_key
from storage.errors import Conflict
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantRepository

_OWNER: Final = ("_id.owner", 1)
_MOST_REPORTERS: Final = 200


class ReportRepository(TenantRepository[Report]):
    """The reports of one site."""

    collection = "reports"
    document = Report

    @classmethod
    def _decode(cls, document: Stored) -> Report:
        return read(document, Report)

    async def named(self, report_id: str) -> Report | None:
        """The report of this id as text; a brought id may be a number."""
        found = await self._get(report_id)
        if found is None and report_id.isascii() and report_id.isdecimal() and len(report_id) < 19:
            return await self._get(int(report_id))
        return found

    async def get(self, report_id: object) -> Report | None:
        """The report of exactly this id."""
        return await self._get(report_id)

    async def open_about(self, target: str, issue: str) -> Report | None:
        """The pending report of an issue with a target, the oldest where several were brought."""
        where = {"_marquee.target": target, "_marquee.issue": issue, "_marquee.fate": "pending"}
        return await self._find_one(where, sort=[("_marquee.at", 1), ("_marquee.key", 1)])

    async def add(self, report_id: str, fields: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        """Raises Conflict: there is a pending one about the same."""
        await self._insert(report_id, {**fields, "_marquee": dict(ours)})

    async def count_reporter(self, report_id: object, step: int) -> bool:
        """One viewer more or less; whether it is still pending."""
        pending = {"_marquee.fate": "pending"}
        return await self._update(report_id, {"$inc": {"_marquee.count": step}}, where=pending) == 1

    async def decide(self, report_id: object, fate: Fate, changes: Mapping[str, Any], *, was: Fate) -> Report | None:
        """The report with its fate; None where that was another meanwhile. Raises Conflict: one is open already."""
        where = {"_marquee.fate": was}
        if fate == "pending":
            found = await self._get(report_id)
            if found is None:
                return None
            other = await self.open_about(found.ours.target, found.ours.issue)
            if other is not None and other.id != report_id:
                raise Conflict("another report about this is open", ("_marquee.open",))
            key = open_key(found.ours.target, found.ours.issue)
            return await self._change(report_id, {"$set": {**changes, "_marquee.open": key}}, where=where)
        return await self._change(report_id, {"$set": dict(changes), "$unset": {"_marquee.open": ""}}, where=where)

    async def page(self, fate: Fate, *, after: Place | None, limit: int) -> list[Report]:
        """Reports of one fate, the newest first."""
        where: dict[str, Any] = {"_marquee.fate": fate}
        if after is not None:
            at, key = after.numbers[0] if after.numbers else 0, after.key
            where["$or"] = [{"_marquee.at": {"$lt": at}}, {"_marquee.at": at, "_marquee.key": {"$gt": key}}]
        return await self._list(where, sort=[("_marquee.at", -1), ("_marquee.key", 1)], limit=limit)

    async def pending(self) -> AsyncIterator[Report]:
        """What the medic has to look into, the oldest first."""
        async for report in self._find({"_marquee.fate": "pending"}, sort=[("_marquee.at", 1), ("_marquee.key", 1)]):
            yield report

    async def many(self, ids: Sequence[object]) -> list[Report]:
        """Those of the ids that are there."""
        return await self._list({"_id.id": {"$in": list(ids)}}, limit=len(ids)) if ids else []


class ReporterRepository(TenantRepository[Reporter]):
    """Who reported what: one entry a viewer and report."""

    collection = "report_reporters"
    document = Reporter

    async def add(self, report_id: object, viewer: ViewerId, at: int, note: str) -> None:
        """Raises Conflict: the viewer reported this before."""
        await self._insert(_key(report_id, viewer), {"at": at, "note": note})

    async def has(self, report_id: object, viewer: ViewerId) -> bool:
        """Whether the viewer reported this."""
        return await self._get(_key(report_id, viewer)) is not None

    async def on(self, report_id: object) -> list[Reporter]:
        """The newest words about a report."""
        return await self._list({"_id.id.report": {"$eq": report_id}}, sort=[("at", -1)], limit=_MOST_REPORTERS)

    async def by(self, viewer: ViewerId, *, after: Place | None, limit: int) -> list[Reporter]:
        """What the viewer reported, the newest first."""
        where: dict[str, Any] = {"_id.id.viewer": {"$eq": viewer}}
        if after is not None:
            where["at"] = {"$lt": after.numbers[0] if after.numbers else 0}
        return await self._list(where, sort=[("at", -1)], limit=limit)

    async def all_by(self, viewer: ViewerId) -> AsyncIterator[Reporter]:
        """Everything that the viewer reported."""
        async for reporter in self._find({"_id.id.viewer": {"$eq": viewer}}):
            yield reporter

    async def remove(self, report_id: object, viewer: ViewerId) -> bool:
        """Whether there was such an entry."""
        return await self._delete(_key(report_id, viewer))

    async def remove_by(self, viewer: ViewerId) -> int:
        """How many there were."""
        return await self._delete_where({"_id.id.viewer": {"$eq": viewer}})


def _key(report_id: object, viewer: ViewerId) -> dict[str, object]:
    return {"report": report_id, "viewer": viewer}


INDEXES = (
    Index("reports", (_OWNER, ("_marquee.fate", 1), ("_marquee.at", -1), ("_marquee.key", 1)), "owner_fate_newest"),
    Index(
        "reports",
        (_OWNER, ("_marquee.target", 1), ("_marquee.issue", 1), ("_marquee.fate", 1)),
        "owner_target_issue_fate",
    ),
    Index(
        "reports",
        (_OWNER, ("_marquee.open", 1)),
        "owner_open",
        unique=True,
        partial={"_marquee.open": {"$gt": ""}},
    ),
    Index("report_reporters", (_OWNER, ("_id.id.viewer", 1), ("at", -1)), "owner_viewer_newest"),
    Index("report_reporters", (_OWNER, ("_id.id.report", 1), ("at", -1)), "owner_report_newest"),
)
