"""From due to issued: each period once, in order, with what came late on the next bill."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pymongo import MongoClient

from billing.invoices.model import Invoice
from storage.events import Events
from storage.valkey import Cache
from tenancy.holds import resume, suspend
from tests.billing.stage import ACTOR, GB, START, Stage, at, monthly

Client = MongoClient[dict[str, Any]]


def kinds(invoice: Invoice) -> dict[str, int]:
    return {line.kind: line.amount for line in invoice.lines}


async def test_a_period_becomes_an_invoice_once_it_is_over(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.use(scope, "2026-01-15", 103 * GB)
    assert (await stage.run(at("2026-01-31T23:59:59.999"))).drafted == 0
    report = await stage.run(at("2026-02-01"))
    assert (report.drafted, report.issued, report.failed) == (1, 1, {})
    invoice = await stage.invoice(scope, "0")
    assert kinds(invoice) == {"base": 1_000, "bandwidth": 15}
    assert (invoice.number, invoice.state, invoice.total, invoice.due) == ("MQ-2026-000001", "issued", 1_015, 1_015)
    assert (invoice.start, invoice.end, invoice.due_at) == (START, at("2026-02-01"), at("2026-02-15"))
    contract = await stage.contract(scope)
    assert (contract.next_n, contract.next_due) == (1, at("2026-03-01"))
    again = await stage.run(at("2026-02-01"))
    assert (again.drafted, again.issued, again.due) == (0, 0, 0)


async def test_after_downtime_everything_is_caught_up_oldest_first(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    report = await stage.run(at("2027-01-01"))
    assert (report.drafted, report.issued) == (12, 12)
    invoices = await stage.invoices(scope)
    assert [each.number for each in invoices] == [f"MQ-2027-{place:06d}" for place in range(1, 13)]
    assert all(one.end == following.start for one, following in pairwise(invoices))


async def test_who_is_too_far_behind_is_told_of_and_waits_for_force(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    careful = stage.ruled(lag_threshold=3)
    report = await careful.run(at("2026-07-01"))
    assert (report.stopped, report.drafted) == ({"north": 6}, 0)
    assert (await careful.run(at("2026-07-01"), force=True)).drafted == 6


async def test_late_bytes_stand_on_the_next_invoice_as_if_they_had_been_in_time(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.use(scope, "2026-01-15", 100 * GB + GB // 2)
    await stage.run(at("2026-02-01"))
    await stage.use(scope, "2026-01-20", GB // 4)
    await stage.use(scope, "2026-01-21", 2 * GB)
    await stage.run(at("2026-03-01"))
    assert kinds(await stage.invoice(scope, "0")) == {"base": 1_000, "bandwidth": 5}
    second = await stage.invoice(scope, "1")
    assert kinds(second) == {"base": 1_000, "late": 10}
    assert second.lines[-1].params["n"] == 0
    await stage.run(at("2026-04-01"))
    assert kinds(await stage.invoice(scope, "2")) == {"base": 1_000}
    await stage.use(scope, "2026-01-22", GB)
    await stage.use(scope, "2026-02-03", 100 * GB)
    await stage.run(at("2026-05-01"))
    assert kinds(await stage.invoice(scope, "3")) == {"base": 1_000, "late": 5}


SPOILT = [
    ("contracts", "contract", {"phases": "odd"}),
    ("invoices", "0", {"lines": "odd"}),
    ("periods", 0, {"start": "odd"}),
    ("tenants", None, {"_marquee.holds": "odd"}),
]


@pytest.mark.parametrize(("collection", "name", "spoilt"), SPOILT)
async def test_what_cannot_be_read_is_told_of_and_in_nobodys_way(
    stage: Stage, cleaner: Client, database_name: str, collection: str, name: object, spoilt: dict[str, str]
) -> None:
    scopes = [await stage.add_tenant(each) for each in ("a", "b", "c")]
    for scope in scopes:
        await stage.begin(scope, monthly(), anchor=START)
    patient = stage.ruled(grace_seconds=86_400)
    await patient.run(at("2026-02-01"))
    place = "b" if name is None else {"owner": "tenant:b", "id": name}
    cleaner[database_name][collection].update_one({"_id": place}, {"$set": spoilt})
    await patient.run(at("2026-02-02"))
    report = await patient.run(at("2026-03-02"))
    assert set(report.failed) == {"b"}
    for scope in (scopes[0], scopes[2]):
        assert await patient.states(scope) == {0: "issued", 1: "issued"}


async def test_what_comes_within_the_grace_is_in_time(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    patient = stage.ruled(grace_seconds=86_400)
    report = await patient.run(at("2026-02-01"))
    assert (report.drafted, report.issued) == (1, 0)
    assert (await stage.invoice(scope, "0")).state == "draft"
    await stage.use(scope, "2026-01-31", 101 * GB)
    assert (await patient.run(at("2026-02-02"))).issued == 1
    assert kinds(await stage.invoice(scope, "0")) == {"base": 1_000, "bandwidth": 5}


async def test_time_under_a_hold_costs_nothing_and_a_period_of_nothing_has_no_invoice(
    stage: Stage, cache: Cache
) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    desk = stage.tenants(Events(stage.database, cache))
    stage.set_time(START + timedelta(days=15, hours=12))
    await suspend(desk, "north", "billing", "unpaid", actor=ACTOR)
    stage.set_time(at("2026-03-01"))
    report = await stage.run()
    assert (report.drafted, report.issued, report.empty) == (2, 1, 1)
    assert kinds(await stage.invoice(scope, "0")) == {"base": 500}
    assert (await stage.invoice(scope, "1")).state == "void"
    assert await stage.states(scope) == {0: "issued", 1: "free"}
    await resume(desk, "north", "billing", actor=ACTOR)
    await stage.run(at("2026-04-01"))
    assert kinds(await stage.invoice(scope, "2")) == {"base": 1_000}
