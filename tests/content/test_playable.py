"""Which buckets play, decided as a table; what a hostile document may not say."""

from typing import Any

import pytest

from content.data import content_data
from content.derive import clean, content_rating, derived_slug, genre_names, usable_slug, year_of
from content.lenient import read
from content.model import Title, TitleFile
from content.playable import NotPlayable, Playable, judge
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantDataRegistry
from tests.content.conftest import Importing
from tests.content.samples import COMMENT, film, resolved_file

KEYS = {"media_id": 7, "access_hash": -5, "file_reference": "060000aa"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"tg_raw": None}, "no tg_raw keys"),
        ({"tg_raw": {**KEYS, "media_id": "x"}}, "tg_raw has no media_id"),
        ({"tg_raw": {**KEYS, "access_hash": 2**63}}, "tg_raw has no access_hash"),
        ({"tg_raw": {**KEYS, "file_reference": "placeholder"}}, "file_reference is not hex"),
        ({"tg_raw": {**KEYS, "file_reference": ""}}, "file_reference is not hex"),
        ({"origin": None}, "its origin message is not known"),
        ({"origin": {"chat": "not a number", "message": 1}}, "its origin message is not known"),
        ({"origin": {"chat": -1001, "message": 0}}, "its origin message is not known"),
        ({"size_bytes": 0}, "its size is not known"),
        ({"size_bytes": -5}, "its size is not known"),
        ({"dc_id": None}, "its data centre is not known"),
        ({"mime": None}, "its media type is not known"),
        ({"mime": "text/html"}, "its media type is neither video nor audio"),
        ({"mime": "video/mp4\r\nX: y"}, "its media type is neither video nor audio"),
        (
            {"documents": [resolved_file(1), resolved_file(2)], "size_bytes": 5},
            "the sizes of its documents do not add up",
        ),
        ({"documents": [resolved_file(1), {}]}, "no tg_raw keys"),
        ({"documents": [resolved_file(1)] * 300}, "more than 256 documents"),
    ],
)
def test_what_is_missing_or_odd_is_the_reason(fields: dict[str, Any], reason: str) -> None:
    verdict = judge(read({**resolved_file(1), **fields}, TitleFile), None, "platform")
    assert isinstance(verdict, NotPlayable)
    assert verdict.reason == reason


def test_several_documents_are_one_bucket_and_the_owner_is_in_its_identity() -> None:
    file = read(resolved_file(1, size_bytes=2_000_000, documents=[resolved_file(1), resolved_file(2)]), TitleFile)
    verdicts = [judge(file, None, owner) for owner in ("platform", "tenant:a")]
    first, second = (verdict.bucket for verdict in verdicts if isinstance(verdict, Playable))
    assert first.size_bytes == 2_000_000
    assert [document.media_id for document in first.documents] == [1, 2]
    assert first.etag != second.etag
    assert len(first.etag) == 32


@pytest.mark.parametrize("odd", [None, 5, "x", [], [5, None, "x"], {"0": {}}, [{"tg_raw": [1]}], [[{}]]])
def test_odd_files_never_raise_and_keep_their_places(odd: Any) -> None:
    title = read({"id": 1, "files": odd, "seasons": odd, "chapters": odd, "genres": odd, "visuals": odd}, Title)
    assert len(title.files) == (len(odd) if isinstance(odd, list) else 0)


def test_small_decisions() -> None:
    assert [year_of(value) for value in (2008, 2008.0, "2008", "2008-05-01", " 1999 ")] == [2008] * 4 + [1999]
    odd: list[Any] = [None, True, 20081, "20081", "x", 0, float("nan"), float("inf"), [], "٢٠٠٨"]
    assert {year_of(value) for value in odd} == {None}
    assert genre_names(["Sci-Fi", {"name": " Drama "}, "sci fi", 5, None, ""]) == ["Sci-Fi", "Drama"]
    assert genre_names("Action, Comedy") == ["Action", "Comedy"]
    assert [content_rating(value) for value in (None, "safe", "18+", "R", 7)] == ["safe", "safe", "18+", "18+", "18+"]
    assert clean("  L'Été, à Paris! ") == "l ete a paris"
    assert [usable_slug(value) for value in ("v7K1wP2", "a/b", "", 5, "x" * 33)] == ["v7K1wP2", None, None, None, None]
    assert len({derived_slug("tmdb_1", attempt) for attempt in range(5)}) == 5
    assert derived_slug("tmdb_1") == derived_slug("tmdb_1")


async def test_a_tenants_content_is_exported_and_deleted_and_nobody_elses(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    for scope in (scope_a, scope_b):
        await importing(scope, [film(1)])
        await importing(scope, [COMMENT], collection="comments")
    registry = TenantDataRegistry(content_data(database))
    assert [item async for item in registry.export(scope_a)] == [("library", film(1)), ("comments", COMMENT)]
    deleted = await registry.delete(scope_a)
    assert {name: count for name, count in deleted.items() if count} == {"library": 1, "comments": 1}
    assert len([item async for item in registry.export(scope_b)]) == 2
