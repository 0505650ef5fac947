"""Nothing of one owner's titles shows in what another's site finds: neither what nor in which order."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.search.asking import Rank
from content.search.listings import owner_key
from content.search.shelf import Shelf
from tests.content.search.samples import asked, everything, found, stored

_WORDS = ["alien", "aliens", "alein", "dune", "duna", "the", "star", "starry", "matrix", "martix", "進撃", "война"]
_NAMES = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map(" ".join)
_TITLES = st.lists(st.tuples(_NAMES, st.sampled_from([0.0, 5.0, 9.5, None])), max_size=12)
_TEXTS = st.lists(st.sampled_from([*_WORDS, "al", "d", "strr"]), min_size=1, max_size=3).map(" ".join)


def _documents(owner: str, titles: list[tuple[str, float | None]]) -> list[dict[str, Any]]:
    return [stored(owner, place, name, rating=rating) for place, (name, rating) in enumerate(titles)]


def _answers(batches: list[list[dict[str, Any]]], text: str) -> list[tuple[str, Any, Rank]]:
    """What site A finds in an index that was written in these commits."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "index", new=True)
        writer = shelf.writer()
        for batch in batches:
            writer.add(batch)
            writer.commit()
        shelf.reload()
        pages = everything(shelf, asked(text, "tenant:a", "platform"), limit=5)
        writer.close()
        return [(each.owner, each.title_id, each.rank) for each in pages]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(own=_TITLES, shared=_TITLES, others=_TITLES, text=_TEXTS, data=st.data())
def test_a_site_finds_the_same_in_the_same_order_whatever_others_hold(
    own: list[tuple[str, float | None]],
    shared: list[tuple[str, float | None]],
    others: list[tuple[str, float | None]],
    text: str,
    data: st.DataObject,
) -> None:
    mine = [*_documents("tenant:a", own), *_documents("platform", shared)]
    alone = _answers([mine], text)
    mixed = data.draw(st.permutations([*mine, *_documents("tenant:b", others)]))
    cut = data.draw(st.integers(0, len(mixed)))
    assert _answers([mixed[:cut], mixed[cut:]], text) == alone


def test_a_rare_word_of_another_owner_counts_for_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "index", new=True)
    writer = shelf.writer()
    writer.add(_documents("tenant:b", [("dune", 9.9)] * 500))
    writer.add([stored("tenant:a", 1, "dune messiah"), stored("platform", 2, "dune part two")])
    writer.commit()
    writer.close()
    shelf.reload()
    assert sorted(found(shelf, "dune", "tenant:a", "platform")) == [1, 2]
    assert found(shelf, "dune", "tenant:a") == [1]
    assert found(shelf, "dune", "tenant:c") == []


def test_owners_whose_keys_are_typos_of_each_other_stay_apart(filled_pair: tuple[Shelf, str, str]) -> None:
    shelf, one, other = filled_pair
    assert found(shelf, "interstelar", one) == ["one"]
    assert found(shelf, "interstelar", other) == ["other"]


def test_an_owners_key_has_three_characters_always() -> None:
    keys = {owner_key(f"tenant:t{number}") for number in range(20_000)}
    assert len(keys) == 20_000
    assert {len(key) for key in keys} == {3}
