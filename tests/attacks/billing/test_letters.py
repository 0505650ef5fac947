"""Names that are more than names: none becomes a header, markup, or a letter to somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient

from billing.dunning.collecting import MAIL_BILLING
from tests.billing.dunning.collector import Collector
from tests.support.postbox import text_of

NAMES = (
    "Kino\r\nBcc: all@mail.example",
    "Kino\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "Kino\x00\x1b[2J\u202e",
    'Kino" <evil@mail.example>, "x',
    "=?utf-8?q?Kino=0D=0ABcc:=20all=40mail.example?=",
    "<script>alert(1)</script>{{7*7}}",
    "K" * 200,
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
}


@pytest.mark.parametrize("name", NAMES)
async def test_a_hostile_name_stays_a_name(collector: Collector, name: str) -> None:
    scope = await collector.tenant("north", brand={"name": name})
    await collector.until("2026-03-02")
    assert await collector.status(scope) == "suspended"
    assert len(collector.outbox.letters) >= 3
    for letter in collector.outbox.letters:
        assert set(letter.keys()) == HEADERS
        assert str(letter["To"]) == "ann@north.example"
        assert str(letter["From"]) == "Lantern Media Platform <bills@lantern.example>"
        head = letter.as_bytes().partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nbcc:" not in head
        assert b"<script" not in text_of(letter, "html").encode()
        assert "49" not in str(letter["Subject"])


async def test_a_letter_of_a_tenant_or_bill_that_is_not_there_is_none(
    collector: Collector, cleaner: MongoClient[dict[str, Any]], database_name: str
) -> None:
    north, gone = await collector.tenant("north"), await collector.tenant("gone")
    await collector.tick()
    collector.outbox.letters.clear()
    cleaner[database_name]["tenants"].delete_one({"_id": "gone"})
    jobs = collector.collections.jobs
    again = {"invoice": "0", "key": "again", "kind": "issued"}
    forged = [(north, {**again, "invoice": "99"}), (north, {**again, "invoice": ""}), (gone, again)]
    for n, (scope, payload) in enumerate(forged):
        await jobs.enqueue(scope, MAIL_BILLING, payload, unique_key=f"forged:{n}")
    await collector.post()
    assert collector.outbox.letters == []
    await jobs.enqueue(north, MAIL_BILLING, again, unique_key="again")
    await collector.post()
    assert len(collector.outbox.letters) == 1, "of one that is there it is written"
