"""The club of the memberships' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.valkey import Cache
from tests.billing.memberships.club import Club, club_on
from tests.billing.stage import Stage


@pytest.fixture
async def club(stage: Stage, cache: Cache) -> AsyncIterator[Club]:
    async with club_on(stage, cache) as club:
        yield club
