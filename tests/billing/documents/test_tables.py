"""The books and the usage as tables for spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest

from billing.documents.tables import LEDGER_COLUMNS, USAGE_COLUMNS, ledger_table, usage_table
from billing.ledger.model import Entry, Leg, entry
from tenancy.usage import DayUsage

AT = datetime(2026, 11, 1, 3)


async def of(*entries: Entry) -> AsyncIterator[Entry]:
    for each in entries:
        yield each


async def rows_of(*entries: Entry) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(await ledger_table(of(*entries)))))


async def test_a_row_is_a_leg_with_a_debit_or_a_credit() -> None:
    legs = [Leg("receivable", 6_788), Leg("income.base", -5_705), Leg("tax", -1_083)]
    rows = await rows_of(entry("invoice:4", at=AT, ref="invoice:4", currency="EUR", legs=legs))
    assert [(row["account"], row["debit"], row["credit"]) for row in rows] == [
        ("receivable", "67.88", ""),
        ("income.base", "", "57.05"),
        ("tax", "", "10.83"),
    ]
    assert {row["at"] for row in rows} == {"2026-11-01T03:00:00Z"}


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1234"), ("KWD", "1.234"), ("EUR", "12.34")])
async def test_amounts_are_major_units_of_the_currency(currency: str, shown: str) -> None:
    legs = [Leg("receivable", 1_234), Leg("income.base", -1_234)]
    rows = await rows_of(entry("invoice:4", at=AT, ref="invoice:4", currency=currency, legs=legs))
    assert rows[0]["debit"] == shown


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_text_becomes_a_formula(start: str) -> None:
    legs = [Leg("receivable", 1), Leg("income.base", -1)]
    hostile = f'{start}cmd|"/c calc"!A1'
    (row, _) = await rows_of(entry("invoice:4", at=AT, ref=hostile, currency="EUR", legs=legs))
    assert row["about"] == f"'{hostile}"


async def test_an_empty_ledger_still_has_its_columns() -> None:
    assert (await ledger_table(of())).splitlines() == [",".join(LEDGER_COLUMNS)]
    assert LEDGER_COLUMNS == ("at", "entry", "kind", "about", "account", "debit", "credit", "currency")


def test_usage_is_exact() -> None:
    table = usage_table([DayUsage(date(2026, 11, 1), 1_500_000_001, 7)])
    assert table.splitlines() == [",".join(USAGE_COLUMNS), "2026-11-01,1500000001,1.500000001,7"]
