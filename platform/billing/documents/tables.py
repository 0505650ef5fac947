"""The ledger and the usage of a tenant as CSV (RFC 4180, UTF-8), for spreadsheets and accountants' programs.

Columns keep their names and order; new ones are added at the end. Amounts are decimal major units with a point, times
RFC 3339 in UTC. A text that a spreadsheet would take for a formula is led by an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, Iterable
from typing import Final

from billing.ledger.model import Entry
from billing.money import in_major
from storage.moments import rfc3339
from tenancy.usage import DayUsage

LEDGER_COLUMNS: Final = ("at", "entry", "kind", "about", "account", "debit", "credit", "currency")
USAGE_COLUMNS: Final = ("day", "bytes", "gigabytes", "streams")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
_GB: Final = 10**9


async def ledger_table(entries: AsyncIterable[Entry]) -> str:
    """A row a leg, in the order of the entries; each leg has either a debit or a credit."""
    rows = [_leg(entry, leg.account, leg.amount) async for entry in entries for leg in entry.legs]
    return _table(LEDGER_COLUMNS, rows)


def usage_table(days: Iterable[DayUsage]) -> str:
    """A row a UTC day; gigabytes are decimal ones."""
    return _table(USAGE_COLUMNS, ((day.day, day.bytes, _gigabytes(day.bytes), day.streams) for day in days))


def _leg(entry: Entry, account: str, amount: int) -> tuple[object, ...]:
    figure = f"{in_major(abs(amount), entry.currency):f}"
    debit, credit = (figure, "") if amount > 0 else ("", figure)
    return rfc3339(entry.at), entry.id, entry.kind, entry.ref, account, debit, credit, entry.currency


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _gigabytes(size_bytes: int) -> str:
    whole, rest = divmod(size_bytes, _GB)
    return f"{whole}.{rest:09d}"
