"""What was counted and gathered of a site's titles, kept until they change: the same for everybody who looks alike."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from content.audience import Audience
from storage.scope import PLATFORM
from tenancy.model import CataloguePolicy
from tenancy.resolver import ResolvedTenant

T = TypeVar("T")
KEPT_SECONDS: Final = 30.0
"""What changes a title without telling (a worker that finds its files) shows after this time at the latest."""

_Key = tuple[str, bool, str]
"""Whose site, whether adults look, and what about: two sites, or two audiences of one, have nothing in common here."""


class _Kept(Struct, Generic[T], frozen=True):
    owner: str
    policy: CataloguePolicy
    until: float
    answer: asyncio.Task[T]


class Remembered(Generic[T]):
    """The last answer for each site, audience and subject. Those who ask while it is being made wait for the same one.

    An answer is good as long as the site's policy is the one it was made under, no title was said to have changed
    since its making began, and KEPT_SECONDS have not passed. What was asked for longest ago is forgotten first.
    """

    def __init__(self, most: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        self._kept: OrderedDict[_Key, _Kept[T]] = OrderedDict()

    @property
    def answers(self) -> int:
        """How many are kept."""
        return len(self._kept)

    async def get(
        self, tenant: ResolvedTenant, audience: Audience, make: Callable[[], Awaitable[T]], about: str = ""
    ) -> T:
        """The answer for this site and audience, made by `make` if there is none. Raises what `make` raises.

        `about` is what the answer is about, where a site has more than one.
        """
        key = (tenant.id, audience.adult, about)
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._monotonic() or kept.policy != tenant.policy or _failed(kept.answer):
            answer = asyncio.ensure_future(_made(make))
            kept = _Kept(tenant.scope.owner, tenant.policy, self._monotonic() + KEPT_SECONDS, answer)
            self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        # Whoever goes away leaves the others their answer.
        return await asyncio.shield(kept.answer)

    def forget(self, owner: str | None) -> None:
        """Titles of this owner changed: those of the platform, or of nobody in particular, may be on any site.

        An answer that is being made still goes to those who wait for it, and is not kept.
        """
        if owner is None or owner == PLATFORM:
            self._kept.clear()
            return
        for key in [key for key, kept in self._kept.items() if kept.owner == owner]:
            del self._kept[key]


async def _made(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _failed(answer: asyncio.Task[Any]) -> bool:
    return answer.done() and (answer.cancelled() or answer.exception() is not None)
