"""`marquee billing`: what the owner of the platform does on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from runtime.cli import run
from tests.support.cli import Capture, refused, said

Client = MongoClient[dict[str, Any]]


@pytest.mark.usefixtures("home")
def test_an_owner_bills_looks_credits_and_checks(capsys: Capture, cleaner: Client, database_name: str) -> None:
    months_ago = (datetime.now(UTC) - timedelta(days=70)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    begun = said(capsys, "billing", "contract", "acme", "begin", "starter@1", "--anchor", months_ago)
    assert begun["phases"][0]["plan"] == "starter@1"
    report = said(capsys, "billing", "run")
    assert (report["drafted"], report["issued"], report["failed"]) == (2, 2, {})
    listed = said(capsys, "billing", "invoices", "acme")
    assert [each["id"] for each in listed] == ["1", "0"]
    assert said(capsys, "billing", "invoice", "acme", "1")["total"] == 4_900
    assert run(["billing", "invoice", "acme", "1"]) == 0
    assert "$49.00" in capsys.readouterr().out
    assert said(capsys, "billing", "preview", "acme")["rated"]["total"] == 4_900
    assert run(["billing", "preview", "acme"]) == 0
    assert "$49.00 with $0.00 of tax" in capsys.readouterr().out
    note = said(capsys, "billing", "credit", "acme", "1", "--line", "0=9.00", "--reason", "an outage")
    assert (note["id"], note["total"]) == ("1-c1", 900)
    assert "more than what is left" in refused(
        capsys, "billing", "credit", "acme", "1", "--amount", "40.01", "--reason", "too much"
    )
    assert "finer" in refused(capsys, "billing", "credit", "acme", "1", "--amount", "1.001", "--reason", "x")
    assert "credit note" in refused(capsys, "billing", "void", "acme", "1", "--reason", "x")
    assert said(capsys, "billing", "check")["findings"] == []
    cleaner[database_name]["ledger"].update_one(
        {"_id": {"owner": "tenant:acme", "id": "invoice:1"}}, {"$inc": {"legs.0.amount": 1}}
    )
    assert run(["billing", "check"]) == 1
    told = capsys.readouterr()
    assert "acme: ledger: invoice:1: debits and credits differ by 1" in told.out
    assert "things are not as they should be" in told.err


@pytest.mark.usefixtures("home")
def test_terms_are_shown_and_changed(capsys: Capture) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    assert "no contract" in refused(capsys, "billing", "contract", "acme")
    assert "no contract" in refused(capsys, "billing", "preview", "acme")
    assert said(capsys, "billing", "run")["begun"] == 1

    def after(*arguments: str) -> Any:
        return said(capsys, "billing", "contract", "acme", *arguments)

    assert after()["phases"][0]["plan"] == "starter@1"
    assert after("addons", "android_app=1")["phases"][-1]["addons"] == {"android_app": 1}
    assert after("capacity", "2")["phases"][-1]["capacity"] == 2
    assert after("coupon", "SPRING", "--percent", "20", "--periods", "3")["coupon"]["percent_bps"] == 2_000
    assert after("tax", "--rate", "8.1", "--inclusive")["tax"]["rate_bps"] == 810
    assert after("plan", "starter-yearly@1")["rhythms"][0]["unit"] == "year"
    assert after("cancel")["ends_at"] is not None
    assert after("keep")["ends_at"] is None
    assert run(["billing", "contract", "acme"]) == 0
    assert "starter-yearly@1" in capsys.readouterr().out
    assert "there is no plan nothing@1" in refused(capsys, "billing", "contract", "acme", "plan", "nothing@1")


@pytest.mark.usefixtures("home")
def test_a_contract_that_ended_closes_the_site_and_begins_again(
    capsys: Capture, cleaner: Client, database_name: str
) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    hours_ago = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(hours=3)
    said(capsys, "billing", "contract", "acme", "begin", "starter@1", "--anchor", f"{hours_ago - timedelta(days=1)}")
    said(capsys, "billing", "contract", "acme", "cancel", "--now")
    ended = {"ends_at": hours_ago, "hold_due": hours_ago, "next_due": hours_ago}
    cleaner[database_name]["contracts"].update_one({"_id": {"owner": "tenant:acme", "id": "contract"}}, {"$set": ended})
    created = {"_marquee.created_at": hours_ago - timedelta(days=1)}
    cleaner[database_name]["tenants"].update_one({"_id": "acme"}, {"$set": created})
    said(capsys, "billing", "run")
    assert said(capsys, "tenant", "show", "acme")["status"] == "suspended"
    assert run(["tenant", "resume", "acme", "--hold", "contract"]) == 2
    assert run(["billing", "contract", "acme"]) == 0
    assert f"ended {hours_ago:%Y-%m-%d %H:%M} UTC" in capsys.readouterr().out
    assert "ended" in refused(capsys, "billing", "contract", "acme", "capacity", "1")
    again = said(capsys, "billing", "contract", "acme", "begin", "starter@1")
    assert (again["ends_at"], len(again["away"])) == (None, 1)
    assert said(capsys, "tenant", "show", "acme")["status"] == "active"
    assert said(capsys, "billing", "check")["findings"] == []


@pytest.mark.usefixtures("home")
def test_it_may_bill_as_of_another_moment(capsys: Capture) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    assert said(capsys, "billing", "run")["begun"] == 1
    later = (datetime.now(UTC) + timedelta(days=70)).isoformat()
    assert said(capsys, "billing", "run", "--as-of", later)["drafted"] == 2
    assert run(["billing", "run", "--as-of", later]) == 0
    assert "is to come" in capsys.readouterr().err
    assert "ISO 8601" in refused(capsys, "billing", "run", "--as-of", "yesterday")
    assert said(capsys, "billing", "run", "--as-of", "2026-01-01T00:00:00+02:00")["drafted"] == 0
