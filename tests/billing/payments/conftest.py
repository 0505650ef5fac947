"""The till of the payments' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.valkey import Cache
from tests.billing.payments.till import Till, till_on
from tests.billing.stage import Stage


@pytest.fixture
async def till(stage: Stage, cache: Cache) -> AsyncIterator[Till]:
    async with till_on(stage, cache) as till:
        yield till
