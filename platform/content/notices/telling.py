"""Telling viewers: one notice at a time, and what is new in a title to all who follow it.

A unit is claimed for its batch before anybody is told, and a notice has a key that follows from the batch: a job that
is worked again, or two jobs that name one unit, tell nobody twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from content.audience import ADULTS, AgeGateClosed
from content.catalogue import Catalogue
from content.model import Title
from content.notices.model import Kind, Notice, notice_key
from content.notices.repository import NoticeRepository, ReleaseRepository, WishesRepository, notice_id
from content.takedowns.bans import TitleBanned
from content.units import unit_keys
from content.watchlist.repository import WatchlistRepository
from storage.jobs import Job, Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.system import SystemStore
from tenancy.resolver import TenantResolver

TELL_FOLLOWERS: Final = "tell_followers"
"""New units of a title, for one tenant's followers: payload {"title_id", "units", "shared", "batch"}."""
MAIL_NOTICES: Final = "mail_notices"
"""A letter with what a viewer has not read yet: payload {"viewer"}."""
MAIL_PAUSE_SECONDS: Final = 600.0
"""What comes in within this time goes into one letter."""
_BATCH: Final = 500
_LONGEST_TEXT: Final = 300


class Notices:
    """Verbs over the notices of every site. Each raises StorageUnavailable."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock

    async def tell(
        self,
        scope: TenantScope,
        viewer_id: Any,
        kind: Kind,
        *,
        key: str,
        text: str,
        url: str,
        title_id: str | None = None,
    ) -> None:
        """Tells a viewer something; again under the same kind and key it changes nothing.

        `url` is a path on the site. With `title_id` nobody sees it to whom the site does not show the title.
        """
        own_key = notice_key(kind, key)
        notice = Notice(
            id=notice_id(viewer_id, own_key),
            viewer=viewer_id,
            key=own_key,
            kind=kind,
            created_at=moment(self._clock()),
            title=title_id,
            text=" ".join(text.split())[:_LONGEST_TEXT],
            url=url,
        )
        await self._put(scope, [notice])

    async def new_units(self, job: Job, system: SystemStore) -> None:
        """Works a `new_units` job: passes it on to every tenant who has followers of the title."""
        title_id, units = job.payload["title_id"], list(job.payload["units"])
        shared = not isinstance(job.scope, TenantScope)
        payload = {"title_id": str(title_id), "units": units, "shared": shared, "batch": job.id}
        async for scope in _scopes(job, system):
            if await WatchlistRepository(self._database, scope).is_followed([str(title_id)]):
                await self._jobs.enqueue(scope, TELL_FOLLOWERS, payload, unique_key=job.id)

    async def tell_followers(self, job: Job, resolver: TenantResolver) -> None:
        """Works a `tell_followers` job."""
        assert isinstance(job.scope, TenantScope)
        tenant = await resolver.by_id(job.scope.tenant_id)
        if tenant is None:
            return
        payload = job.payload
        title = await _shown(Catalogue(self._database, tenant, ADULTS), payload["title_id"])
        if title is None or title.is_shared != payload["shared"]:
            return
        units = await self._fresh(tenant.scope, title, payload["units"], payload["batch"])
        if not units:
            return
        followers = WatchlistRepository(self._database, tenant.scope).followers(payload["title_id"])
        async for viewer_ids in _batches(followers):
            notices = [self._notice(each, payload["title_id"], units, payload["batch"]) for each in viewer_ids]
            await self._put(tenant.scope, notices)

    async def _fresh(self, scope: TenantScope, title: Title, units: Sequence[str], batch: str) -> list[str]:
        """Those of the units that the title has and nobody was told of, in their order."""
        releases = ReleaseRepository(self._database, scope)
        now = moment(self._clock())
        wanted = set(units)
        there = [unit for unit in unit_keys(title) if unit in wanted]
        return [unit for unit in there if await releases.claim(str(title.id), unit, batch, now)]

    def _notice(self, viewer_id: Any, title_id: str, units: list[str], batch: str) -> Notice:
        key = notice_key("new_units", batch, title_id)
        return Notice(
            id=notice_id(viewer_id, key),
            viewer=viewer_id,
            key=key,
            kind="new_units",
            created_at=moment(self._clock()),
            title=title_id,
            units=units,
        )

    async def _put(self, scope: TenantScope, notices: list[Notice]) -> None:
        await NoticeRepository(self._database, scope).put(notices)
        mailable = await WishesRepository(self._database, scope).mailable([each.viewer for each in notices])
        for viewer_id in mailable:
            await self._jobs.enqueue(
                scope,
                MAIL_NOTICES,
                {"viewer": viewer_id},
                run_at=self._clock() + MAIL_PAUSE_SECONDS,
                unique_key=notice_key("mail", type(viewer_id).__name__, viewer_id),
            )


async def _shown(catalogue: Catalogue, title_id: str) -> Title | None:
    try:
        title = await catalogue.get(title_id)
    except (AgeGateClosed, TitleBanned):
        return None
    return title if title is not None and str(title.id) == title_id else None


async def _scopes(job: Job, system: SystemStore) -> AsyncIterator[TenantScope]:
    if isinstance(job.scope, TenantScope):
        yield job.scope
        return
    async for scope in system.tenant_scopes():
        yield scope


async def _batches(viewer_ids: AsyncIterator[Any]) -> AsyncIterator[list[Any]]:
    batch: list[Any] = []
    async for viewer_id in viewer_ids:
        batch.append(viewer_id)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
