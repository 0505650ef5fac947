"""What is remembered of a site: for whom, how long, and what makes it forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from content.audience import ADULTS, EVERYBODY, Audience
from content.remembering import KEPT_SECONDS, Remembered
from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from tenancy.model import CataloguePolicy, Tenant
from tenancy.resolver import ResolvedTenant
from tests.support.clock import FakeClock

pytestmark = pytest.mark.anyio
Numbers = Callable[[], Awaitable[int]]


@pytest.fixture
def site(scope_a: TenantScope) -> ResolvedTenant:
    return site_of(scope_a)


@pytest.fixture
def remembered(clock: FakeClock) -> Remembered[int]:
    return Remembered(2, clock)


@pytest.fixture
def number() -> Numbers:
    """Another one each time."""
    numbers = count()

    async def make() -> int:
        return next(numbers)

    return make


def site_of(scope: TenantScope, policy: CataloguePolicy | None = None) -> ResolvedTenant:
    tenant = Tenant(id=scope.tenant_id, domain="a.example", policy=policy or CataloguePolicy())
    return ResolvedTenant(tenant, scope, "a.example")


async def test_an_answer_is_given_again_until_its_time_is_over(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers, clock: FakeClock
) -> None:
    assert [await remembered.get(site, EVERYBODY, number) for _ in range(2)] == [0, 0]
    clock.advance(KEPT_SECONDS)
    assert await remembered.get(site, EVERYBODY, number) == 1


async def test_sites_and_audiences_share_nothing(
    remembered: Remembered[int], site: ResolvedTenant, scope_b: TenantScope, number: Numbers
) -> None:
    assert await remembered.get(site, EVERYBODY, number) == 0
    assert await remembered.get(site, ADULTS, number) == 1
    assert await remembered.get(site, EVERYBODY, number) == 0
    assert await remembered.get(site_of(scope_b), EVERYBODY, number) == 2


async def test_who_has_yet_to_pass_the_gate_sees_what_everybody_sees(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers
) -> None:
    assert await remembered.get(site, EVERYBODY, number) == await remembered.get(site, Audience(may_pass=True), number)


async def test_each_subject_has_its_own_answer(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers
) -> None:
    assert [await remembered.get(site, EVERYBODY, number, about) for about in ("one", "two", "one")] == [0, 1, 0]


async def test_another_policy_is_another_answer(
    remembered: Remembered[int], site: ResolvedTenant, scope_a: TenantScope, number: Numbers
) -> None:
    assert await remembered.get(site, EVERYBODY, number) == 0
    closed = site_of(scope_a, CataloguePolicy(shared=False))
    assert await remembered.get(closed, EVERYBODY, number) == 1
    assert await remembered.get(closed, EVERYBODY, number) == 1


async def test_changed_titles_are_forgotten_where_they_may_be_shown(
    remembered: Remembered[int], site: ResolvedTenant, scope_a: TenantScope, scope_b: TenantScope, number: Numbers
) -> None:
    assert await remembered.get(site, EVERYBODY, number) == 0
    remembered.forget(scope_b.owner)
    assert await remembered.get(site, EVERYBODY, number) == 0
    for times, owner in enumerate((scope_a.owner, "platform", None), start=1):
        remembered.forget(owner)
        assert await remembered.get(site, EVERYBODY, number) == times


async def test_those_who_ask_at_once_wait_for_one_answer_even_if_the_first_goes_away(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers
) -> None:
    opened = asyncio.Event()

    async def slow() -> int:
        await opened.wait()
        return await number()

    first, *others = [asyncio.create_task(remembered.get(site, EVERYBODY, slow)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    opened.set()
    assert await asyncio.gather(*others) == [0, 0]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_answer_that_was_overtaken_by_a_change_is_not_kept(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers
) -> None:
    opened = asyncio.Event()

    async def slow() -> int:
        made = await number()
        await opened.wait()
        return made

    asking = asyncio.create_task(remembered.get(site, EVERYBODY, slow))
    while not remembered.answers:
        await asyncio.sleep(0)
    remembered.forget(None)
    opened.set()
    assert await asking == 0
    assert await remembered.get(site, EVERYBODY, number) == 1


async def test_a_failure_is_everybodys_who_waited_and_nobodys_after(
    remembered: Remembered[int], site: ResolvedTenant, number: Numbers
) -> None:
    async def failing() -> int:
        raise StorageUnavailable("MongoDB cannot be reached")

    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await remembered.get(site, EVERYBODY, failing)
    assert await remembered.get(site, EVERYBODY, number) == 0


async def test_no_more_is_kept_than_was_said(
    remembered: Remembered[int], site: ResolvedTenant, scope_b: TenantScope, number: Numbers
) -> None:
    other = site_of(scope_b)
    for place, audience in ((site, EVERYBODY), (site, ADULTS), (other, EVERYBODY)):
        await remembered.get(place, audience, number)
    assert remembered.answers == 2
    assert await remembered.get(site, ADULTS, number) == 1
    assert await remembered.get(site, EVERYBODY, number) == 3
