"""Adds up a simulated year's files by themselves, as an accountant would who knows nothing of the program."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

_PAPER = re.compile(
    r'<th scope="row" class="number">(?P<number>[^<]+)</th><td class="what">(?P<what>[^<]+)</td>.*?'
    r'<td class="n total">(?P<total>[^<]+)</td><td class="n open">(?P<open>[^<]*)</td>'
    r'<td class="state">(?:<span[^>]*>)?(?P<state>[^<]*)<.*?href="(?P<tenant>\w+)/'
)


class Paper(Struct, frozen=True):
    """A row of the report's list of documents."""

    tenant: str
    number: str
    what: str
    total: Decimal
    open: Decimal
    state: str


class Leg(Struct, frozen=True):
    """A row of a ledger; debits are positive."""

    entry: str
    kind: str
    account: str
    amount: Decimal


def papers_of(report: Path) -> list[Paper]:
    """Every document that the index lists."""
    found = [each.groupdict() for each in _PAPER.finditer((report / "index.html").read_text("utf-8"))]
    return [
        Paper(each["tenant"], each["number"], each["what"], _money(each["total"]), _money(each["open"]), each["state"])
        for each in found
    ]


def ledger_of(report: Path, tenant: str) -> list[Leg]:
    """The rows of a tenant's ledger."""
    with (report / tenant / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Leg(row["entry"], row["kind"], row["account"], _money(row["debit"]) - _money(row["credit"])) for row in rows
    ]


def wrong_in(report: Path) -> list[str]:
    """What does not agree, in words: entries, open amounts, bills, credit notes, statements, payouts."""
    papers = papers_of(report)
    tenants = sorted({each.tenant for each in papers})
    return [f"{tenant}: {each}" for tenant in tenants for each in _wrong_of(report, tenant, papers)]


def _wrong_of(report: Path, tenant: str, papers: list[Paper]) -> list[str]:
    legs, own = ledger_of(report, tenant), [each for each in papers if each.tenant == tenant]
    entries: dict[str, Decimal] = defaultdict(Decimal)
    for leg in legs:
        entries[leg.entry] += leg.amount
    owed = sum(each.open for each in own)
    statements = [each for each in own if each.what == "Statement"]
    carried = sum(each.total for each in statements[-1:] if each.state == "carried on")
    paid_out = sum(each.total for each in statements if each.state == "paid out")
    pairs = {
        "receivable and what is open": (_on(legs, "receivable"), owed),
        "invoices": (_on(legs, "receivable", "invoice") + _on(legs, "credit", "invoice"), _total(own, "Invoice")),
        "credit notes": (
            _on(legs, "receivable", "credit_note") + _on(legs, "credit", "credit_note"),
            _total(own, "Credit note"),
        ),
        "what operators are owed": (-_on(legs, "payable"), carried),
        "statements and payouts": (_on(legs, "payable", "payout"), paid_out),
    }
    on_its_way = -_on(legs, "payouts")
    wrong = [] if on_its_way in {0, *(each.total for each in statements[-1:])} else [f"{on_its_way} was never sent"]
    wrong += [f"{entry} is out by {amount}" for entry, amount in entries.items() if amount]
    return wrong + [f"{name}: {ledger} and {listed}" for name, (ledger, listed) in pairs.items() if ledger != listed]


def _on(legs: list[Leg], account: str, kind: str = "") -> Decimal:
    return sum((each.amount for each in legs if each.account == account and kind in ("", each.kind)), Decimal(0))


def _total(papers: list[Paper], what: str) -> Decimal:
    return sum((each.total for each in papers if each.what == what), Decimal(0))


def _money(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.-]", "", text) or "0")
