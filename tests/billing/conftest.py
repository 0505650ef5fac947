"""The stage of billing's tests."""

from __future__ import annotations

import pytest

from storage.mongo import Database
from tests.billing.stage import Stage, stage_on
from tests.support.clock import FakeClock


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Stage:
    return stage_on(database, clock)
