"""What a viewer said goes with them, stays without them, or comes along into their account."""

import pytest

from accounts.model import Viewer
from content.comments.belongings import CommentsBelongings, comments_belongings
from content.comments.marking import Marking
from content.comments.model import FORMER_VIEWER
from content.comments.naming import Names
from content.comments.people import INDEXES as PEOPLE
from content.comments.repository import INDEXES, CommentRepository
from content.comments.subjects import Subject
from content.comments.writing import Draft, Writing
from content.model import Derived, Title
from content.reports.belongings import ReportsBelongings
from content.reports.repository import INDEXES as REPORTS
from content.reports.repository import ReporterRepository, ReportRepository
from storage.indexes import build_indexes
from storage.limits import Limits
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.model import CommentRules
from tests.support.clock import FakeClock

FILM = Subject(Title(id="film", derived=Derived(media_type="movie", slug="film")), "")
GUEST, ANN, BOB = Viewer(id="guest"), Viewer(id=42, type="telegram"), Viewer(id="bob")


@pytest.fixture
async def writing(database: Database, cache: Cache, clock: FakeClock, scope_a: TenantScope) -> Writing:
    await build_indexes(database, (*INDEXES, *PEOPLE, *REPORTS))
    names = Names(database, scope_a, clock)
    return Writing(database, scope_a, CommentRules(), names, Limits(cache), clock)


@pytest.fixture
def marking(database: Database, cache: Cache, clock: FakeClock, scope_a: TenantScope) -> Marking:
    return Marking(database, scope_a, CommentRules(), Limits(cache), clock)


async def test_a_deleted_viewers_words_stay_without_a_name(
    writing: Writing, marking: Marking, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    said = await writing.post(ANN, FILM, Draft(body="My words"))
    other = await writing.post(BOB, FILM, Draft(body="Other words"))
    await marking.like(ANN, other)
    for kind in comments_belongings(database):
        await kind.delete(scope_b, ANN.id)
    assert [each["body"] async for each in CommentsBelongings(database).export(scope_a, ANN.id)] == ["My words"]
    for kind in comments_belongings(database):
        assert await kind.delete(scope_a, ANN.id) == 1, kind.name
        assert await kind.delete(scope_a, ANN.id) == 0, kind.name
    comments = CommentRepository(database, scope_a)
    left = await comments.get(said.id)
    assert left is not None
    assert (left.body, left.user_id, left.nickname) == ("My words", None, FORMER_VIEWER)
    liked = await comments.get(other.id)
    assert liked is not None
    assert (liked.ours.likes, liked.user_id) == (1, "bob")


async def test_a_guest_brings_words_name_and_likes_into_the_account_twice_over(
    writing: Writing, marking: Marking, database: Database, clock: FakeClock, scope_a: TenantScope
) -> None:
    said = await writing.post(GUEST, FILM, Draft(body="As a guest"))
    other = await writing.post(BOB, FILM, Draft(body="Likeable"))
    for viewer in (GUEST, ANN):
        await marking.like(viewer, other)
    name = await Names(database, scope_a, clock).of(GUEST.id)
    for _ in range(2):
        for kind in comments_belongings(database):
            await kind.merge(scope_a, GUEST.id, ANN.id)
    comments = CommentRepository(database, scope_a)
    mine, liked = await comments.get(said.id), await comments.get(other.id)
    assert mine is not None
    assert liked is not None
    assert (mine.user_id, mine.nickname, liked.ours.likes) == (42, name.nickname, 1)
    assert (await Names(database, scope_a, clock).of(ANN.id)).nickname == name.nickname


async def test_who_has_a_name_keeps_it(writing: Writing, database: Database, scope_a: TenantScope) -> None:
    guests = await writing.post(GUEST, FILM, Draft(body="As a guest"))
    own = await writing.post(ANN, FILM, Draft(body="As myself"))
    for kind in comments_belongings(database):
        await kind.merge(scope_a, GUEST.id, ANN.id)
    after = await CommentRepository(database, scope_a).get(guests.id)
    assert after is not None
    assert after.nickname == own.nickname != guests.nickname


async def test_reports_of_a_guest_and_the_account_count_once(
    writing: Writing, database: Database, scope_a: TenantScope
) -> None:
    reports, reporters = ReportRepository(database, scope_a), ReporterRepository(database, scope_a)
    fields = {"target_id": "film", "issue": "dead_link", "status": "pending"}
    await reports.add("rep", fields, {"fate": "pending", "count": 2, "key": "rep"})
    for viewer in (GUEST, ANN):
        await reporters.add("rep", viewer.id, 1, "It breaks off")
    belongings = ReportsBelongings(database)
    for _ in range(2):
        await belongings.merge(scope_a, GUEST.id, ANN.id)
    after = await reports.get("rep")
    assert after is not None
    assert after.ours.count == 1
    assert [each async for each in belongings.export(scope_a, ANN.id)] == [
        {"report": "rep", "at": 1, "note": "It breaks off"}
    ]
    assert await belongings.delete(scope_a, ANN.id) == 1
