"""Who leaves is gone from every collection: an account with its owner's wish, a site with all that it had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bson import json_util
from pymongo import MongoClient

from accounts.referrals.repository import Referrers
from accounts.repository import ViewerRepository
from content.importing.target import Target
from content.notices.telling import Notices
from storage.moments import moment
from tests.content.samples import MANGA, film
from tests.journeys.seeding import seed
from tests.journeys.values import documents_of
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.support.platform import ACTOR, take_in

Client = MongoClient[dict[str, object]]
NICKNAME, MAIL, WORDS = "Zquirrel Owl", "zquirrel@mail.example", "zquirrel says"
BOOKS = {"invoices", "ledger", "payments", "payouts", "purchases", "statements"}


async def test_a_deleted_account_is_in_no_collection(
    two_sites: TwoSites, tmp_path: Path, cleaner: Client, database_name: str
) -> None:
    stores, scope = two_sites.platform.stores, two_sites.north.scope
    await take_in(stores, Target.tenant(scope), "library", [film(1), film(2), MANGA], tmp_path)
    async with (
        person(two_sites.platform, "north.example") as leaver,
        person(two_sites.platform, "north.example") as stays,
    ):
        await stays("POST", "/api/v1/comments", json={"target_id": "film_001", "body": "I stay"})
        viewer = await _live(leaver)
        notices = Notices(stores.database, stores.jobs, stores.clock)
        await notices.tell(scope, viewer, "report", key="k", text=WORDS, url="/reports")
        await stores.viewers.grant(scope, viewer, "premium", None, WORDS, actor=ACTOR)
        invited = "guest-who-was-invited"
        await ViewerRepository(stores.database, scope).add_guest(invited, moment(stores.clock()))
        await Referrers(stores.database, scope).set_invited_by(invited, viewer)
        assert len(traces(cleaner, database_name, viewer)) > 8
        gone = await leaver("DELETE", "/api/v1/me?confirm=delete", headers={"sec-fetch-site": "same-origin"})
        assert gone.status_code == 204, gone.text
    left = [trace for mark in (viewer, NICKNAME, MAIL, "zquirrelowl") for trace in traces(cleaner, database_name, mark)]
    under_way = [trace for trace in left if trace[0] in {"jobs", "events"}]
    assert left == under_way, "what is under way knows an id, finds nobody by it, and goes"
    assert MAIL not in str(under_way)
    said = [trace for trace in traces(cleaner, database_name, WORDS) if trace[0] != "comments"]
    assert said == [], "what was said to everybody stays, without a name; nothing else does"


async def _live(leaver: Person) -> str:
    """Does everything that leaves something; gives the viewer's id."""
    done = [
        await leaver("POST", "/api/v1/comments", json={"target_id": "film_001", "body": f"{WORDS} this"}),
        await leaver("PUT", "/api/v1/nickname", json={"nickname": NICKNAME}),
        await leaver(
            "PUT",
            "/api/v1/progress/film_001",
            json={"session": "zquirrel-tab", "at": 1, "position_seconds": 60, "duration_seconds": 600},
        ),
        await leaver("PUT", "/api/v1/watchlist/film_002", json={"notify": True}),
        await leaver("POST", "/api/v1/titles/film_001/intro", json={"start": 10, "end": 40}),
        await leaver("POST", "/api/v1/me/tokens", json={"name": WORDS}),
        await leaver("POST", "/api/v1/me/recovery-code"),
        await leaver(
            "POST", "/api/v1/reports", json={"target_id": "film_001", "issue": "dead_link", "note": f"{WORDS} dead"}
        ),
        await leaver.submit("/notices", action="email", email=MAIL),
    ]
    assert [each.text for each in done if each.status_code >= 400] == []
    page = (await leaver("GET", "/api/v1/comments?target_id=film_001")).json()
    others = next(each["comment"]["id"] for each in page["threads"] if each["comment"]["body"] == "I stay")
    assert (await leaver("PUT", f"/api/v1/comments/{others}/like")).status_code < 300
    flagged = await leaver("POST", f"/api/v1/comments/{others}/report", json={"reason": f"{WORDS} rude"})
    assert flagged.status_code < 300, flagged.text
    return str((await leaver("GET", "/api/v1/me")).json()["viewer"]["id"])


def traces(client: Client, database: str, mark: str) -> list[tuple[str, str]]:
    """Where the mark is in the database."""
    found: list[tuple[str, str]] = []
    for name in client[database].list_collection_names():
        for document in client[database][name].find({}, comment="system"):
            text = json_util.dumps(document)
            if mark in text:
                found.append((name, text))
    return found


async def test_a_deleted_site_leaves_no_document_and_its_export_nothing_of_another(
    two_sites: TwoSites, tmp_path: Path, cleaner: Client, database_name: str
) -> None:
    stores = two_sites.platform.stores
    scope = await seed(two_sites.platform, "zqleft", 7320, tmp_path)
    await seed(two_sites.platform, "zqstay", 7321, tmp_path)
    exported: list[Any] = [each async for each in stores.tenant_data.export(scope)]
    assert len(exported) > 50
    assert "zqstay" not in json_util.dumps(exported, default=str)
    before = documents_of(cleaner, database_name, "tenant:zqstay")
    await stores.tenant_data.delete(scope)
    kept = documents_of(cleaner, database_name, "tenant:zqleft").keys()
    assert kept <= {"audit", *BOOKS}, "who did what is kept, and the books as the law says"
    assert documents_of(cleaner, database_name, "tenant:zqstay") == before
