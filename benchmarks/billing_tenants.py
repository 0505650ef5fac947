"""The tenants of billing's benchmark, as the platform would have written them, all of one month's end."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
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

Document = dict[str, Any]


def seed(mongodb_uri: str, tenants: int) -> int:
    """Writes so many tenants, their contracts and their usage, in bulk. Gives mongod's pid.

    Tenants came in no order of their ids, and usage came day by day: a tenant's month lies in 31 places.
    """
    chance = random.Random(tenants)
    with MongoClient[dict[str, Any]](mongodb_uri, w=1, journal=False) as client:
        print(f"{tenants:,} tenants and a month of their usage are written", file=sys.stderr, flush=True)
        billing = client["billing"]
        for chunk in _chunks(chance.sample(range(tenants), tenants)):
            together = [_tenant(chance, number) for number in chunk]
            billing["tenants"].insert_many([tenant for tenant, _ in together], ordered=False)
            billing["contracts"].insert_many([contract for _, contract in together], ordered=False)
        for day in range(DAYS):
            for chunk in _chunks(range(tenants)):
                billing["usage"].insert_many([_usage(chance, number, day) for number in chunk], ordered=False)
        return int(client["admin"].command("serverStatus")["pid"])


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(numbers), CHUNK):
        yield numbers[first : first + CHUNK]


def _tenant(chance: random.Random, number: int) -> tuple[Document, Document]:
    """One, and its contract."""
    tenant_id = _id_of(number)
    anchor = FIRST + timedelta(minutes=15 * chance.randrange(96))
    tenant = Tenant(id=tenant_id, domain=f"{tenant_id}.example", created_at=anchor)
    opening = Opening(anchor=anchor, trial_days=0, addons={"android_app": 1})
    contract = begun(tenant, DEFAULTS[0], opening, anchor)
    ours = {"domains": [tenant.domain], "brand": {"name": tenant.domain}, "created_at": anchor}
    ours |= {"generation": 1, "contracted": True}
    return (
        {"_id": tenant_id, "domain": tenant.domain, "plan": "fixed_fee", "_marquee": ours},
        {"_id": {"owner": f"tenant:{tenant_id}", "id": "contract"}, **fields_of(contract)},
    )


def _usage(chance: random.Random, number: int, day: int) -> Document:
    parts = {f"{hour:02d}00": chance.randrange(8 * 10**9) for hour in (1, 9, 17, 21)}
    return {
        "_id": {"owner": f"tenant:{_id_of(number)}", "id": (FIRST + timedelta(days=day)).date().isoformat()},
        "bytes": sum(parts.values()),
        "streams": 9,
        "quarters": parts,
        "wm": {"n-0": 1},
        "booked_at": FIRST + timedelta(days=day + 1),
    }


def _id_of(number: int) -> str:
    return f"tenant_{number:06d}"
