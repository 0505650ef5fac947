"""No title that a worker has to look into is forgotten, whatever happens between its import and its job."""

from typing import Any, cast

import bson
import msgspec
import pytest

from content.importing.works import RESOLVE_BUCKET
from content.repository import TitleRepository
from storage.errors import StorageUnavailable
from storage.jobs import Job, Jobs
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope
from tests.content.conftest import Importing
from tests.content.samples import film, resolved_file


class Stored(TenantDocument):
    kind: str
    open: bool
    payload: dict[str, Any]


class StoredJobs(TenantRepository[Stored]):
    collection = "jobs"
    document = Stored

    async def payloads(self) -> list[dict[str, Any]]:
        return [job.payload async for job in self._find({"kind": RESOLVE_BUCKET, "open": True})]


def unresolved(media_id: int) -> dict[str, Any]:
    file = resolved_file(media_id)
    del file["origin"]
    return file


def breaking_off(importing: Importing) -> Importing:
    """An import that ends between writing its titles and enqueueing their jobs."""

    class Broken:
        async def enqueue(self, *_args: object, **_options: object) -> str:
            raise StorageUnavailable("killed here")

    return Importing(msgspec.structs.replace(importing.services, jobs=cast("Jobs", Broken())), importing.folder)


async def claimed(importing: Importing) -> Job | None:
    return await importing.services.jobs.claim(RESOLVE_BUCKET, lease_seconds=60)


async def test_an_import_that_broke_off_before_its_jobs_enqueues_them_when_it_comes_again(
    importing: Importing, database: Database, platform: PlatformScope
) -> None:
    lines = [film(1, files=[unresolved(1)]), film(2)]
    with pytest.raises(StorageUnavailable):
        await breaking_off(importing)(platform, lines)
    assert await TitleRepository(database, platform).by_id("film_001") is not None
    assert await claimed(importing) is None
    again = await importing(platform, lines)
    assert (again.unchanged, again.jobs) == (2, 1)
    job = await claimed(importing)
    assert job is not None
    assert job.payload == {"title_id": "film_001", "buckets": [0]}


async def test_importing_again_while_the_job_waits_adds_none(
    importing: Importing, database: Database, platform: PlatformScope
) -> None:
    for _ in range(3):
        await importing(platform, [film(1, files=[unresolved(1)])])
    assert await StoredJobs(database, platform).payloads() == [{"title_id": "film_001", "buckets": [0]}]


async def test_a_title_that_changed_while_its_job_is_in_hand_gets_another(
    importing: Importing, platform: PlatformScope
) -> None:
    await importing(platform, [film(1, files=[unresolved(1)])])
    in_hand = await claimed(importing)
    assert in_hand is not None
    await importing(platform, [film(1, files=[unresolved(1), unresolved(2)])])
    await importing.services.jobs.complete(in_hand)
    job = await claimed(importing)
    assert job is not None
    assert job.payload == {"title_id": "film_001", "buckets": [0, 1]}


@pytest.mark.parametrize(
    ("written", "title_id"),
    [
        ({"$oid": "5f43a1b2c3d4e5f60718293a"}, bson.ObjectId("5f43a1b2c3d4e5f60718293a")),
        ({"$binary": {"base64": "AAEC", "subType": "00"}}, b"\x00\x01\x02"),
        ({"$numberLong": "7"}, 7),
        ({"show": 1, "part": {"$numberDecimal": "1.5"}}, {"show": 1, "part": bson.Decimal128("1.5")}),
    ],
)
async def test_a_job_names_its_title_by_whatever_id_it_came_with(
    importing: Importing, platform: PlatformScope, written: Any, title_id: Any
) -> None:
    report = await importing(platform, [film(1, _id=written, files=[unresolved(1)])])
    assert (report.inserted, report.jobs) == (1, 1)
    job = await claimed(importing)
    assert job is not None
    assert job.payload["title_id"] == title_id
