"""What the demo draws: every film has a picture of its own, at any size, and a title that fits."""

from __future__ import annotations

from itertools import combinations

import pytest
from PIL import Image, ImageChops, ImageStat

from runtime.demo.canvas import Layer, Stage, mix
from runtime.demo.film import Film
from runtime.demo.films import EVERYTHING, OWN, SHARED
from runtime.demo.footage import merged
from runtime.demo.lettering import broken, fitting, line_width
from runtime.demo.posters import backdrop, end_card, poster, title_card
from runtime.demo.scenes import SCENES, draw

SMALL, TALL = Stage(160, 90, 20), Stage(80, 120)


def test_a_dozen_films_are_shared_and_one_is_a_sites_own() -> None:
    assert len(SHARED) == 12
    assert OWN not in SHARED
    assert len({film.slug for film in EVERYTHING}) == len({film.scene for film in EVERYTHING}) == 13
    assert {film.content_rating for film in SHARED} == {"safe", "18+"}


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_fills_its_frame_at_any_size(name: str) -> None:
    for stage in (SMALL, TALL):
        picture = draw(name, stage).still(stage)
        assert picture.size == (stage.width, stage.height)
        assert sum(ImageStat.Stat(picture).stddev) > 20, "a picture and no flat colour"


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_drawn_the_same_way_every_time(name: str) -> None:
    assert draw(name, TALL).still(TALL).tobytes() == draw(name, TALL).still(TALL).tobytes()


def test_no_two_scenes_look_alike() -> None:
    pictures = {name: draw(name, TALL).still(TALL) for name in SCENES}
    for one, other in combinations(pictures, 2):
        difference = ImageStat.Stat(ImageChops.difference(pictures[one], pictures[other])).mean
        assert sum(difference) > 24, f"{one} and {other}"


def test_posters_and_backdrops_have_the_sizes_that_pages_reserve() -> None:
    for film in (SHARED[0], SHARED[1], SHARED[8]):
        assert poster(film).size == (600, 900), film.layout
    assert backdrop(OWN).size == (1600, 900)


@pytest.mark.parametrize("film", EVERYTHING, ids=lambda film: film.slug)
def test_a_title_card_lets_the_picture_through_and_an_end_card_does_not(film: Film) -> None:
    assert title_card(film, SMALL).getchannel("A").getextrema() != (255, 255)
    assert end_card(film, SMALL).getchannel("A").getextrema() == (255, 255)


def test_a_title_is_broken_into_lines_of_like_length() -> None:
    assert broken("A Field Guide to Thunder", 2) == ["A Field Guide", "to Thunder"]
    assert broken("Harbour of Paper Lights", 3) == ["Harbour", "of Paper", "Lights"]
    assert broken("Tides", 3) == ["Tides"]


def test_type_is_as_large_as_fits_and_no_larger_than_told() -> None:
    size = fitting(["The Coastline Paradox"], 400, 96)
    assert size < 96
    assert line_width("The Coastline Paradox", size) == pytest.approx(400, abs=8)
    assert fitting(["Short"], 400, 40) == 40


def test_neighbouring_layers_that_move_alike_become_one() -> None:
    sheet = Image.new("RGBA", (4, 4), "#ff0000")
    veil = Image.new("RGBA", (4, 4), (0, 0, 255, 255))
    flat = merged([Layer(sheet), Layer(veil), Layer(sheet, travel=(5, 0))])
    assert [layer.travel for layer in flat] == [(0, 0), (5, 0)]
    assert flat[0].image.getpixel((0, 0)) == (0, 0, 255, 255)
    assert sheet.getpixel((0, 0)) == (255, 0, 0, 255), "the layers given stay as they were"


def test_colours_mix_by_share() -> None:
    assert mix("#000000", "#ff8000", 0.5) == "#804000"
