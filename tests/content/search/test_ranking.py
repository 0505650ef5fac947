"""Which titles a text finds, and in which order."""

import pytest

from content.search.shelf import Shelf, ShelfBroken
from tests.content.search.conftest import Filling
from tests.content.search.samples import asked, everything, found, stored

TITLES = {
    "home": "Spider-Man: No Way Home",
    "matrix": "The Matrix",
    "reloaded": "The Matrix Reloaded",
    "interstellar": "Interstellar",
    "alien": "Alien",
    "aliens": "Aliens",
    "resurrection": "Alien Resurrection",
    "street": "Straße der Träume",
    "amelie": "Amélie",
    "titan": "進撃の巨人",
    "war": "Война и мир",
    "story": "قصة الحب",
    "parasite": "기생충",
    "stars": "Star Wars",
    "bunny": "Big Buck Bunny",
    "walle": "WALL·E",
}


@pytest.fixture
def shelf(filled: Filling) -> Shelf:
    return filled([stored("platform", key, title) for key, title in TITLES.items()])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("matrix", "matrix"),
        ("martix", "matrix"),
        ("matrx", "matrix"),
        ("maatrix reloaded", "reloaded"),
        ("interstelar", "interstellar"),
        ("inetrstelalr", "interstellar"),
        ("nterstellar", "interstellar"),
        ("strasse", "street"),
        ("straße der traume", "street"),
        ("AMELIE", "amelie"),
        ("進撃", "titan"),
        ("巨人", "titan"),
        ("巨", "titan"),
        ("воина", "war"),
        ("вайна и мир", "war"),
        ("الحب", "story"),
        ("기생", "parasite"),
        ("기셍충", "parasite"),
        ("starwars", "stars"),
        ("starwasr", "stars"),
        ("spiderman", "home"),
        ("spider man", "home"),
        ("bunny buck", "bunny"),
        ("wall-e", "walle"),
        ("walle", "walle"),
        ("bigbuck bunny", "bunny"),
        ("i", "interstellar"),
        ("inter", "interstellar"),
        ("bunny quux", "bunny"),
    ],
)
def test_a_title_is_found_however_it_is_spelled(shelf: Shelf, text: str, first: str) -> None:
    assert found(shelf, text)[0] == first


def test_the_title_itself_is_before_its_beginnings_and_those_are_before_typos(filled: Filling) -> None:
    worst_first = [
        stored("platform", 1, "Alein", rating=9.9),
        stored("platform", 2, "My Alien Friend", rating=7.0),
        stored("platform", 3, "Alien Resurrection", rating=6.0),
        stored("platform", 4, "The Aliens Return", rating=5.0),
        stored("platform", 5, "Alien", rating=1.0),
    ]
    assert found(filled(worst_first), "alien") == [5, 3, 4, 2, 1]


def test_equal_matches_come_by_rating(filled: Filling) -> None:
    ratings = [3.5, 9.1, None, 7.25, 0.1]
    shelf = filled([stored("platform", place, "Dune", rating=rating) for place, rating in enumerate(ratings)])
    assert found(shelf, "dune") == [1, 3, 0, 4, 2]


def test_an_author_is_found_with_and_without_the_title(filled: Filling) -> None:
    shelf = filled(
        [
            stored("platform", "war", "War and Peace", author="Leo Tolstoy"),
            stored("platform", "anna", "Anna Karenina", author="Leo Tolstoy"),
        ]
    )
    assert set(found(shelf, "tolstoi")) == {"war", "anna"}
    assert found(shelf, "tolstoy anna") == ["anna"]


def test_a_typo_is_not_forgiven_in_a_short_word(shelf: Shelf) -> None:
    assert found(shelf, "mur") == []


def test_what_may_not_be_shown_is_not_listed(filled: Filling) -> None:
    shelf = filled([stored("platform", 1, "Hidden", visible=False), stored("platform", 2, "Hidden too")])
    assert found(shelf, "hidden") == [2]


def test_adults_alone_find_what_is_for_them(filled: Filling) -> None:
    shelf = filled([stored("platform", 1, "Night", content_rating="18+")])
    assert found(shelf, "night") == []
    assert found(shelf, "night", adult=True) == [1]


def test_a_question_narrows(filled: Filling) -> None:
    shelf = filled(
        [
            stored("platform", 1, "Dune", media_type="manga", year=1984),
            stored("platform", 2, "Dune", genres=["science fiction"], year=1984),
        ]
    )
    assert found(shelf, "dune", media_type="manga") == [1]
    assert found(shelf, "dune", genre="science fiction") == [2]
    assert sorted(found(shelf, "dune", year=1984)) == [1, 2]
    assert found(shelf, "dune", year=1985) == []


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_pages_of_any_size_give_everything_once_and_in_one_order(filled: Filling, limit: int) -> None:
    names = ["Dune", "Dune Messiah", "The Dune", "Children of Dune", "Duna", "Dunes", "My Dunes"]
    shelf = filled([stored("platform", n, names[n % len(names)], rating=n % 3) for n in range(60)])
    whole = everything(shelf, asked("dune"))
    assert len(whole) == 60
    assert everything(shelf, asked("dune"), limit) == whole


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "\x00\x01", "((((", "a OR b", "title:/.*/", "*", "~2", '"', "\\", "[a TO z]", "x" * 10_000),
        *("ab " * 5_000, "\ud800", "%00", "$where", "🦊🦊", "-matrix", "+matrix AND NOT matrix", "м" * 5_000),
    ],
)
def test_hostile_text_is_plain_text(shelf: Shelf, text: str) -> None:
    assert set(found(shelf, text)) <= set(TITLES)


def test_a_title_is_refreshed_and_gone(filled: Filling) -> None:
    shelf = filled([stored("platform", 1, "Dune"), stored("tenant:a", 1, "Dune")])
    writer = shelf.writer()
    one: dict[str, object] = {"owner": "platform", "id": 1}
    writer.refresh([one], [stored("platform", 1, "Arrakis")])
    writer.commit()
    shelf.reload()
    assert [each.owner for each in everything(shelf, asked("dune"))] == ["tenant:a"]
    assert found(shelf, "arrakis") == [1]
    writer.refresh([one], [])
    writer.commit()
    writer.close()
    shelf.reload()
    assert found(shelf, "arrakis") == []
    assert shelf.titles == 1


def test_two_pens_are_refused(filled: Filling) -> None:
    shelf = filled([])
    writer = shelf.writer()
    with pytest.raises(ShelfBroken):
        shelf.writer()
    writer.close()
