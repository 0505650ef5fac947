"""Figures and words that nobody means, on the command line: each is refused in one line that says what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from runtime.cli import run
from tests.support.cli import Capture, home, said

__all__ = ["home"]

HALF = "\udcff"
"""What a byte that is no UTF-8 becomes among a command's arguments."""
FIGURES = ("NaN", "Infinity", "-1", "1e9", "1e999", "0x10", "9" * 30, "1.001", HALF)
BUSY = "cannot be reached"
"""What a command says that an engine did not answer within its second, as happens among a hundred on a busy machine."""
TRIES = 5
DEEDS = (
    ("billing", "pay", "acme", "0", "--reference", "r", "--amount"),
    ("billing", "credit", "acme", "0", "--reason", "r", "--amount"),
    ("billing", "refund", "acme", "acme:0:hand:bank-1", "--amount"),
    ("billing", "contract", "acme", "coupon", "TEN", "--amount"),
    ("billing", "contract", "acme", "tax", "--rate"),
    ("billing", "contract", "acme", "capacity"),
    ("billing", "contract", "newcomer", "begin", "starter@1", "--trial-days"),
    ("billing", "contract", "newcomer", "begin", "starter@1", "--anchor"),
    ("billing", "contract", "newcomer", "begin", "starter@1", "--zone"),
    ("billing", "refund-purchase", "acme", "p", "--reason", "r", "--amount"),
    ("billing", "reconcile", "--days"),
)
WORDS = (
    ("billing", "contract", "acme", "bill-to", "--name"),
    ("billing", "contract", "acme", "bill-to", "--address"),
    ("billing", "contract", "acme", "bill-to", "--email"),
    ("billing", "contract", "acme", "bill-to", "--locale"),
    ("billing", "contract", "acme", "tax", "--rate", "19", "--name"),
    ("billing", "contract", "acme", "tax", "--rate", "19", "--tax-id"),
    ("billing", "contract", "acme", "plan"),
    ("billing", "contract", "acme", "addons"),
    ("billing", "contract"),
    ("billing", "invoices"),
    ("billing", "link", "acme"),
    ("billing", "preview"),
)


def refusal(capsys: Capture, *arguments: str) -> str:
    told = BUSY
    for _ in range(TRIES):
        if BUSY in told:
            capsys.readouterr()
            assert run(list(arguments)) in {1, 2}, arguments
            told = capsys.readouterr().err
    assert told.startswith("marquee: "), arguments
    assert "unexpected" not in told, (arguments, told)
    assert len(told) < 2_000, arguments
    return told


def billed(capsys: Capture, cleaner: MongoClient[dict[str, Any]], database: str) -> None:
    """A tenant with a bill, a payment and a purchase, and one without a contract."""
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    months_ago = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "billing", "contract", "acme", "begin", "starter@1", "--anchor", months_ago)
    said(capsys, "billing", "run")
    said(capsys, "billing", "pay", "acme", "0", "--reference", "bank-1", "--amount", "10.00")
    said(capsys, "tenant", "create", "newcomer", "--domain", "newcomer.example")
    bought = {"plan": "monthly", "buyer": 42, "holder": 42, "series": "0", "amount": 499, "tax": 0, "currency": "USD"}
    more = {"gateway": "stripe", "created_at": datetime.fromisoformat("2026-11-01")}
    key = {"owner": "tenant:acme", "id": "p"}
    cleaner[database]["purchases"].insert_one({"_id": key, **bought, **more}, comment="system")


def books(capsys: Capture) -> list[Any]:
    """All that the deeds would change."""
    asked = ("contract", "payments", "purchases", "invoices")
    return [*(said(capsys, "billing", each, "acme") for each in asked), said(capsys, "billing", "invoice", "acme", "0")]


@pytest.mark.usefixtures("home")
def test_no_odd_word_or_figure_breaks_a_command(
    capsys: Capture, cleaner: MongoClient[dict[str, Any]], database_name: str
) -> None:
    billed(capsys, cleaner, database_name)
    before = books(capsys)
    for number, deed in enumerate(DEEDS):
        # Each figure is tried by every third deed.
        for figure in FIGURES[number % 3 :: 3]:
            named = "\\udcff" if figure == HALF else figure
            assert named in refusal(capsys, *deed, figure), (deed, figure)
    for odd in (HALF, f"Ann{HALF}", "a" * 10**6):
        # Of a reference with other controls a plain line is made.
        refusal(capsys, "billing", "pay", "acme", "0", "--reference", odd)
        for words in WORDS:
            refusal(capsys, *words, odd)
    for words in WORDS:
        refusal(capsys, *words, "a\x00b")
    assert books(capsys) == before
    assert "no contract" in refusal(capsys, "billing", "contract", "newcomer")
