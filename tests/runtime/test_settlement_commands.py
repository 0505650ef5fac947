"""`marquee billing statements`, `payouts`, `payout-paid`, `purchases`, `refund-purchase`: what staff see and say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from runtime.cli import run
from tests.support.cli import Capture, refused, said

NOW = datetime.fromisoformat("2026-11-01")


@pytest.fixture
def acme(
    home: object, cleaner: MongoClient[dict[str, Any]], database_name: str, capsys: Capture
) -> MongoClient[dict[str, Any]]:
    """A tenant with a payout that is due, and a purchase that nobody paid."""
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    key = {"owner": "tenant:acme", "id": "0"}
    payout = {"amount": 93_500, "currency": "USD", "state": "due", "created_at": NOW, "to": "IBAN DE02"}
    cleaner[database_name]["payouts"].insert_one({"_id": key, **payout}, comment="system")
    bought = {"plan": "monthly", "buyer": 42, "holder": 42, "series": "0", "amount": 499, "tax": 0}
    more = {"currency": "USD", "gateway": "stripe", "created_at": NOW}
    cleaner[database_name]["purchases"].insert_one({"_id": key, **bought, **more}, comment="system")
    return cleaner


@pytest.mark.usefixtures("acme")
def test_a_payout_is_paid_by_hand_once(capsys: Capture) -> None:
    (due,) = said(capsys, "billing", "payouts", "--due")
    assert (due["tenant"], due["id"], due["amount"], due["state"]) == ("acme", "0", "$935.00", "due")
    paid = said(capsys, "billing", "payout-paid", "acme", "0", "--reference", "SEPA-1")
    assert (paid["state"], paid["reference"]) == ("paid", "SEPA-1")
    assert said(capsys, "billing", "payout-paid", "acme", "0", "--reference", "SEPA-1")["state"] == "paid"
    assert "is paid" in refused(capsys, "billing", "payout-paid", "acme", "0", "--reference", "SEPA-2")
    assert "no payout 7" in refused(capsys, "billing", "payout-paid", "acme", "7", "--reference", "SEPA-2")
    assert said(capsys, "billing", "payouts", "acme", "--due") == []


@pytest.mark.usefixtures("acme")
def test_purchases_are_listed_and_only_what_was_paid_is_given_back(capsys: Capture) -> None:
    (bought,) = said(capsys, "billing", "purchases", "acme")
    assert (bought["id"], bought["amount"], bought["kept"]) == ("0", "$4.99", "$0.00")
    assert "cannot be refunded" in refused(capsys, "billing", "refund-purchase", "acme", "0", "--reason", "asked")
    assert "sold no 7" in refused(capsys, "billing", "refund-purchase", "acme", "7", "--reason", "asked")


@pytest.mark.usefixtures("acme")
def test_statements_are_listed_and_written(capsys: Capture, tmp_path: Any) -> None:
    assert said(capsys, "billing", "statements", "acme") == []
    assert run(["billing", "statements", "acme", "--period", "3"]) == 2
    capsys.readouterr()
    path = str(tmp_path / "statement.html")
    assert "no statement 3" in refused(capsys, "billing", "statements", "acme", "--period", "3", "--html", path)


def test_billing_settles_too(
    home: object, cleaner: MongoClient[dict[str, Any]], database_name: str, capsys: Capture
) -> None:
    """What the tick does from the period to the statement, one command does."""
    del home
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    assert said(capsys, "billing", "run")["statements"] == 0
    now = datetime.now(UTC).replace(tzinfo=None)
    legs = [{"account": "cash.stripe", "amount": 5_000}, {"account": "memberships", "amount": -5_000}]
    booked = {"at": now, "kind": "payment", "ref": "membership:p1", "currency": "USD", "legs": legs}
    key = {"owner": "tenant:acme", "id": "payment:stripe:pi_1"}
    cleaner[database_name]["ledger"].insert_one({"_id": key, **booked}, comment="system")
    later = (now + timedelta(days=40)).isoformat()
    done = said(capsys, "billing", "run", "--as-of", later)
    assert (done["drafted"], done["issued"], done["statements"]) == (1, 1, 1)
    (made,) = said(capsys, "billing", "statements", "acme")
    assert made["balance"] == "$50.00"
    assert said(capsys, "billing", "run", "--as-of", later)["statements"] == 0
