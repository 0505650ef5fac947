"""Whatever colour a tenant picks, what is written on it or in it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.themes.colour import BadColour, Colour, contrast, readable, text_on

CHANNEL = st.integers(0, 255)
COLOURS = st.builds(Colour, CHANNEL, CHANNEL, CHANNEL)
GROUNDS = st.sampled_from(
    [Colour.parse(text) for text in ("#fff", "#f6f1e8", "#f2eefe", "#0a0908", "#211d38", "#101113")]
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("#fc0", "#ffcc00"),
        ("gold", "#ffd700"),
        ("RGB(10 20 30)", "#0a141e"),
        ("hsl(200, 50%, 50%)", "#4095bf"),
        ("hwb(90 10% 10%)", "#80e61a"),
        ("rgb(none 0 300)", "#0000ff"),
    ],
)
def test_a_css_colour_is_read_and_written_again_as_hex(text: str, written: str) -> None:
    assert Colour.parse(text).hex == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "transparent",
        "currentcolor",
        "#ffffff80",
        "red;}body{display:none",
        "red blue",
        "url(https://evil.example/x)",
        "var(--x)",
        "expression(alert(1))",
        "oklch(0.7 0.1 200)",
        "#" + "f" * 10_000,
    ],
)
def test_what_is_not_one_opaque_colour_is_refused(text: str) -> None:
    with pytest.raises(BadColour):
        Colour.parse(text)


def test_contrast_is_that_of_wcag() -> None:
    white, black, grey = Colour.parse("#fff"), Colour.parse("#000"), Colour.parse("#767676")
    assert contrast(white, black) == pytest.approx(21)
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(white, grey) == pytest.approx(4.54, abs=0.01)


@given(background=COLOURS)
def test_text_on_any_colour_reads(background: Colour) -> None:
    assert contrast(text_on(background), background) >= 4.5


@given(colour=COLOURS, ground=GROUNDS)
def test_any_colour_becomes_readable_as_text(colour: Colour, ground: Colour) -> None:
    assert contrast(readable(colour, (ground,)), ground) >= 4.5


@given(colour=COLOURS, ground=GROUNDS)
def test_a_colour_that_reads_already_is_left_alone(colour: Colour, ground: Colour) -> None:
    if contrast(colour, ground) >= 4.6:
        moved = readable(colour, (ground,))
        channels = ((colour.red, moved.red), (colour.green, moved.green), (colour.blue, moved.blue))
        assert all(abs(before - after) <= 1 for before, after in channels)


def test_a_yellow_brand_stays_yellow_on_dark_and_becomes_ochre_on_light() -> None:
    yellow = Colour.parse("#ffe600")
    assert readable(yellow, (Colour.parse("#0a0908"),)) == yellow
    on_light = readable(yellow, (Colour.parse("#ffffff"),))
    assert on_light.red > on_light.green > on_light.blue
