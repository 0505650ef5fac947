"""Every operation of the JSON API answers what its description says, whoever asks and whatever they send.

This is a sample, the same each time; `python -m tests.drills contract` tries the whole.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import islice

import httpx
import pytest

from tests.journeys.contract_sites import MARKS, VISITORS, Sites, listening_sites
from tests.journeys.contracting import Effort, hold_contract
from tests.journeys.description import faults_of, gaps_of, operations_of
from tests.journeys.oddities import oddities, send_odd

SAMPLE = Effort(examples=2, sequences=1, share=8)
"""Eight visits, each to another eighth of the operations: each operation is tried by one visitor."""
ODD_STEP = 13
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
async def sites(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[Sites]:
    database = f"marquee_contract_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    async with listening_sites(tmp_path_factory.mktemp("contract"), mongodb_uri, redis_url, database) as sites:
        yield sites


async def test_the_description_is_openapi_and_leaves_nothing_out(sites: Sites) -> None:
    assert sites.document["openapi"].startswith("3.1")
    assert faults_of(sites.document) == []
    assert list(gaps_of(sites.document)) == []


async def test_every_answer_is_declared_and_tells_of_no_other_site(sites: Sites) -> None:
    found = await hold_contract(sites, SAMPLE, seed=1)
    assert found.broken == {}
    assert found.operations == set(operations_of(sites.document))
    assert set(found.cases) >= {"coverage", "fuzzing", "stateful"}
    assert set(found.visitors) == set(VISITORS)
    assert found.total > 1_500


async def test_what_is_odd_as_bytes_is_refused_as_declared(sites: Sites) -> None:
    visitor = await asyncio.to_thread(sites.headers, MARKS[0], "staff")
    found = await send_odd(sites, islice(oddities(sites, MARKS[0], visitor), 0, None, ODD_STEP))
    assert found.broken == []
    assert found.cases > 250


async def test_head_is_answered_as_get_is_without_the_body(sites: Sites) -> None:
    async with httpx.AsyncClient(base_url=sites.address, headers={"host": f"{MARKS[0]}.example"}) as client:
        for label in operations_of(sites.document):
            method, path = label.split()
            if method == "GET" and "{" not in path:
                told, head = await client.get(path), await client.head(path)
                assert (head.status_code, head.content) == (told.status_code, b""), path
                assert head.headers["content-type"] == told.headers["content-type"]
