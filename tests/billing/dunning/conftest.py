"""A tenant with bills that nobody pays, and what happens to it."""

from __future__ import annotations

import pytest

from storage.valkey import Cache
from tests.billing.dunning.collector import Collector, collector_on
from tests.billing.stage import Stage


@pytest.fixture
async def collector(stage: Stage, cache: Cache) -> Collector:
    return await collector_on(stage, cache)
