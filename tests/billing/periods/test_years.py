"""A few lives of the platform; `make drill` lives many (`python -m tests.drills years`)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pymongo import MongoClient

from tests.billing.periods.years import Years
from tests.support.stores import empty

FEW = settings(
    max_examples=3,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    database=None,
)


def test_years_of_billing_lose_nothing_and_bill_nothing_twice(
    mongodb_uri: str, redis_url: str, database_name: str, cleaner: MongoClient[dict[str, object]]
) -> None:
    run_state_machine_as_test(years_on(mongodb_uri, redis_url, database_name, cleaner), settings=FEW)


def years_on(
    mongodb_uri: str, redis_url: str, database_name: str, cleaner: MongoClient[dict[str, object]]
) -> type[Years]:
    """The machine over these engines; each of its lives begins with nothing."""

    class Here(Years):
        def __init__(self) -> None:
            empty(cleaner[database_name])
            super().__init__()

    Here.mongodb_uri, Here.redis_url, Here.database_name = mongodb_uri, redis_url, database_name
    return Here
