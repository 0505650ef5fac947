"""A process that is killed in the middle of a like or a report: after the first of two writes.

Run as `python -m tests.attacks.community.dying like|report MONGODB_URI DATABASE TENANT SUBJECT`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial

from content.comments.people import LikeRepository
from content.reports.repository import ReporterRepository
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantId, mint_tenant_scope
from storage.transactions import all_or_none

VIEWER = "who-dies"


async def main(deed: str, uri: str, name: str, tenant: str, subject: str) -> None:
    database = await Database.connect(uri, name)
    scope = mint_tenant_scope(TenantId(tenant))

    async def half() -> None:
        if deed == "like":
            await LikeRepository(database, scope).add(subject, VIEWER, moment(0))
        else:
            await ReporterRepository(database, scope).add(subject, VIEWER, 0, "It breaks off")
        os.kill(os.getpid(), signal.SIGKILL)

    await all_or_none(database, partial(half))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
