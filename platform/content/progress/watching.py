"""A viewer's progress on one site: what heartbeats do, what is known, what is forgotten."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from content.catalogue import Catalogue
from content.model import Title
from content.progress.histories import Histories
from content.progress.model import Beat, TitleProgress, UnitProgress, key_of, unit_field, unit_of
from content.progress.pace import advance, merged
from content.progress.repository import ProgressRepository
from content.targets import Target
from content.units import unit_keys
from storage.errors import Conflict
from storage.mongo import Database
from storage.scope import TenantScope

_ATTEMPTS: Final = 8


class NoSuchUnit(LookupError):
    """The site shows no such title, or the title has no such episode or chapter."""


class Noted(NamedTuple):
    """What is known of a unit after a heartbeat, and whether the heartbeat counted."""

    target: Target
    progress: UnitProgress
    counted: bool


class Progress:
    """The progress of one site's viewers. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, scope: TenantScope) -> None:
        self._titles = ProgressRepository(database, scope)
        self._histories = Histories(database, scope)

    async def note(self, viewer_id: object, target: Target, beat: Beat, catalogue: Catalogue) -> Noted:
        """Takes note of a heartbeat. Raises NoSuchUnit, and Conflict where many devices speak at once."""
        held = await self._titles.get_unit(viewer_id, target.title_id, target.unit)
        if held is None or unit_field(target.unit) not in held.units:
            target = await checked(target, catalogue)
            await self.take_over(viewer_id)
            held = await self._titles.get_unit(viewer_id, target.title_id, target.unit)
        for _ in range(_ATTEMPTS):
            before = held.units.get(unit_field(target.unit)) if held else None
            after = advance(before, beat)
            if after is None and before is not None:
                return Noted(target, before, counted=False)
            if after is not None and await self._write(viewer_id, target, held, {target.unit: after}):
                return Noted(target, after, counted=True)
            held = await self._titles.get_unit(viewer_id, target.title_id, target.unit)
        raise Conflict("too many devices at once")

    async def of(self, viewer_id: object, title_id: str) -> TitleProgress | None:
        """What is known of a title, with every unit."""
        await self.take_over(viewer_id)
        return await self._titles.get(viewer_id, title_id)

    async def forget(self, viewer_id: object, target: Target) -> bool:
        """Removes a title, or one unit of it, from the history; whether it was there."""
        await self.take_over(viewer_id)
        held = await self._titles.get(viewer_id, target.title_id)
        await self._histories.forget(viewer_id, target.title_id, target.unit)
        if held is None:
            return False
        left = {name: unit for name, unit in held.units.items() if target.unit and name != unit_field(target.unit)}
        if not left:
            return await self._titles.remove(viewer_id, target.title_id)
        if len(left) == len(held.units):
            return False
        await self._titles.remove(viewer_id, target.title_id)
        await self._add(viewer_id, target.title_id, {unit_of(name): unit for name, unit in left.items()})
        return True

    async def forget_all(self, viewer_id: object) -> int:
        """Removes the whole history; how many titles there were."""
        await self.take_over(viewer_id)
        await self._histories.forget(viewer_id, None)
        return await self._titles.remove_all(viewer_id)

    async def take_over(self, viewer_id: object) -> None:
        """Brings in what an import left in the user's document; nothing where that was done before."""
        brought, source = await self._histories.to_take(viewer_id)
        for entry in brought:
            await self._add(viewer_id, entry.title, {entry.unit: entry.progress})
        if source is not None:
            await self._histories.taken(viewer_id, source)

    async def merge(self, guest_id: object, viewer_id: object) -> None:
        """Gives what the guest saw to the viewer; of two places the later one stays."""
        await self.take_over(guest_id)
        await self.take_over(viewer_id)
        async for title in self._titles.all_of(guest_id):
            units = {unit_of(name): unit for name, unit in title.units.items()}
            await self._add(viewer_id, title.title, units)
            await self._titles.remove(guest_id, title.title)

    async def _add(self, viewer_id: object, title_id: str, units: dict[str, UnitProgress]) -> None:
        for _ in range(_ATTEMPTS):
            held = await self._titles.get(viewer_id, title_id)
            known = held.units if held else {}
            changed = {
                unit: merged(before, after) if (before := known.get(unit_field(unit))) else after
                for unit, after in units.items()
            }
            if await self._write(viewer_id, Target(title_id=title_id), held, changed):
                return
        raise Conflict("too many devices at once")

    async def _write(
        self, viewer_id: object, target: Target, held: TitleProgress | None, changed: dict[str, UnitProgress]
    ) -> bool:
        document = summary(viewer_id, target.title_id, held, changed)
        return await self._titles.write(document, changed, held.revision if held else None)


def summary(
    viewer_id: object, title_id: str, held: TitleProgress | None, changed: dict[str, UnitProgress]
) -> TitleProgress:
    """The title's own fields after the change: the unit that was seen last stands for it."""
    unit, last = max(changed.items(), key=lambda each: each[1].at)
    if held is not None and held.unit not in changed and held.last.at > last.at:
        unit, last = held.unit, held.last
    live = any(each.is_live for each in changed.values()) or (held is not None and held.live)
    return TitleProgress(
        id=key_of(viewer_id, title_id),
        viewer=viewer_id,
        title=title_id,
        unit=unit,
        at=last.at,
        last=replace(last, past=[]),
        open=bool(unit) or not last.finished,
        live=live,
    )


async def checked(target: Target, catalogue: Catalogue) -> Target:
    """The target under its title's own id. Raises NoSuchUnit."""
    title = await catalogue.get(target.title_id)
    if title is None or not _has(title, target.unit):
        raise NoSuchUnit(f"Nothing on this site is called {str(target)!r}.")
    return Target(title_id=str(title.id), season=target.season, episode=target.episode, chap=target.chap)


def _has(title: Title, unit: str) -> bool:
    keys = unit_keys(title)
    return unit in keys if keys else not unit
