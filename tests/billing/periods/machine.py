"""What the state machines of billing have in common: a stage, a clock, and an event loop of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from billing.gateways.manual.gateway import ManualGateway
from billing.payments.cashier import Cashier
from storage.events import Events
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.periods.reckoning import Told
from tests.billing.stage import Stage, stage_on
from tests.support.clock import FakeClock

T = TypeVar("T")


class Machine(RuleBasedStateMachine):
    """One platform. Subclasses say where its engines are; `told` is all that happened, by tenant."""

    mongodb_uri: str
    redis_url: str
    database_name: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = FakeClock()
        self.told: dict[str, Told] = {}
        self.scopes: dict[str, TenantScope] = {}
        self.references = 0
        self.stage, self.cashier, self.cache = self.do(self._open())

    async def _open(self) -> tuple[Stage, Cashier, Cache]:
        database = await Database.connect(self.mongodb_uri, self.database_name)
        cache = await Cache.connect(self.redis_url)
        stage = stage_on(database, self.clock)
        cashier = Cashier(
            database=database,
            clock=self.clock,
            audit=stage.desk.office.audit,
            events=Events(database, cache),
            gateways={"manual": ManualGateway()},
        )
        return stage, cashier, cache

    async def close(self) -> None:
        """Ends the connections."""
        await self.cache.close()
        await self.stage.database.close()

    def do(self, deed: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end."""
        return self.runner.run(deed)

    @property
    def now(self) -> datetime:
        return moment(self.clock())

    def one(self, data: st.DataObject) -> str:
        """A tenant."""
        return data.draw(st.sampled_from(sorted(self.told)), label="tenant")

    def next_reference(self, letter: str) -> str:
        """One that nobody had."""
        self.references += 1
        return f"{letter}{self.references}"
