"""One title of a tenant's site by its name: which of the two owners' it is, and whether whoever asks is shown it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from content.audience import Audience
from content.model import Title
from content.policy import admits
from content.repository import TitleRepository
from content.takedowns.bans import refuse_banned
from tenancy.resolver import ResolvedTenant


class Opener(Struct, frozen=True):
    """Opens titles for one tenant and audience. Every verb gives None for a title that is not on the site.

    Raises TitleBanned for one that was taken down, AgeGateClosed for one behind a gate that would open.
    """

    tenant: ResolvedTenant
    audience: Audience
    own: TitleRepository
    shared: TitleRepository

    async def named(self, text: str) -> Title | None:
        """The title of this id or, if there is none, of this slug."""
        return await self._either(lambda titles: titles.named(text))

    async def by_slug(self, slug: str) -> Title | None:
        """The title of this slug."""
        return await self._either(lambda titles: titles.by_slug(slug))

    async def with_chapter(self, slug: str, key: str) -> Title | None:
        """The title of this slug with nothing of its files but those of the chapter, if it has it."""
        return await self._either(lambda titles: titles.with_chapter(slug, key))

    async def _either(self, ask: Callable[[TitleRepository], Awaitable[Title | None]]) -> Title | None:
        if not self.tenant.tenant.policy.shared:
            return await self._shown(await ask(self.own), None)
        return await self._shown(*await asyncio.gather(ask(self.own), ask(self.shared)))

    async def _shown(self, own: Title | None, shared: Title | None) -> Title | None:
        if own is None and shared is not None and await self.own.taken([shared]):
            return None
        found = own or shared
        # What was never published was never taken down either, as far as anybody is told.
        if found is None or found.derived.rights is None:
            return None
        refuse_banned(found, self.tenant)
        if not found.derived.visible or (found.is_shared and not admits(found, self.tenant.policy)):
            return None
        return found if self.audience.admits(found) else None
