"""The checker finds what it is there to find: books that were tampered with, each in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pymongo import MongoClient

from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from storage.scope import TenantScope
from tests.billing.stage import START, Stage, at, monthly

Client = MongoClient[dict[str, Any]]
NOW = at("2026-04-02")


async def found(stage: Stage, scope: TenantScope) -> str:
    findings = (await check_tenant(stage.database, scope, NOW)).findings
    findings += await check_numbers(stage.database, stage.desk.office.platform)
    return "\n".join(f"{each.tenant}: {each.what}" for each in findings)


@pytest.fixture
async def north(stage: Stage) -> TenantScope:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.run(at("2026-04-01"))
    assert await found(stage, scope) == ""
    return scope


SPOILT: list[tuple[str, object, Mapping[str, Any] | None, str]] = [
    ("ledger", "invoice:1", {"$inc": {"legs.0.amount": 1}}, "debits and credits differ by 1"),
    ("ledger", "invoice:1", {"$set": {"legs.1.account": "income.petty"}}, "no account income.petty"),
    ("ledger", "invoice:1", {"$set": {"currency": "EUR"}}, "entries in EUR"),
    ("ledger", "invoice:1", None, "the ledger's entry of its issue is not what it says"),
    ("ledger", "invoice:1", {"$set": {"ref": "invoice:9"}}, "invoice:9, which is no issued invoice"),
    ("ledger", "invoice:1", {"$set": {"ref": "membership:7"}}, "purchase 7, which is not there"),
    ("invoices", "1", {"$inc": {"due": 1}}, "1001 is due, and by the ledger 1000"),
    ("invoices", "1", {"$set": {"state": "paid"}}, "it is paid and 1000 is due"),
    ("invoices", "1", {"$inc": {"total": 1}}, "do not add up to 1001"),
    ("invoices", "1", {"$set": {"number": "MQ-2026-000009"}}, "number MQ-2026-000002: no invoice has it"),
    ("invoices", "1", {"$set": {"number": "MQ-2026-000009"}}, "number MQ-2026-000009: it was never given"),
    ("invoices", "1", None, "period 1: it is issued and has no invoice"),
    ("invoices", "1", {"$set": {"start": at("2026-02-02")}}, "its invoice is of 2026-02-02"),
    ("periods", 1, None, "period 1: it was left out before period 2"),
    ("periods", 1, {"$set": {"end": at("2026-02-27")}}, "there is a gap from 2026-02-27"),
    ("periods", 1, {"$set": {"end": at("2026-03-02")}}, "it overlaps the one before"),
    ("periods", 1, {"$set": {"state": "free"}}, "it is free, and its invoice issued"),
    ("periods", 2, None, "the contract went on to period 3 without it"),
    ("contracts", "contract", {"$set": {"next_n": 1}}, "and the contract still is at period 1"),
    ("contracts", "contract", None, "there are invoices and none"),
]


@pytest.mark.parametrize(("collection", "document_id", "change", "says"), SPOILT)
async def test_what_is_spoilt_is_told(
    stage: Stage,
    north: TenantScope,
    cleaner: Client,
    database_name: str,
    collection: str,
    document_id: object,
    change: Mapping[str, Any] | None,
    says: str,
) -> None:
    documents = cleaner[database_name][collection]
    key = {"_id": {"owner": north.owner, "id": document_id}}
    if change is None:
        documents.delete_one(key)
    else:
        documents.update_one(key, change)
    assert says in await found(stage, north)


async def test_figures_that_the_books_do_not_know_are_told(
    stage: Stage, north: TenantScope, cleaner: Client, database_name: str
) -> None:
    await stage.earn(north, "pi_1", 995, START)
    assert "revenue_generated is 0, and by the ledger 9.95" in await found(stage, north)
    cleaner[database_name]["tenants"].update_one({"_id": "north"}, {"$set": {"stats": {"revenue_generated": 9.95}}})
    assert await found(stage, north) == ""
