"""`marquee billing document`, `export` and `dunning`: files, and what the owner does about open invoices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.cli import run
from tests.support.cli import Capture, refused, said

STEPS = [
    {"day": 3, "deed": "past_due", "letter": "overdue"},
    {"day": 20, "deed": "remind", "letter": "will_be_suspended"},
    {"day": 30, "deed": "hold", "letter": "suspended"},
]


@pytest.fixture
def billed(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Path:
    """The folder of a home with a tenant that has an invoice."""
    monkeypatch.setenv("MARQUEE_BILLING__ISSUER__NAME", "Lantern")
    said(capsys, "tenant", "create", "north", "--domain", "north.example")
    said(capsys, "tenant", "create", "south", "--domain", "south.example")
    assert run(["billing", "contract", "north", "begin", "starter@1", "--anchor", "2026-09-01"]) == 0
    assert run(["billing", "contract", "north", "bill-to", "--name", "Nordlicht", "--locale", "de"]) == 0
    said(capsys, "billing", "run")
    return home.parent


def test_invoices_and_books_become_files(billed: Path, capsys: Capture) -> None:
    pdf, html, ledger, usage = (billed / name for name in ("a.pdf", "a.html", "ledger.csv", "usage.csv"))
    said(capsys, "billing", "document", "north", "0", "--pdf", str(pdf), "--html", str(html))
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert "Nordlicht" in html.read_text()
    assert "Rechnung" in html.read_text()
    said(capsys, "billing", "export", "north", "--ledger", str(ledger), "--usage", str(usage))
    assert "invoice:0" in ledger.read_text()
    assert usage.read_text().startswith("day,bytes")
    said(capsys, "billing", "export", "north", "--ledger", str(ledger), "--to", "2020-01-01")
    assert "invoice:0" not in ledger.read_text()
    assert "there is no invoice 0" in refused(capsys, "billing", "document", "south", "0", "--pdf", str(pdf))
    assert "name a file" in refused(capsys, "billing", "document", "north", "0", code=2)
    assert "name a file" in refused(capsys, "billing", "export", "north", code=2)


@pytest.mark.usefixtures("billed")
def test_the_owner_gives_time_waives_and_writes_off(capsys: Capture) -> None:
    said(capsys, "billing", "dunning", "run")
    assert len(said(capsys, "billing", "dunning", "list", "north")) >= 2
    said(capsys, "billing", "dunning", "extend", "north", "0", "--until", "2999-12-24")
    said(capsys, "billing", "dunning", "pause", "north", "1", "--reason", "talking")
    rows = {row["invoice"]: row for row in said(capsys, "billing", "dunning", "list", "north")}
    assert rows["0"]["due"].startswith("2999-12-24")
    assert rows["1"]["paused"]
    said(capsys, "billing", "dunning", "resume", "north", "1")
    said(capsys, "billing", "dunning", "waive", "north", "0", "--reason", "goodwill")
    written = said(capsys, "billing", "dunning", "write-off", "north", "1", "--reason", "gone")
    assert written["state"] == "uncollectible"
    assert {"0", "1"}.isdisjoint(row["invoice"] for row in said(capsys, "billing", "dunning", "list", "north"))
    for wrong in (("extend", "north", "0", "--until", "2999-12-25"), ("pause", "north", "9"), ("resume", "south", "0")):
        assert "invoice" in refused(capsys, "billing", "dunning", *wrong)
    assert "no day" in refused(capsys, "billing", "dunning", "extend", "north", "1", "--until", "soon")
    assert not said(capsys, "billing", "check")["findings"]


@pytest.mark.usefixtures("billed")
def test_schedules_are_shown_set_and_cleared(capsys: Capture) -> None:
    ours = said(capsys, "billing", "dunning", "schedule")
    assert ours[-1]["deed"] == "hold"
    given = ("billing", "dunning", "schedule", "--tenant", "north")
    assert said(capsys, *given, "--set", json.dumps(STEPS)) == STEPS
    assert said(capsys, *given, "--clear") == ours
    assert said(capsys, "billing", "dunning", "schedule", "--plan", "starter", "--set", json.dumps(STEPS)) == STEPS
    assert "past_due comes before hold" in refused(capsys, *given, "--set", '[{"day": 1, "deed": "hold"}]')
    assert "--set" in refused(capsys, *given, "--set", "[1]")
    assert "name a tenant or a plan" in refused(capsys, *given, "--plan", "starter", code=2)
