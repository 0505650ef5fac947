"""The numbers of all invoices: every row goes from 1 to its last without a gap, and no number is given twice."""

from __future__ import annotations

from collections import defaultdict

from billing.checking.model import Finding
from billing.invoices.numbers import Numbers, number_of
from billing.invoices.repository import InvoiceRepository
from storage.across import Across
from storage.mongo import Database
from storage.scope import PlatformScope


async def check_numbers(database: Database, platform: PlatformScope) -> list[Finding]:
    """What is wrong with the numbers of the whole platform."""
    # Others may be issuing: what was given before is there, and what is there was given by the end.
    before = await _lasts(database, platform)
    wanted = {"number": {"$type": "string"}}
    found = await Across(database, InvoiceRepository.collection).find(wanted, fields=["number"])
    given: dict[str, list[str]] = defaultdict(list)
    for each in found:
        number: str = each["number"]
        given[number[: number.rindex("-") + 1]].append(number)
    after = await _lasts(database, platform)
    said: list[str] = []
    for prefix in sorted(given.keys() | before.keys()):
        said += _check_row(prefix, given[prefix], before.get(prefix, 0), after.get(prefix, 0))
    return [Finding("platform", what) for what in said]


async def _lasts(database: Database, platform: PlatformScope) -> dict[str, int]:
    return {row.id: row.last for row in await Numbers(database, platform).rows()}


def _check_row(prefix: str, given: list[str], least: int, most: int) -> list[str]:
    meant = {number_of(prefix, place) for place in range(1, least + 1)}
    may_be = {number_of(prefix, place) for place in range(1, most + 1)}
    said = [f"number {number}: no invoice has it" for number in sorted(meant - set(given))]
    said += [f"number {number}: it was never given" for number in sorted(set(given) - may_be)]
    if len(given) != len(set(given)):
        said.append(f"numbers {prefix}: one is there twice")
    return said
