"""What an import does with good lines, bad lines, the same lines again, and lines that want too much."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from content.dumps import LibraryDump, UsersDump
from content.importing.dump import import_dump
from content.importing.report import Progress
from content.importing.target import ImportRefused, Target, collection_of, dump_files
from content.model import Title
from content.repository import TitleRepository
from storage.audit import Audit
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import STAFF, Importing
from tests.content.samples import COMMENT, MANGA, MOVIE, SERIES, USER, film
from tests.support.clock import FakeClock


class Watching(UsersDump):
    """A viewer who goes on watching after the import."""

    async def go_on(self, viewer_id: Any, seconds: int) -> None:
        changes = {"history.tmdb_10378.timestamp": seconds, "_marquee.banned": True}
        await self._update(viewer_id, {"$set": changes})


async def title_of(database: Database, scope: TenantScope | PlatformScope, title_id: str) -> Title:
    found = await TitleRepository(database, scope).named(title_id)
    assert found is not None
    return found


async def ours(database: Database, scope: TenantScope | PlatformScope, title_id: Any) -> dict[str, Any]:
    (state,) = await LibraryDump(database, scope).states([title_id])
    return state.ours


BAD = {
    '{"_id": "a", ': "not JSON",
    "hello": "not JSON",
    '{"_id": "a", "x": NaN}': "NaN",
    "[1, 2]": "not an object",
    '{"_id": "a", "x": 1, "x": 2}': "'x' stands twice",
    '{"title": "nameless"}': "no _id",
    '{"_id": null}': "no _id",
    '{"_id": [1]}': "may not be a list",
    '{"_id": {"$foo": 1}}': "start with $",
    '{"_id": "a", "_marquee": {"visible": true}}': "_marquee is reserved",
    '{"_id": "a", "_marquee_language": "klingon"}': "reserved",
    '{"_id": "a", "x": 99999999999999999999}': "does not fit 64 bits",
    '{"_id": "a", "x\\u0000y": 1}': "NUL",
    '{"_id": "a", "x": "\\ud800"}': "lone surrogate",
    '{"_id": "a", "x": ' + '{"x": ' * 120 + "1" + "}" * 121: "nested deeper",
    '{"_id": "a", "x": "' + "x" * (17 * 1024 * 1024) + '"}': "larger than 16 MB",
    '{"_id": "a", "media_type": ["a", "b"], "content_rating": ["c", "d"]}': "parallel arrays",
    '{"_id": "a", "x": 1e999}': "does not fit a double",
}


@pytest.mark.parametrize(("line", "reason"), BAD.items(), ids=list(BAD.values()))
async def test_a_bad_line_is_told_by_its_number_and_the_rest_goes_on(
    importing: Importing, scope_a: TenantScope, line: str, reason: str
) -> None:
    report = await importing(scope_a, f'{{"_id": "before"}}\n\n{line}\n{{"_id": "after"}}\n')
    assert report.inserted == 2
    assert [bad.line for bad in report.bad_lines] == [3]
    assert reason in report.bad_lines[0].reason


async def test_a_line_that_is_not_utf8_is_told_by_its_number(importing: Importing, scope_a: TenantScope) -> None:
    report = await importing(scope_a, b'{"_id": "a"}\n{"_id": "\xff"}\n{"_id": "b"}')
    assert (report.inserted, report.bad_lines[0].line) == (2, 2)
    assert "UTF-8" in report.bad_lines[0].reason


async def test_an_id_that_comes_twice_is_told_and_the_first_one_stays(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    lines = '{"_id": 5, "title": "First"}\n{"_id": 5.0, "title": "Second"}\n{"_id": true, "title": "Another"}'
    report = await importing(scope_a, lines)
    assert (report.inserted, [bad.line for bad in report.bad_lines]) == (2, [2])
    assert (await title_of(database, scope_a, "5")).title == "First"
    assert (await importing(scope_a, lines)).unchanged == 2


async def test_a_short_id_is_one_owners_once(
    importing: Importing, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    twins = [film(1, short_id="same123"), film(2, short_id="same123")]
    for scope in (scope_a, scope_b, platform):
        report = await importing(scope, twins)
        assert (report.inserted, report.refused) == (1, 1)
        assert report.bad_lines[0].reason == "another document has its short_id already"


async def test_the_same_dump_goes_to_two_tenants_and_the_shared_catalogue(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    for scope in (scope_a, scope_b, platform):
        report = await importing(scope, [MOVIE, SERIES, MANGA])
        assert (report.inserted, report.refused) == (3, 0)
    for scope in (scope_a, scope_b):
        assert (await importing(scope, [USER], collection="users")).inserted == 1
    slugs = {(await title_of(database, scope, "tmdb_1399")).slug for scope in (scope_a, scope_b, platform)}
    assert len(slugs) == 1


async def test_a_second_import_changes_nothing_and_keeps_what_the_platform_added(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    await importing(scope_a, [MOVIE, SERIES])
    await TitleRepository(database, scope_a).set_visuals("tmdb_10378", poster="blob1", backdrop=None)
    before = await ours(database, scope_a, "tmdb_10378")
    clock.advance(3600)
    report = await importing(scope_a, [SERIES, dict(reversed(MOVIE.items()))])
    assert (report.unchanged, report.changed, report.inserted) == (2, 0, 0)
    assert await ours(database, scope_a, "tmdb_10378") == before
    report = await importing(scope_a, [{**MOVIE, "title": "Big Buck Bunny (restored)"}])
    assert (report.unchanged, report.changed) == (0, 1)
    after = await title_of(database, scope_a, "tmdb_10378")
    assert (after.name, after.derived.visuals.poster) == ("Big Buck Bunny (restored)", "blob1")
    assert after.derived.added_at == before["added_at"]
    assert after.slug == "v7K1wP2"


async def test_what_viewers_did_since_survives_the_same_dump(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [USER], collection="users")
    users = Watching(database, scope_a)
    await users.go_on(USER["_id"], 5000)
    assert (await importing(scope_a, [USER], collection="users")).unchanged == 1
    (stored,) = [document async for document in users.documents()]
    assert stored["history"]["tmdb_10378"]["timestamp"] == 5000
    assert stored["_marquee"]["banned"] is True


async def test_without_a_rights_basis_titles_are_kept_and_not_shown(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    report = await importing(scope_a, [MOVIE], rights=None)
    assert report.hidden == {"no rights basis was declared": 1}
    assert not (await title_of(database, scope_a, "tmdb_10378")).derived.visible
    assert (await importing(scope_a, [MOVIE], rights="licensed")).changed == 1
    declared = (await title_of(database, scope_a, "tmdb_10378")).derived
    assert declared.visible
    assert declared.rights is not None
    assert (declared.rights.basis, declared.rights.by) == ("licensed", "staff:ann")
    clock.advance(60)
    assert (await importing(scope_a, [MOVIE], rights="licensed")).unchanged == 1
    assert (await importing(scope_a, [MOVIE], rights=None)).unchanged == 1
    assert (await title_of(database, scope_a, "tmdb_10378")).derived.rights == declared.rights


async def test_titles_without_a_slug_of_their_own_get_one_that_stays(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    odd = [film(1, short_id=7), film(2, short_id="no/slug"), film(3)]
    await importing(scope_a, odd)
    slugs = [(await title_of(database, scope_a, each["_id"])).slug for each in odd]
    assert len(set(slugs)) == 3
    assert all(len(slug) == 7 and slug.isalnum() for slug in slugs)
    await importing(scope_a, [{**each, "title": "Other"} for each in odd])
    assert [(await title_of(database, scope_a, each["_id"])).slug for each in odd] == slugs


async def test_a_slug_that_is_taken_is_replaced_by_another(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1)])
    taken = (await title_of(database, scope_a, "film_001")).slug
    report = await importing(scope_a, [film(2, short_id=taken)])
    assert (report.inserted, report.refused) == (1, 0)
    other = await title_of(database, scope_a, "film_002")
    assert other.short_id == taken
    assert other.slug != taken


@pytest.mark.parametrize(
    "odd",
    [
        {"$numberDouble": "NaN"},
        {"$numberDouble": "-Infinity"},
        {"$code": "x"},
        {"$timestamp": {"t": 1, "i": 1}},
        {"$date": {"$numberLong": "9999999999999999"}},
        {"owner": "platform", "id": "film_001"},
        {"nested": {"$oid": "5f43a1b2c3d4e5f60718293a"}},
        True,
        "",
    ],
)
async def test_a_document_of_an_odd_id_comes_in_once(
    importing: Importing, database: Database, scope_a: TenantScope, odd: Any
) -> None:
    dump = [film(1), film(1, _id=odd), film(1, _id=odd, title="Twin")]
    first, again = await importing(scope_a, dump), await importing(scope_a, dump)
    assert (first.inserted, first.refused) == (2, 1)
    assert (again.inserted, again.changed, again.unchanged, again.refused) == (0, 0, 2, 1)
    assert len([each async for each in LibraryDump(database, scope_a).documents()]) == 2


async def test_buckets_that_lack_something_get_a_job_once(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    report = await importing(scope_a, [MOVIE, film(1)])
    assert report.not_playable == {"its origin message is not known": 1}
    assert report.jobs == 1
    job = await importing.services.jobs.claim("resolve_bucket", lease_seconds=60)
    # No such tenant is registered here: its job is passed over, and the shared one is given.
    assert job is None
    await importing_shared_job(importing)


async def importing_shared_job(importing: Importing) -> None:
    from storage.scope import mint_platform_scope

    platform = mint_platform_scope()
    await importing(platform, [MOVIE])
    job = await importing.services.jobs.claim("resolve_bucket", lease_seconds=60)
    assert job is not None
    assert (job.payload, job.scope) == ({"title_id": "tmdb_10378", "buckets": [0]}, platform)


async def test_an_imported_path_or_owner_is_never_believed(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    from content.playable import Playable, qualities
    from tests.content.samples import resolved_file

    hostile = resolved_file(9, path="/etc/passwd", owner="platform")
    hostile["documents"] = [{**resolved_file(9), "path": "/etc/passwd", "owner": "tenant:tenant_b"}]
    await importing(scope_a, [film(1, files=[hostile], _owner="platform")])
    (offered,) = qualities(await title_of(database, scope_a, "film_001"), scope_a.owner)
    assert isinstance(offered.verdict, Playable)
    (document,) = offered.verdict.bucket.documents
    assert (document.owner, document.path) == ("tenant:tenant_a", None)


@pytest.mark.parametrize("collection", ["tenants", "workers"])
async def test_platform_collections_never_go_into_a_tenant(
    importing: Importing, scope_a: TenantScope, collection: str
) -> None:
    with pytest.raises(ImportRefused, match=f"{collection} does not go into --tenant: import it with --platform"):
        await importing(scope_a, [MOVIE], collection=collection)


@pytest.mark.parametrize("collection", ["users", "comments", "reports", "tenants", "workers"])
async def test_the_shared_catalogue_holds_titles_alone(
    importing: Importing, platform: PlatformScope, collection: str
) -> None:
    with pytest.raises(ImportRefused, match=f"{collection} does not go into --shared"):
        await importing(platform, [COMMENT], collection=collection)


async def test_a_tenants_library_does_not_go_to_the_platform(importing: Importing, platform: PlatformScope) -> None:
    with pytest.raises(ImportRefused, match="library does not go into --platform: import it with --tenant or --shared"):
        await importing(platform, [MOVIE], place=Target.platform)


async def test_a_file_that_is_not_there_is_refused(importing: Importing, scope_a: TenantScope, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="No such file"):
        await import_dump(
            importing.services, Target.tenant(scope_a), "library", tmp_path / "no.json", rights=None, actor=STAFF
        )


ARRAY = '[{"_id":"a","t":[1,{"b":"}]"}]},\n{"_id":"b"},\nbroken\n{"_id":"c"}]\n'
PRETTY = '[\n  {\n    "_id": "a",\n    "t": ["x"]\n  },\n  {\n    "_id": \n  },\n  {\n    "_id": "c"\n  }\n]\n'


@pytest.mark.parametrize(
    ("text", "inserted", "bad"),
    [
        (ARRAY, 3, [3]),
        (PRETTY, 2, [6]),
        ('[{"_id":"a"},{"_id":"b"}]', 2, []),
        ('[{"_id":"a"},\n{"_id":"b"},\n', 2, [2]),
        ('{\n  "_id": "a"\n}\n{\n  "_id": "b"\n}\n', 2, []),
        ('\ufeff{"_id":"a"}\r\n{"_id":"b"}\r\n', 2, []),
        ("", 0, []),
        ("[]", 0, []),
        ("\n \n", 0, []),
    ],
)
async def test_dumps_come_as_lines_arrays_and_pretty_objects(
    importing: Importing, scope_a: TenantScope, text: str, inserted: int, bad: list[int]
) -> None:
    report = await importing(scope_a, text)
    assert (report.inserted, [each.line for each in report.bad_lines]) == (inserted, bad)


async def test_a_gzipped_dump_is_read_and_a_damaged_one_told(importing: Importing, scope_a: TenantScope) -> None:
    lines = b"\n".join(b'{"_id": %d, "x": "%s"}' % (number, bytes(40)) for number in range(3000))
    lines = lines.replace(b"\0", b"y")
    packed = gzip.compress(lines)
    assert (await importing(scope_a, packed, name="library.json.gz")).inserted == 3000
    report = await importing(scope_a, packed[: len(packed) // 2], name="library.json.gz")
    assert report.unchanged > 0
    assert "damaged" in report.bad_lines[-1].reason


async def test_an_import_tells_how_far_it_is_and_is_written_down(
    importing: Importing, database: Database, scope_a: TenantScope, tmp_path: Path, clock: FakeClock
) -> None:
    await importing(scope_a, [film(number) for number in range(3)])
    seen: list[Progress] = []
    path = tmp_path / "library.jsonl"
    report = await import_dump(
        importing.services, Target.tenant(scope_a), "library", path, rights="own", actor=STAFF, progress=seen.append
    )
    assert report.unchanged == 3
    assert (seen[-1].offset_bytes, seen[-1].size_bytes, seen[-1].documents) == (path.stat().st_size,) * 2 + (3,)
    newest, _ = await Audit(database, clock).entries(scope_a)
    assert (newest.action, newest.subject, newest.actor) == ("content.import", "library", STAFF)
    assert newest.detail["rights"] == "own"


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("library.json", "library"),
        ("users.jsonl", "users"),
        ("comments.ndjson", "comments"),
        ("reports.json.gz", "reports"),
    ],
)
def test_a_file_is_named_by_its_collection(name: str, collection: str) -> None:
    assert collection_of(Path(name)) == collection


@pytest.mark.parametrize("name", ["library", "library.bson", "films.json", ".json", "library.json.zip", "system.json"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ImportRefused, match="named by its collection"):
        collection_of(Path(name))


def test_a_folder_stands_for_the_dumps_in_it(tmp_path: Path) -> None:
    for name in ("users.json", "library.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in dump_files(tmp_path)] == ["library.jsonl", "users.json"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportRefused, match="no dumps"):
        dump_files(tmp_path / "empty")
