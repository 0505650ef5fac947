"""`marquee billing pay`, `refund`, `link`, `payments`, `reconcile`: what staff do about money."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from runtime.cli import run

Capture = pytest.CaptureFixture[str]
USED = ("tenants", "contracts", "invoices", "ledger", "periods", "numbers", "payments", "payment_orphans")


@pytest.fixture
def home(
    tmp_path: Path,
    mongodb_uri: str,
    redis_url: str,
    database_name: str,
    cleaner: MongoClient[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("MARQUEE_MONGODB__DATABASE", database_name)
    monkeypatch.setenv("MARQUEE_BILLING__GRACE_SECONDS", "0")
    for name in USED:
        cleaner[database_name][name].delete_many({}, comment="system")
    return tmp_path / "home"


def said(capsys: Capture, *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def refused(capsys: Capture, *arguments: str) -> str:
    assert run(["billing", *arguments]) == 1
    return capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_staff_mark_an_invoice_as_paid_and_give_back_what_was_too_much(capsys: Capture) -> None:
    months_ago = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    said(capsys, "billing", "contract", "acme", "--json", "begin", "starter@1", "--anchor", months_ago)
    said(capsys, "billing", "run")
    paid = said(capsys, "billing", "pay", "acme", "0", "--reference", "RF-1", "--amount", "50.00")
    assert (paid["id"], paid["state"], paid["received"]) == ("acme:0:hand:RF-1", "succeeded", "$50.00")
    said(capsys, "billing", "pay", "acme", "0", "--reference", "RF-1", "--amount", "50.00")
    assert said(capsys, "billing", "invoice", "acme", "0")["state"] == "paid"
    assert "by hand" in refused(capsys, "refund", "acme", paid["id"], "--amount", "1.00")
    back = said(capsys, "billing", "refund", "acme", paid["id"], "--amount", "1.00", "--reference", "BACK-1")
    assert back["refunded"] == "$1.00"
    assert [each["id"] for each in said(capsys, "billing", "payments", "acme")] == [paid["id"]]
    assert run(["billing", "payments", "acme"]) == 0
    assert "$50.00" in capsys.readouterr().out
    report = said(capsys, "billing", "reconcile", "--days", "1")
    assert (report["orphans"], report["unreachable"]) == ([], [])
    assert said(capsys, "billing", "check")["findings"] == []


@pytest.mark.usefixtures("home")
def test_what_cannot_be_is_told_in_a_line(capsys: Capture) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    assert "no invoice 7" in refused(capsys, "pay", "acme", "7", "--reference", "x")
    assert "no payment" in refused(capsys, "refund", "acme", "acme:0")
    assert "no invoice 7" in refused(capsys, "link", "acme", "7")
    assert "nobody" in refused(capsys, "payments", "nobody")


@pytest.mark.usefixtures("home")
def test_an_issued_invoice_has_an_address_for_good(capsys: Capture) -> None:
    months_ago = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    said(capsys, "billing", "contract", "acme", "--json", "begin", "starter@1", "--anchor", months_ago)
    assert "no invoice 0" in refused(capsys, "link", "acme", "0")
    said(capsys, "billing", "run")
    number = said(capsys, "billing", "invoice", "acme", "0")["number"]
    address = said(capsys, "billing", "link", "acme", "0")["url"]
    assert address.startswith("https://platform.localhost/pay/")
    assert run(["billing", "link", "acme", number]) == 0
    assert capsys.readouterr().out.strip() == address
