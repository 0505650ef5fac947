"""Writes the report: an index with charts and tables, every document as a page and a PDF, the books as CSV."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from billing.invoices.model import Invoice
from billing.money import in_major, shown
from billing.settlements.documents import statement_html, statement_pdf
from billing.settlements.model import Statement
from runtime.checking import Checked
from runtime.demo.sites import SITES
from runtime.dunning import documents_of, letterhead_of
from runtime.errors import Refused
from runtime.simulation.gathering import (
    Calendar,
    Series,
    Told,
    at_month_ends,
    chart,
    given_back,
    incomes,
    over_days,
    receivables,
    stretches,
    told_of,
    usage,
    usage_by_month,
)
from runtime.simulation.world import World
from tenancy.themes.assets import PREFIX

_TEMPLATES: Final = Path(__file__).with_name("templates")
STATES: Final = {
    "trial": "on trial",
    "active": "active",
    "past_due": "past due",
    "suspended": "suspended",
    "ended": "ended",
}
INDEX: Final = "index.html"
MARK: Final = '<meta name="generator" content="marquee billing simulate">'
OnDocument = Callable[[str], None]


def clear(out: Path) -> None:
    """Takes an earlier report away. Raises Refused where something else lies there, OSError."""
    if not out.exists() or not any(out.iterdir()):
        return
    index = out / INDEX
    if not index.is_file() or MARK not in index.read_text("utf-8", errors="replace"):
        raise Refused(f"{out} holds something else than a report; name an empty directory with --out")
    for site in SITES:
        shutil.rmtree(out / site.id, ignore_errors=True)
    index.unlink()


async def write_report(world: World, calendar: Calendar, checked: Checked, out: Path, on_document: OnDocument) -> Path:
    """Writes all of it below `out`, and gives the index. Raises OSError."""
    all_told = [await told_of(world, member, calendar) for member in world.members if member.id in world.scopes]
    for told in all_told:
        await _write_papers(world, told, calendar, out / told.member.id, on_document)
    return _put(out / INDEX, _page(world, all_told, calendar, checked))


async def _write_papers(world: World, told: Told, calendar: Calendar, folder: Path, on_document: OnDocument) -> None:
    documents, scope = documents_of(world.stores), world.scopes[told.member.id]
    for invoice in told.invoices:
        if invoice.number is None:
            continue
        _put(folder / f"{invoice.number}.html", await documents.invoice_html(scope, invoice.id))
        _put(folder / f"{invoice.number}.pdf", await documents.invoice_pdf(scope, invoice.id))
        on_document(invoice.number)
    database, head = world.stores.database, letterhead_of(world.stores.settings)
    for statement in told.statements:
        _put(folder / f"{statement.number}.html", await statement_html(database, head, scope, statement.id))
        _put(folder / f"{statement.number}.pdf", await statement_pdf(database, head, scope, statement.id))
        on_document(statement.number)
    _put(folder / "ledger.csv", await documents.ledger_csv(scope))
    last = calendar.end - timedelta(days=1)
    _put(folder / "usage.csv", await documents.usage_csv(scope, calendar.start, last))


def _put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _page(world: World, all_told: Sequence[Told], calendar: Calendar, checked: Checked) -> str:
    currencies = sorted({told.member.currency for told in all_told})
    panels, charts = _money_panels(all_told, currencies, calendar)
    by_day = usage(all_told, calendar)
    charts.append(chart("usage", by_day, **over_days(calendar)))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("index.html").render(
        calendar=calendar,
        last=calendar.end - timedelta(days=1),
        seed=world.seed,
        checked=checked,
        panels=panels,
        usage={"series": by_day, "table": usage_by_month(all_told, calendar)},
        totals=[_totals(all_told, currency) for currency in currencies],
        sent=f"{sum(sum(told.sent.values()) for told in all_told) / 1e12:,.1f} TB",
        tenants=[_tenant(world, told, calendar) for told in all_told],
        tale=[{"on": each.on, "who": _name(all_told, each.tenant), "what": each.what} for each in world.happened],
        states=STATES,
        figures=_in_script({"charts": charts}),
        style=_asset(world, "report.css"),
        script=_asset(world, "report.js"),
    )


def _money_panels(
    all_told: Sequence[Told], currencies: Sequence[str], calendar: Calendar
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Panels of the page, and what its script draws into them."""
    panels: dict[str, list[dict[str, Any]]] = {"income": [], "open": []}
    charts: list[dict[str, Any]] = []
    for currency in currencies:
        who = ", ".join(told.member.site.brand.name for told in all_told if told.member.currency == currency)
        kinds = incomes(all_told, currency, calendar)
        if kinds:
            chart_id = f"income-{currency}"
            charts.append(chart(chart_id, kinds, currency=currency, labels=calendar.names))
            panels["income"].append({"id": chart_id, "currency": currency, "who": who, "series": kinds, "table": kinds})
        owed = receivables(all_told, currency, calendar)
        chart_id = f"open-{currency}"
        ever = any(any(each.values) for each in owed)
        if ever:
            charts.append(chart(chart_id, owed, currency=currency, steps=True, **over_days(calendar)))
        table = at_month_ends(owed, calendar)
        panels["open"].append(
            {"id": chart_id, "currency": currency, "who": who, "series": owed, "table": table, "ever": ever}
        )
    for each in (*panels["income"], *panels["open"]):
        each["rows"] = _rows(each["table"], calendar, each["currency"])
    return panels, charts


