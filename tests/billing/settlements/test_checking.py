"""The checker finds what is spoilt in viewers' money: each document in one way, and nothing where all is as it was."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from billing.checking.tenant import check_tenant
from billing.memberships.ending import refund_purchase
from billing.payments.by_hand import mark_paid
from billing.settlements.paying_out import payout_paid
from storage.scope import TenantScope
from tests.billing.settlements.conftest import House
from tests.billing.stage import ACTOR

Client = MongoClient[dict[str, Any]]
Change = dict[str, Any] | None
INC = "$inc"

SPOILT: list[tuple[str, str, Change, str]] = [
    (
        "ledger",
        "payment:stripe:*",
        {INC: {"legs.0.amount": 5, "legs.1.amount": -5}},
        "moved 1215 in the ledger, not 1210",
    ),
    ("ledger", "payment:stripe:*", {INC: {"legs.1.amount": 5, "legs.2.amount": -5}}, "ledger: taxes of"),
    ("ledger", "payment:stripe:*", None, "is not in the ledger"),
    ("ledger", "payment:stripe:*", {"copy": "payment:stripe:again"}, "payment:stripe:again is of no payment"),
    ("ledger", "refund:*", None, "refund:stripe:"),
    ("ledger", "refund:*", {"copy": "refund:stripe:again"}, "refund:stripe:again is of no payment"),
    ("ledger", "fee:*", {INC: {"legs.0.amount": 5, "legs.1.amount": -5}}, "ledger: fees of 70 about membership:"),
    ("ledger", "fee:*", None, "ledger: fees of 0 about membership:"),
    ("ledger", "statement:0", {INC: {"legs.0.amount": 5, "legs.1.amount": -5}}, "the ledger's entry is not what it"),
    ("ledger", "statement:0", None, "statement 0: it is not in the ledger"),
    ("ledger", "statement:0", {"copy": "statement:9"}, "statement:9 is there without its document"),
    ("ledger", "payout:0", None, "payout 0: it is not in the ledger"),
    ("ledger", "payout-sent:0", None, "payout 0 (payout-sent): it is not in the ledger"),
    ("ledger", "payout-sent:0", {"copy": "payout-sent:0b"}, "payout-sent:0b is there without its document"),
    ("payments", "north:m:*", {INC: {"parts.0.amount": 5}}, "moved 1210 in the ledger, not 1215"),
    ("payments", "north:m:*", {"$set": {"refunds": []}}, "ledger: refund:stripe:"),
    ("payments", "north:m:*", None, "is of no payment"),
    ("payments", "north:0:hand:R1", None, "payment:manual:0:hand:R1 is of no payment"),
    ("purchases", "*", {INC: {"kept": 5}}, "and 1110 was paid and stayed"),
    ("purchases", "*", None, "which is not there"),
    ("statements", "0", {INC: {"figures.gross": 5}}, "statement 0: its figures"),
    ("statements", "0", {INC: {"until.gross": 5, "figures.gross": 5}}, "statement 0: its figures do not add up"),
    ("statements", "0", {INC: {"share": 5}}, "statement 0: its figures do not add up"),
    ("statements", "0", {INC: {"balance": 5}}, "statement 0: its figures do not add up"),
    ("statements", "0", {"$set": {"paid_out": None}}, "payout 0: no statement has it"),
    ("statements", "0", None, "ledger: statement:0 is there without its document"),
    ("payouts", "0", {INC: {"amount": 5}}, "payout 0: it is of"),
    ("payouts", "0", {"$set": {"state": "due"}}, "payout-sent:0 is there without its document"),
    ("payouts", "0", None, "payout 0: its statement is there and it is not"),
    ("invoices", "0", {INC: {"paid": 5}}, "invoice 0: 1005 was paid or taken off of 1000, and 0 is due"),
    ("ledger", "invoice:0", {"$set": {"legs.0": {"account": "receivable"}}}, "unreadable: ledger 'invoice:0'"),
    ("contracts", "contract", {"$set": {"next_due": None}}, "contract: period 1 is due None"),
]


@contextmanager
def spoilt(documents: Collection[dict[str, Any]], owner: str, name: str, change: Change) -> Generator[None]:
    """One document is another, gone, or there twice under another id."""
    wanted = [each for each in documents.find({"_id.owner": owner}) if matches(str(each["_id"]["id"]), name)]
    before = wanted[0]
    if change is None:
        documents.delete_one({"_id": before["_id"]})
    elif "copy" in change:
        twin = {"owner": owner, "id": change["copy"]}
        documents.insert_one({**before, "_id": twin})
    else:
        documents.update_one({"_id": before["_id"]}, change)
    yield
    documents.delete_many({"_id": {"$in": [before["_id"], {"owner": owner, "id": (change or {}).get("copy")}]}})
    documents.insert_one(before)


def matches(document_id: str, name: str) -> bool:
    return document_id.startswith(name[:-1]) if name.endswith("*") else document_id == name


async def found(house: House, scope: TenantScope) -> list[str]:
    checked = await check_tenant(house.club.stage.database, scope, house.club.now)
    # The dashboard's figures are another tick's.
    return [each.what for each in checked.findings if not each.what.startswith("stats:")]


async def test_whatever_is_spoilt_of_viewers_money_is_told(house: House, cleaner: Client, database_name: str) -> None:
    scope = await house.site()
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await refund_purchase(house.club.desk, scope, purchase.id, amount=100, actor=ACTOR)
    await house.month("2026-02-02")
    await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    await mark_paid(house.desk.cashier, scope, "0", reference="R1", actor=ACTOR)
    assert await found(house, scope) == []
    unseen: list[str] = []
    for collection, name, change, says in SPOILT:
        with spoilt(cleaner[database_name][collection], scope.owner, name, change):
            told = await found(house, scope)
        if not any(says in each for each in told):
            unseen.append(f"{collection} {name} {change}: {told}")
    assert unseen == []
    assert await found(house, scope) == []
