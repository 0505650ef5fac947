"""Brought comments are shown, sorted and given back, whatever their fields hold."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from content.importing.target import Target
from tests.content.samples import COMMENT, MANGA, film
from tests.storefront.conftest import TwoSites
from tests.storefront.people import person
from tests.support.platform import take_in

ODD: list[dict[str, Any]] = [
    {**COMMENT, "_id": "plain", "target_id": "film_001"},
    {"_id": "bare", "target_id": "film_001", "body": "Only words"},
    {"_id": 77, "target_id": "film_001", "body": "A number for an id", "likes": 3},
    {**COMMENT, "_id": "xss", "target_id": "film_001", "body": "<script>alert(1)</script>[x](javascript:alert(1))"},
    {
        **COMMENT,
        "_id": "odd",
        "target_id": "film_001",
        "user_id": ["x"],
        "nickname": 7,
        "avatar_seed": "../../etc/passwd",
        "body": "Odd all over",
        "is_spoiler": "maybe",
        "timestamp": "soon",
        "likes": "many",
        "created_at": "yesterday",
        "moderation_status": "active",
        "mood": {"unknown": [1, 2.5, None]},
    },
    {**COMMENT, "_id": "unknown-status", "target_id": "film_001", "moderation_status": "shadowbanned"},
    {**COMMENT, "_id": "gone", "target_id": "film_001", "moderation_status": "deleted"},
    {**COMMENT, "_id": "chapter", "target_id": "manga_sample#c1.50"},
    {**COMMENT, "_id": "nowhere", "target_id": None},
]


async def test_odd_comments_are_read_liked_and_exported_as_they_came(two_sites: TwoSites, tmp_path: Path) -> None:
    stores, scope = two_sites.platform.stores, two_sites.north.scope
    await take_in(stores, Target.tenant(scope), "library", [film(1), MANGA], tmp_path)
    await take_in(stores, Target.tenant(scope), "comments", ODD, tmp_path)
    async with person(two_sites.platform, "north.example") as ann:
        for sort in ("top", "new", "old"):
            seen: list[str] = []
            after: str | None = ""
            while after is not None:
                asked = {"target_id": "film_001", "sort": sort, "limit": "2"} | ({"after": after} if after else {})
                page = (await ann("GET", "/api/v1/comments", params=asked)).json()
                seen += [thread["comment"]["id"] for thread in page["threads"]]
                assert "<script" not in str(page["threads"][0]["comment"]["html"])
                after = page["next"]
            assert sorted(seen) == ["77", "bare", "odd", "plain", "xss"], sort
        chapter = await ann("GET", "/api/v1/comments", params={"target_id": "manga_sample#c1.5"})
        assert [each["comment"]["id"] for each in chapter.json()["threads"]] == ["chapter"]
        for identity, likes in (("odd", 1), ("77", 4), ("bare", 1)):
            assert (await ann("PUT", f"/api/v1/comments/{identity}/like")).json()["likes"] == likes
            assert (await ann("DELETE", f"/api/v1/comments/{identity}/like")).json()["likes"] == likes - 1
        odd = (await ann("GET", "/api/v1/comments/odd")).json()
        assert odd["avatar"].startswith("/avatars/")
        assert (await ann("GET", odd["avatar"])).status_code == 200
        assert await ann.page("/comments?target_id=film_001&sort=new")
    exported = {
        document["_id"]: dict(document)
        async for kind, document in stores.tenant_data.export(scope)
        if kind == "comments"
    }
    for brought in ODD:
        assert exported[brought["_id"]] == brought | _dated(brought)


def _dated(brought: dict[str, Any]) -> dict[str, Any]:
    """Dates of extended JSON come back as dates."""
    value = brought.get("created_at")
    if isinstance(value, dict):
        text = str(value["$date"])
        return {"created_at": datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)}
    return {}
