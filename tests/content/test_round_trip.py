"""What goes in comes out: same fields, same types, nothing of ours."""

import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import json_util
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.dumps import LibraryDump
from content.exporting import export_all, export_dump
from content.importing.target import COLLECTIONS, ImportRefused, Target
from storage.extended_json import decode, encode, fingerprint
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import COMMENT, MANGA, MOVIE, REPORT, SERIES, USER, WORKER


async def exported(database: Database, target: Target, collection: str, folder: Path, **options: Any) -> list[bytes]:
    report = await export_dump(database, target, collection, folder, **options)
    lines = report.path.read_bytes().splitlines()
    assert len(lines) == report.documents
    return lines


@pytest.mark.parametrize("canonical", [False, True])
async def test_every_document_of_the_contract_comes_back_as_it_was(
    importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path, canonical: bool
) -> None:
    dumps = {"library": [MOVIE, SERIES, MANGA], "users": [USER], "comments": [COMMENT], "reports": [REPORT]}
    for collection, documents in dumps.items():
        await importing(scope_a, documents, collection=collection)
        lines = await exported(database, Target.tenant(scope_a), collection, tmp_path, canonical=canonical)
        back = {document["_id"]: document for document in map(decode, lines)}
        assert back == {document["_id"]: document for document in documents}
        assert b"_marquee" not in b"".join(lines)


async def test_relaxed_export_of_plain_json_is_the_plain_json(
    importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path
) -> None:
    await importing(scope_a, [MOVIE])
    (line,) = await exported(database, Target.tenant(scope_a), "library", tmp_path)
    assert json.loads(line) == MOVIE


async def test_workers_go_to_the_platform_and_come_back(
    importing: Importing, database: Database, platform: PlatformScope, tmp_path: Path
) -> None:
    report = await importing(platform, [WORKER], collection="workers", place=Target.platform)
    assert (report.inserted, report.refused) == (1, 0)
    (line,) = await exported(database, Target.platform(platform), "workers", tmp_path)
    assert json.loads(line) == WORKER
    assert (await importing(platform, [WORKER], collection="workers", place=Target.platform)).unchanged == 1


async def test_an_export_of_nothing_is_an_empty_dump(database: Database, scope_a: TenantScope, tmp_path: Path) -> None:
    reports = await export_all(database, Target.tenant(scope_a), tmp_path)
    assert [report.documents for report in reports] == [0] * len(COLLECTIONS["tenant"])
    assert (tmp_path / "library.jsonl").read_bytes() == b""
    with pytest.raises(ImportRefused, match="workers"):
        await export_dump(database, Target.tenant(scope_a), "workers", tmp_path)


EXTENDED = """
{"_id": {"$oid": "0123456789abcdef01234567"}, "long": {"$numberLong": "5"}, "int": 5, "double": 5.0, "big": 5000000000}
{"_id": {"$numberLong": "9223372036854775807"}, "least": {"$numberLong": "-9223372036854775808"}}
{"_id": 3, "date": {"$date": "2008-05-01T10:00:00.123Z"}, "old": {"$date": {"$numberLong": "-62167219200001"}}}
{"_id": 4, "far": {"$date": {"$numberLong": "99999999999999"}}, "nan": {"$numberDouble": "NaN"}, "zero": -0.0}
{"_id": 5, "decimal": {"$numberDecimal": "1.50"}, "binary": {"$binary": {"base64": "AA==", "subType": "80"}}}
{"_id": 6, "$top": 1, "nested": {"$set": {"a": 1}, "a.b": {"": {"": [{}, [], null]}}}, "": 0, ".": 1, "a.b.": 2}
{"_id": 7, "bad": [{"$date": "garbage"}, {"$numberLong": "x"}, {"$oid": 5}, {"$undefined": true}, {"$symbol": "s"}]}
{"_id": 8, "ref": {"$ref": "library", "$id": {"$numberLong": "3"}}, "re": {"$regex": "a+", "$options": "i"}}
{"_id": 9, "ts": {"$timestamp": {"t": 1, "i": 2}}, "min": {"$minKey": 1}, "code": {"$code": "f()"}, "sys": "$$ROOT"}
{"_id": {"a": 1, "b": {"$oid": "0123456789abcdef01234567"}}, "chap": 1.5, "language": "klingon"}
{"_id": 1.5, "title": ["not", "text"], "files": {"not": "a list"}, "genres": {"x": 1}, "year": [2008], "short_id": 5}
{"_id": true, "history": {"manga_sample": {"last_chap": 10.5}}, "status": {"$numberInt": "1"}, "media_type": null}
"""


@pytest.mark.parametrize("canonical", [False, True])
async def test_odd_documents_come_back_with_every_type(
    importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path, canonical: bool
) -> None:
    given_lines = EXTENDED.strip().encode().splitlines()
    report = await importing(scope_a, EXTENDED)
    assert (report.inserted, report.bad_lines) == (12, [])
    lines = await exported(database, Target.tenant(scope_a), "library", tmp_path, canonical=canonical)
    assert sorted(fingerprint(decode(line)) for line in lines) == sorted(fingerprint(decode(x)) for x in given_lines)
    again = await importing(scope_a, b"\n".join(lines))
    assert (again.unchanged, again.changed, again.inserted) == (12, 0, 0)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.integers(-(2**63), 2**63 - 1).map(bson.Int64)
    | st.integers(-(2**55), 2**55).map(lambda ms: bson.DatetimeMS(ms))
    | st.binary(min_size=12, max_size=12).map(bson.ObjectId)
    | st.binary(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
            | st.sampled_from(["", ".", "a.b", "$set", "$foo", "$numberlong"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
documents = st.dictionaries(
    st.sampled_from(
        ["title", "year", "files", "genres", "rating", "status", "media_type", "seasons", "chapters", "a.b"]
    ),
    values,
)


@given(fields=documents, canonical=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_document_survives_its_line(fields: dict[str, Any], canonical: bool) -> None:
    document = {"_id": "x", **fields}
    back = decode(encode(document, canonical=canonical).encode())
    assert fingerprint(back) == fingerprint(document)


@given(batch=st.lists(documents, min_size=1, max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_library_round_trips_through_the_database(
    batch: list[dict[str, Any]], importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path
) -> None:
    await clear(database, scope_a)
    given_documents = [{"_id": f"id-{number}", **fields} for number, fields in enumerate(batch)]
    lines = [encode(document, canonical=True).encode() for document in given_documents]
    report = await importing(scope_a, b"\n".join(lines))
    refused = {bad.line - 1 for bad in report.bad_lines}
    assert all("parallel arrays" in bad.reason for bad in report.bad_lines)
    kept = [document for number, document in enumerate(given_documents) if number not in refused]
    back = [decode(line) for line in await exported(database, Target.tenant(scope_a), "library", tmp_path)]
    assert sorted(map(fingerprint, back)) == sorted(map(fingerprint, kept))
    again = await importing(scope_a, b"\n".join(lines))
    assert (again.unchanged, again.changed, again.inserted) == (len(kept), 0, 0)


async def clear(database: Database, scope: TenantScope) -> None:
    await LibraryDump(database, scope).delete_all()


def test_the_reference_reader_reads_what_we_write() -> None:
    document = decode(EXTENDED.strip().splitlines()[0].encode())
    assert json_util.loads(encode(document)) == document
