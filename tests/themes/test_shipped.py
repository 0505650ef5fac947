"""The themes that come with the platform pass their own check, with defaults and with any brand."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.themes.assets import Assets
from tenancy.themes.catalogue import ThemeCatalogue
from tenancy.themes.check import PAIRS, SCHEMES, check
from tenancy.themes.colour import Colour, contrast
from tenancy.themes.look import colours, stylesheet
from tenancy.themes.settings import choose

ROOT = Path(str(files("themes")))
CATALOGUE = ThemeCatalogue.load(ROOT)
NAMES = st.sampled_from(CATALOGUE.names)
HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_there_is_base_with_its_children() -> None:
    assert set(CATALOGUE.names) >= {"base", "plain", "nocturne", "hanabi", "folio"}


@pytest.mark.parametrize("name", CATALOGUE.names)
def test_nothing_is_found_about_a_shipped_theme(name: str) -> None:
    assert check(CATALOGUE.get(name), Assets.load(ROOT / "base/static/dist")) == []


@given(name=NAMES, accent=HEX, accent2=HEX)
def test_any_two_brand_colours_read_everywhere_they_are_used(name: str, accent: str, accent2: str) -> None:
    theme = CATALOGUE.get(name)
    settings = choose(theme, {"accent": accent, "accent2": accent2}).values
    for scheme in SCHEMES:
        values = {token: Colour.parse(value) for token, value in colours(theme, settings, scheme).items()}
        for text, grounds, least in PAIRS:
            for ground in grounds:
                assert contrast(values[text], values[ground]) >= least, (scheme, text, ground)


@pytest.mark.parametrize(
    ("given_settings", "turned_down"),
    [
        ({"accent": "red;}*{display:none}"}, "accent"),
        ({"accent": "url(//evil.example)"}, "accent"),
        ({"radius": "9px"}, "radius"),
        ({"font_pair": "Comic Sans"}, "font_pair"),
        ({"unheard": "of"}, "unheard"),
        ({"accent": "#" + "f" * 100}, "accent"),
    ],
)
def test_a_bad_setting_is_turned_down_by_name_and_the_default_used(
    given_settings: dict[str, str | None], turned_down: str
) -> None:
    theme = CATALOGUE.get("base")
    chosen = choose(theme, given_settings)
    assert [each.setting for each in chosen.rejected] == [turned_down]
    assert chosen.values == choose(theme, {}).values


def test_nothing_chosen_is_the_theme_itself() -> None:
    theme = CATALOGUE.get("nocturne")
    assert choose(theme, {"accent": None, "accent2": ""}) == choose(theme, {})


def test_a_stylesheet_holds_both_schemes_and_is_named_by_its_content() -> None:
    theme = CATALOGUE.get("base")
    plain, red = (stylesheet(theme, choose(theme, {"accent": accent}).values) for accent in (None, "#c00"))
    assert plain.name != red.name
    assert "--accent:#cc0000;" in red.body
    assert "prefers-color-scheme:dark" in red.body


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_one_scheme_can_be_asked_for(scheme: str, other: str) -> None:
    theme = CATALOGUE.get("nocturne")
    body = stylesheet(theme, choose(theme, {"scheme": scheme}).values).body
    assert f"color-scheme:{scheme}" in body
    assert f"color-scheme:{other}" not in body


@pytest.mark.parametrize(("name", "most_bytes"), [("plain", 12_288), ("base", 20_480), ("nocturne", 25_600)])
def test_a_theme_stays_light(name: str, most_bytes: int) -> None:
    """What each page loads: the built stylesheet and the brand's own."""
    theme = CATALOGUE.get(name)
    [built] = (ROOT / "base/static/dist").glob(f"{name}-*.css")
    assert built.stat().st_size + len(stylesheet(theme, choose(theme, {}).values).body) <= most_bytes
