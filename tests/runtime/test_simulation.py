"""Three months of the simulated platform: balanced books, a whole report, and the same again for the same seed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from billing.checking.model import Finding
from runtime.errors import Refused
from runtime.settings import Mongodb, Redis
from runtime.simulation.report import clear
from runtime.simulation.run import Asked, Progress, simulate
from runtime.simulation.tenants import members
from runtime.simulation.traffic import bytes_on
from tests.runtime.readding import papers_of, wrong_in

OF_SEED_7 = [
    ("MQ-2028-000001", "Invoice", "490.00"),
    ("MQ-2028-000002", "Invoice", "9.06"),
    ("MQ-2028-000003", "Invoice", "6331"),
    ("MQ-2028-000004", "Invoice", "0.48"),
    ("MQ-S-northlight-0", "Statement", "144.53"),
    ("MQ-S-papercut-0", "Statement", "40.59"),
]
LINK = re.compile(r'href="([^"#]+)"')


async def simulated(
    out: Path, home: Path, mongodb_uri: str, redis_url: str, database_name: str, months: int
) -> list[Finding]:
    seen: list[Progress] = []
    checked = await simulate(
        Asked(months=months, seed=7, out=out),
        home,
        seen.append,
        mongodb=Mongodb(uri=mongodb_uri, database=database_name),
        redis=Redis(url=redis_url),
    )
    assert (checked.tenants, seen[-1].days) == (4, Asked(months=months, seed=7, out=out).days)
    return checked.findings


@pytest.mark.usefixtures("clean_database")
async def test_two_months_balance_and_leave_a_report_whose_links_all_lead_somewhere(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str
) -> None:
    out = tmp_path / "report"
    assert await simulated(out, tmp_path / "home", mongodb_uri, redis_url, database_name, 2) == []
    page = (out / "index.html").read_text("utf-8")
    assert "The books are right" in page
    listed = papers_of(out)
    assert sorted((each.number, each.what, str(each.total)) for each in listed) == OF_SEED_7
    assert wrong_in(out) == []
    links = LINK.findall(page)
    assert any(link.endswith(".pdf") for link in links)
    for link in links:
        held = (out / link).read_bytes()
        assert held.startswith(b"%PDF") if link.endswith(".pdf") else held
    # A page that is opened from a folder has nothing to load.
    assert not re.search(r'(src|href)="(https?:|/)', page)


def test_adding_up_again_finds_a_figure_that_was_changed(tmp_path: Path) -> None:
    (tmp_path / "kumo").mkdir()
    row = (
        '<th scope="row" class="number">MQ-1</th><td class="what">Invoice</td><td class="period"></td>'
        '<td class="n total">$10.00</td><td class="n open">$10.00</td>'
        '<td class="state"><span>issued</span></td><td><a href="kumo/MQ-1.html"></a></td>'
    )
    (tmp_path / "index.html").write_text(row, "utf-8")
    head = "at,entry,kind,about,account,debit,credit,currency\n"
    books = head + "a,invoice:0,invoice,x,receivable,10.00,,USD\na,invoice:0,invoice,x,income.base,,10.00,USD\n"
    (tmp_path / "kumo" / "ledger.csv").write_text(books, "utf-8")
    assert wrong_in(tmp_path) == []
    (tmp_path / "kumo" / "ledger.csv").write_text(books.replace("10.00,,", "9.00,,"), "utf-8")
    assert [each.partition(":")[2].strip() for each in wrong_in(tmp_path)] == [
        "invoice:0 is out by -1.00",
        "receivable and what is open: 9.00 and 10.00",
        "invoices: 9.00 and 10.00",
    ]


def test_a_seed_gives_the_same_traffic_and_another_seed_another() -> None:
    kumo = members(2028)[0]
    days = [kumo.begins.replace(month=month) for month in range(1, 13)]
    sent = [bytes_on(7, kumo, day) for day in days]
    assert sent == [bytes_on(7, kumo, day) for day in days]
    assert sent != [bytes_on(8, kumo, day) for day in days]


def test_a_report_is_written_over_its_like_and_over_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Refused, match="something else"):
        clear(tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    assert Asked(months=12, seed=1, out=tmp_path).days == 366
