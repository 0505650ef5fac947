"""The tenants of billing's benchmark, as the platform would have written them, all of one month's end."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import MongoClient

from billing.contracts.beginning import Opening, begun
from billing.contracts.repository import fields_of
from billing.plans.defaults import DEFAULTS
from tenancy.model import Tenant

DAYS: Final = 31
CHUNK: Final = 1_000
FIRST: Final = datetime.fromisoformat("2026-01-01")
DUE: Final = datetime.fromisoformat("2026-02-02")

Documents = list[dict[str, Any]]


def seed(mongodb_uri: str, tenants: int) -> int:
    """Writes so many tenants, their contracts and their usage, in bulk. Gives mongod's pid."""
    chance = random.Random(tenants)
    with MongoClient[dict[str, Any]](mongodb_uri, w=1, journal=False) as client:
        print(f"{tenants:,} tenants and a month of their usage are written", file=sys.stderr, flush=True)
        for first in range(0, tenants, CHUNK):
            for name, documents in _documents(chance, range(first, min(first + CHUNK, tenants))).items():
                client["billing"][name].insert_many(documents, ordered=False)
        return int(client["admin"].command("serverStatus")["pid"])


def _documents(chance: random.Random, numbers: range) -> dict[str, Documents]:
    found: dict[str, Documents] = {"tenants": [], "contracts": [], "usage": []}
    plan = DEFAULTS[0]
    for number in numbers:
        tenant_id = f"tenant_{number:06d}"
        owner = f"tenant:{tenant_id}"
        anchor = FIRST + timedelta(minutes=15 * chance.randrange(96))
        tenant = Tenant(id=tenant_id, domain=f"{tenant_id}.example", created_at=anchor)
        opening = Opening(anchor=anchor, trial_days=0, addons={"android_app": 1})
        contract = begun(tenant, plan, opening, anchor)
        ours = {"domains": [tenant.domain], "brand": {"name": tenant.domain}, "created_at": anchor}
        ours |= {"generation": 1, "contracted": True}
        found["tenants"].append({"_id": tenant_id, "domain": tenant.domain, "plan": "fixed_fee", "_marquee": ours})
        found["contracts"].append({"_id": {"owner": owner, "id": "contract"}, **fields_of(contract)})
        found["usage"] += _usage(chance, owner)
    return found


def _usage(chance: random.Random, owner: str) -> Iterator[dict[str, Any]]:
    for day in range(DAYS):
        parts = {f"{hour:02d}00": chance.randrange(8 * 10**9) for hour in (1, 9, 17, 21)}
        yield {
            "_id": {"owner": owner, "id": (FIRST + timedelta(days=day)).date().isoformat()},
            "bytes": sum(parts.values()),
            "streams": 9,
            "quarters": parts,
            "wm": {"n-0": 1},
            "booked_at": FIRST,
        }