def _rows(series: Sequence[Series], calendar: Calendar, currency: str) -> list[tuple[str, list[str]]]:
    """A table's rows: a month, and the figures as people write them."""
    digits = 0 if in_major(1, currency) == 1 else 2
    return [
        (name, [f"{each.values[place]:,.{digits}f}" for each in series]) for place, name in enumerate(calendar.names)
    ]


def _totals(all_told: Sequence[Told], currency: str) -> dict[str, str]:
    papers = [each for told in all_told if told.member.currency == currency for each in told.invoices if each.number]
    bills = [each for each in papers if each.kind == "invoice"]
    notes = [each for each in papers if each.kind == "credit_note"]
    back = given_back(all_told, currency)
    return {
        "currency": currency,
        "billed": shown(sum(each.total for each in bills), currency),
        "paid": shown(sum(each.paid - each.refunded for each in bills), currency),
        "given back": shown(back, currency) if back else "",
        "taken back": shown(sum(each.total for each in notes), currency),
        "open": shown(sum(each.due for each in bills if each.state == "issued"), currency),
        "documents": f"{len(bills)} and {len(notes)}",
    }


def _tenant(world: World, told: Told, calendar: Calendar) -> dict[str, Any]:
    days = len(calendar.days)
    held = stretches(world.states, told)
    return {
        "id": told.member.id,
        "name": told.member.site.brand.name,
        "about": f"{told.member.plan.partition('@')[0]} · {told.member.currency} · {told.member.zone}",
        "state": held[-1].state if held else "active",
        "papers": sorted(
            [
                *(_paper(each, told.member.zone) for each in told.invoices if each.number),
                *(_settled(each, told.member.zone) for each in told.statements),
            ],
            key=lambda paper: (paper["issued"], paper["number"]),
        ),
        "states": held,
        "stretches": [
            {
                "state": each.state,
                "left": f"{(each.start - calendar.start).days / days:.5%}",
                "width": f"{(each.end - each.start).days / days:.5%}",
                "told": f"{STATES[each.state]}, {_day(each.start)} to {_day(each.end - timedelta(days=1))}",
            }
            for each in held
        ],
    }


def _paper(invoice: Invoice, zone: str) -> dict[str, Any]:
    sign = -1 if invoice.kind == "credit_note" else 1
    return {
        "number": invoice.number,
        "kind": "Credit note" if invoice.of else "Invoice",
        "period": _period(invoice.start, invoice.end, zone),
        "issued": invoice.issued_at,
        "total": shown(sign * invoice.total, invoice.currency),
        "open": shown(invoice.due, invoice.currency) if invoice.due else "",
        "state": "" if invoice.of else "credited" if invoice.total < 0 else invoice.state,
    }


def _settled(statement: Statement, zone: str) -> dict[str, Any]:
    return {
        "number": statement.number,
        "kind": "Statement",
        "period": _period(statement.start, statement.end, zone),
        "issued": statement.made_at,
        "total": shown(statement.balance, statement.currency),
        "open": "",
        "state": "paid out" if statement.paid_out else "carried on",
    }


def _period(start: datetime, end: datetime, zone: str) -> list[str]:
    """Its first and its last day where the tenant is; one where they are the same."""
    first, behind = (each.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for each in (start, end))
    last = max(first, behind - timedelta(microseconds=1))
    return [f"{first:%-d %b}"] if first == last else [f"{first:%-d %b}", f"{last:%-d %b}"]


def _name(all_told: Sequence[Told], tenant: str) -> str:
    return next((told.member.site.brand.name for told in all_told if told.member.id == tenant), "The platform")


def _day(day: date) -> str:
    return f"{day:%-d %B}"


def _asset(world: World, source: str) -> Markup:
    """A bundled source, to stand in the page itself: browsers load no scripts beside a page that is a file."""
    themes = world.services.themes
    found = themes.asset_file(themes.asset(source).removeprefix(PREFIX))
    assert found is not None
    return Markup(found.body.decode())  # noqa: S704 - our own bundle


def _in_script(document: object) -> Markup:
    """JSON for a script element: nothing in it can end the element."""
    return Markup(json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704 - escaped for where it stands
