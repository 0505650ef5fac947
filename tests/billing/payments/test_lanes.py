"""So many at once and never more, each lane in order, and whatever goes wrong comes out."""

from __future__ import annotations

import asyncio

import pytest

from billing.payments.charging import charge
from billing.payments.collecting import collect
from billing.payments.lanes import AT_ONCE, in_lanes
from billing.payments.reconciling import follow
from storage.scope import TenantScope
from tests.billing.payments.till import DUE, Till
from tests.billing.payments.turnstile import Turnstile, slowed
from tests.billing.stage import START, at, monthly

MANY = AT_ONCE + 4


class Killed(BaseException):
    """The process is gone."""


def itself(item: int) -> int:
    return item


async def test_as_many_as_may_are_worked_at_once_and_answers_keep_their_order() -> None:
    turnstile = Turnstile(AT_ONCE)

    async def verb(item: int) -> int:
        await turnstile.pass_through()
        return item * item

    assert await in_lanes(range(MANY), verb, lane=itself) == [each * each for each in range(MANY)]
    assert turnstile.most == AT_ONCE


async def test_those_of_a_lane_go_one_after_another_in_their_order() -> None:
    begun: list[int] = []
    within: set[int] = set()

    async def verb(item: int) -> None:
        lane = item % 3
        assert lane not in within
        within.add(lane)
        begun.append(item)
        await asyncio.sleep(0)
        within.remove(lane)

    await in_lanes(range(30), verb, lane=lambda item: item % 3)
    for lane in range(3):
        assert [each for each in begun if each % 3 == lane] == list(range(lane, 30, 3))


async def test_nothing_is_worked_without_items() -> None:
    assert await in_lanes([], lambda _: asyncio.sleep(0), lane=itself) == []


@pytest.mark.parametrize("error", [RuntimeError("no"), Killed(), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_an_error_comes_out_as_it_is_and_nothing_else_is_begun(error: BaseException) -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def verb(item: int) -> None:
        begun.append(item)
        await asyncio.sleep(0)
        if item == 1:
            raise error
        await asyncio.sleep(0)
        ended.append(item)

    with pytest.raises(type(error)) as raised:
        await in_lanes(range(MANY), verb, lane=itself)
    assert raised.value is error
    assert begun == list(range(AT_ONCE)), "nothing is begun after it"
    assert ended == [each for each in begun if each != 1], "what is under way comes to its end"


async def test_of_two_errors_the_first_is_raised_and_the_other_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def verb(item: int) -> None:
        await asyncio.sleep(0)
        raise ValueError(f"error {item}")

    with pytest.raises(ValueError, match="error 0"):
        await in_lanes(range(2), verb, lane=itself)
    assert "error 1" in caplog.text


async def test_whoever_is_cancelled_cancels_all_of_it() -> None:
    begun, cancelled = asyncio.Event(), []

    async def verb(item: int) -> None:
        try:
            if item == AT_ONCE - 1:
                begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    working = asyncio.ensure_future(in_lanes(range(MANY), verb, lane=itself))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert sorted(cancelled) == list(range(AT_ONCE))


async def test_invoices_are_charged_some_at_a_time(till: Till) -> None:
    await _many(till)
    turnstile = Turnstile(AT_ONCE)
    assert await collect(slowed(till.cashier, "charge", turnstile)) == MANY
    assert (turnstile.most, till.charged) == (AT_ONCE, [DUE] * MANY)


async def test_payments_under_way_are_followed_some_at_a_time_and_each_change_counts(till: Till) -> None:
    for scope in await _many(till):
        till.sandbox.faults.next("drop_after", method="POST", path="/v1/payment_intents")
        assert (await charge(till.cashier, scope, "0")).state == "created"
    till.later(120)
    turnstile = Turnstile(AT_ONCE)
    report = await follow(slowed(till.cashier, "find", turnstile))
    assert (report.looked, report.changed) == (MANY, MANY)
    assert (turnstile.most, till.charged) == (AT_ONCE, [DUE] * MANY)


async def test_what_is_refused_to_one_is_no_others(till: Till) -> None:
    scopes = await _many(till, cards=("authenticationRequired", "visa"))
    assert await collect(till.cashier) == MANY
    states = [(await till.payment(scope, f"{scope.tenant_id}:0")).state for scope in scopes]
    assert states == ["action", "succeeded"] * (MANY // 2)


async def _many(till: Till, cards: tuple[str, ...] = ("visa",)) -> list[TenantScope]:
    """So many tenants, by turns with one of these cards, each with an invoice that is due."""
    scopes = [await till.stage.add_tenant(f"site{number:02}") for number in range(MANY)]
    for number, scope in enumerate(scopes):
        await till.stage.begin(scope, monthly(), anchor=START)
        await till.save(scope, cards[number % len(cards)])
    till.stage.set_time(at("2026-02-01"))
    await till.stage.run()
    return scopes
