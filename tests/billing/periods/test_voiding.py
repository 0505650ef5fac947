"""A voided draft: its period costs nothing, and nothing that was paid for it is lost."""

from __future__ import annotations

from billing.checking.tenant import check_tenant
from billing.ledger.ledger import Ledger
from billing.periods.voiding import void_draft
from tests.billing.stage import ACTOR, START, Stage, at, monthly


async def test_what_was_paid_ahead_for_a_voided_period_goes_back_with_the_next_bill(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    slow = stage.ruled(grace_seconds=86_400)
    await slow.begin(scope, monthly(id="ahead", advance=True), anchor=START)
    for now in ("2026-01-03", "2026-02-01T01:00"):
        slow.set_time(at(now))
        await slow.run()
    await void_draft(slow.desk.office, scope, "0", reason="a gift", actor=ACTOR)
    slow.set_time(at("2026-03-03"))
    await slow.run()
    lines = (await slow.invoice(scope, "1")).lines
    assert [(line.kind, line.amount) for line in lines] == [("base", 1_000), ("advanced", -1_000), ("advance", 1_000)]
    # Paid ahead once for the gift, once for the open period; one month of three was earned.
    held = await Ledger(slow.database).balances(scope)
    assert held == {"receivable": 2_000, "deferred": -1_000, "income.base": -1_000}
    assert (await check_tenant(slow.database, scope, slow.desk.now())).findings == []
