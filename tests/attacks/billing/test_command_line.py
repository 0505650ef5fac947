"""Figures and words that nobody means, on the command line: each is refused in one line that says what is wrong."""

from __future__ import annotations

import pytest

from runtime.cli import run
from tests.support.cli import Capture, home, said

__all__ = ["home"]

HALF = "\udcff"
"""What a byte that is no UTF-8 becomes among a command's arguments."""
FIGURES = ("NaN", "Infinity", "-1", "1e9", "1e999", "0x10", "9" * 30, "1.001", HALF)
DEEDS = (
    ("billing", "pay", "acme", "0", "--reference", "r", "--amount"),
    ("billing", "credit", "acme", "0", "--reason", "r", "--amount"),
    ("billing", "refund", "acme", "acme:0", "--amount"),
    ("billing", "contract", "acme", "coupon", "TEN", "--amount"),
    ("billing", "contract", "acme", "tax", "--rate"),
    ("billing", "contract", "acme", "capacity"),
    ("billing", "contract", "acme", "begin", "starter@1", "--trial-days"),
    ("billing", "contract", "acme", "begin", "starter@1", "--anchor"),
    ("billing", "contract", "acme", "begin", "starter@1", "--zone"),
    ("billing", "refund-purchase", "acme", "p", "--amount"),
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
    ("billing", "pay", "acme", "0", "--reference"),
    ("billing", "preview"),
)


def refusal(capsys: Capture, *arguments: str) -> str:
    capsys.readouterr()
    assert run(list(arguments)) in {1, 2}, arguments
    told = capsys.readouterr().err
    assert told.startswith("marquee: "), arguments
    assert "unexpected" not in told, (arguments, told)
    assert len(told) < 2_000, arguments
    return told


@pytest.mark.usefixtures("home")
def test_no_odd_word_or_figure_breaks_a_command(capsys: Capture) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    for deed in DEEDS:
        for figure in FIGURES:
            refusal(capsys, *deed, figure)
    said(capsys, "billing", "contract", "acme", "begin", "starter@1", "--anchor", "2026-10-20T00:00:00Z")
    before = said(capsys, "billing", "contract", "acme")
    for words in WORDS:
        for odd in (HALF, f"Ann{HALF}", "a\x00b", "a" * 10**6):
            refusal(capsys, *words, odd)
    for deed in DEEDS[:6]:
        for figure in FIGURES:
            refusal(capsys, *deed, figure)
    assert said(capsys, "billing", "contract", "acme") == before
