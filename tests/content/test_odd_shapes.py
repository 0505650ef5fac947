"""Shapes that operators really bring: kept as they came, shown as far as they go, refused with line and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from content.catalogue import Catalogue
from content.exporting import export_dump
from content.importing.target import Target
from content.model import Title
from content.repository import TitleRepository
from content.units import chapters, unit_keys
from storage.extended_json import decode
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.test_catalogue import site

ODD: list[dict[str, Any]] = [
    # no short_id, no clean_title, no year, no status
    {"_id": "bare", "media_type": "series", "title": "Bare"},
    # seasons out of order, odd keys, odd entries
    {
        "_id": "seasons",
        "media_type": "series",
        "title": "Seasons",
        "seasons": {
            "10": [{"episode": 1, "file_id": "BAACAg"}],
            "2": [{"episode": "2"}, {"episode": 1}, {"no": "number"}, 5, None],
            "Specials": [{"episode": 1}],
            "odd": [{"episode": 1}],
            "bad": {"episode": 1},
        },
        "season_packs": [{"season": "1", "zip_file_id": 7}, "x", {"zip_file_id": "BAACAg"}],
        "unknown_field": {"kept": [1, 2.5, None, {"deep": True}]},
    },
    # fractional chapters, odd numbers, odd pages, a storage_id that is no number
    {
        "_id": "chapters",
        "media_type": "manga",
        "title": "Chapters",
        "chapters": [
            {"chap": 12.5, "pages": ["p1", None, 7, "p4"], "storage_id": "not a number"},
            {"chap": 2, "pages": [], "storage_id": -100123},
            {"chap": 0.1, "pages": ["p"], "extra": "kept"},
            {"chap": "extra", "pages": "none"},
            {"chap": 12.5, "pages": ["again"]},
            {"title": "no number"},
        ],
    },
    # nothing where lists are expected
    {"_id": "none", "media_type": "manga", "title": "None", "chapters": None, "seasons": [], "files": {"a": 1}},
    # 64 bits at their edges
    {
        "_id": 2**63 - 1,
        "media_type": "movie",
        "title": "Edges",
        "files": [{"tg_raw": {"media_id": 2**63 - 1, "access_hash": -(2**63), "file_reference": "zz"}}],
    },
    {"_id": -(2**63), "media_type": "movie", "title": "The other edge", "files": [{"file_reference": "06"}]},
]


async def title_of(database: Database, scope: TenantScope | PlatformScope, title_id: Any) -> Title:
    title = await TitleRepository(database, scope).by_id(title_id)
    assert title is not None
    return title


async def test_odd_shapes_come_back_as_they_came_and_again_change_nothing(
    importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path
) -> None:
    report = await importing(scope_a, ODD)
    assert (report.inserted, report.refused) == (len(ODD), 0), report.bad_lines
    report = await importing(scope_a, ODD)
    assert (report.unchanged, report.changed) == (len(ODD), 0)
    written = await export_dump(database, Target.tenant(scope_a), "library", tmp_path / "..")
    back = {document["_id"]: document for document in map(decode, written.path.read_bytes().splitlines())}
    assert back == {document["_id"]: document for document in ODD}


async def test_odd_shapes_are_on_the_site_as_far_as_they_go(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, ODD)
    catalogue = Catalogue(database, site(scope_a))
    for document in ODD:
        found = await catalogue.get(str(document["_id"]))
        assert found is not None, document["_id"]
        assert found.slug
        assert await catalogue.by_slug(found.slug) is not None
    seasons = await title_of(database, platform, "seasons")
    assert unit_keys(seasons) == ["s0e1", "s2e1", "s2e2", "s2e3", "s2e4", "s2e5", "s10e1", "s11e1"]
    listed = chapters(await title_of(database, platform, "chapters"))
    assert [(unit.number, unit.page_count, unit.is_numbered) for unit in listed] == [
        ("0.1", 1, True),
        ("2", 0, True),
        ("4", 0, False),
        ("6", 0, False),
        ("12.5", 4, True),
    ]


async def test_integers_beyond_64_bits_are_refused_with_line_and_reason(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    lines = [
        json.dumps({"_id": "a", "media_type": "movie", "title": "A"}),
        f'{{"_id": "b", "media_type": "movie", "files": [{{"tg_raw": {{"media_id": {2**63}}}}}]}}',
        f'{{"_id": {-(2**63) - 1}, "media_type": "movie"}}',
        json.dumps({"_id": "c", "media_type": "movie", "title": "C"}),
    ]
    report = await importing(scope_a, "\n".join(lines))
    assert (report.inserted, report.refused) == (2, 2)
    assert [bad.line for bad in report.bad_lines] == [2, 3]
    assert all("64 bits" in bad.reason for bad in report.bad_lines)
    await title_of(database, scope_a, "c")


@pytest.mark.parametrize("grows", ["overview", "chapters"])
async def test_a_document_of_20_mb_is_refused_with_its_line_and_its_reason(
    importing: Importing, database: Database, scope_a: TenantScope, grows: str
) -> None:
    huge: dict[str, Any] = {"_id": "huge", "media_type": "manga", "title": "Huge"}
    if grows == "overview":
        huge["overview"] = "x" * 20_000_000
    else:
        huge["chapters"] = [{"chap": n, "pages": ["p" * 60] * 300} for n in range(1_000)]
    lines = [{"_id": "a", "media_type": "movie"}, huge, {"_id": "c", "media_type": "movie"}]
    report = await importing(scope_a, lines)
    assert (report.inserted, report.refused) == (2, 1)
    (bad,) = report.bad_lines
    assert bad.line == 2
    assert bad.reason.startswith("larger than 16 MB (2")
    await title_of(database, scope_a, "c")


async def test_a_document_that_grows_too_large_by_what_we_add_is_refused_and_the_others_are_not(
    importing: Importing, scope_a: TenantScope
) -> None:
    many = [{"chap": n / 10, "pages": ["p"], "title": "t" * 230} for n in range(50_000)]
    large = {"_id": "large", "media_type": "manga", "title": "Large", "chapters": many}
    report = await importing(scope_a, [{"_id": "a", "media_type": "movie"}, large])
    assert (report.inserted, report.refused) == (1, 1)
    assert report.bad_lines[0].line == 2
    assert report.bad_lines[0].reason
