"""Covers for titles that brought no picture: a landscape in flat colours, the same one for a title every time.

The pages set the title over it in the site's own type, so that a drawing carries no words and no font.
"""

import hashlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, Literal

import msgspec

from storefront.pages.scenery import Palette, arches, city, dunes, ocean, pines, rays, ridges, space

Kind = Literal["poster", "backdrop"]
Scene = Callable[[Random, int, int, Palette], str]

SIZES: Final[dict[Kind, tuple[int, int]]] = {"poster": (600, 900), "backdrop": (1600, 900)}
REVISION: Final = "1"
"""Part of the pictures' URLs: changing how covers are drawn changes it."""

PALETTES: Final = tuple(
    Palette(*colours.split())
    for colours in (
        "#1b1440 #8a3275 #ff9a62 #6a2a68 #471d56 #2b1340 #160a28",
        "#06303f #2a8798 #ffe3ad #1f6d80 #145163 #0c3848 #062431",
        "#c2503a #f4ad62 #fff1cd #b84a32 #8f3426 #63221b #3a1412",
        "#0d2a2b #4a8a66 #f6ecb8 #35705a #225245 #143730 #0a221e",
        "#060c26 #24377f #f5f1df #1e2f6c #142152 #0c1538 #060b21",
        "#3b1232 #cb4a72 #ffcbab #a0345e #732348 #491531 #290b1d",
        "#5c93bb #cfe4ef #ffffff #8ab3ce #5b8cad #396486 #1d4160",
        "#0e0b08 #5a4019 #f2bb52 #443014 #30210e #1e150a #0f0b05",
        "#170a3b #6335cc #ff86bf #5029a8 #391b80 #25115a #150836",
        "#0c4453 #68bda4 #fff4ca #3c9587 #26706c #154e51 #0a3239",
        "#1c0609 #9c1a26 #ff7a55 #7a1520 #560e18 #370910 #1d0508",
        "#1d2834 #7a8ea0 #f5dcbd #5d7184 #42546a #2b3a4b #17212c",
    )
)

SCENES: Final[tuple[Scene, ...]] = (ridges, ocean, city, dunes, space, pines, rays, arches)

FITTING: Final[dict[str, tuple[Scene, ...]]] = {
    "science fiction": (space, city),
    "sci-fi": (space, city),
    "crime": (city,),
    "thriller": (city, ridges),
    "mystery": (pines, city),
    "romance": (ocean, dunes),
    "drama": (ocean, dunes, ridges),
    "western": (dunes, ridges),
    "adventure": (ridges, dunes, ocean),
    "fantasy": (ridges, arches, pines),
    "animation": (arches, rays, pines),
    "family": (rays, arches),
    "comedy": (rays, arches),
    "documentary": (pines, ocean),
    "horror": (pines, city),
    "war": (rays, ridges),
    "music": (arches, rays),
}


class Cover(msgspec.Struct, frozen=True):
    """An SVG picture without words."""

    svg: str
    tone: int


def tone_of(title_id: str) -> int:
    """Which palette (0 to 11) a title has; pages show its colour until the picture is there."""
    return hashlib.sha256(title_id.encode()).digest()[0] % len(PALETTES)


def draw_cover(title_id: str, kind: Kind, genres: Sequence[str] = ()) -> Cover:
    """The title's cover, 600x900 or 1600x900, a few kilobytes."""
    seed = hashlib.sha256(title_id.encode()).digest()
    rng = Random(seed)  # noqa: S311 - the dice of a drawing
    fitting = next((FITTING[genre.lower()] for genre in genres if genre.lower() in FITTING), SCENES)
    scene = fitting[seed[1] % len(fitting)]
    width, height = SIZES[kind]
    tone = tone_of(title_id)
    palette = PALETTES[tone]
    shapes = scene(rng, width, height, palette)
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"'
    ground = f'<rect width="{width}" height="{height}" fill="url(#s)"/>'
    return Cover(f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{_lights(palette)}{ground}{shapes}</svg>', tone)


def _lights(palette: Palette) -> str:
    """The sky `s` and the halo `g`."""
    sky = f'<stop stop-color="{palette.zenith}"/><stop offset=".72" stop-color="{palette.horizon}"/>'
    halo = f'<stop stop-color="{palette.light}" stop-opacity=".6"/><stop offset="1" stop-color="{palette.light}"'
    return (
        f'<defs><linearGradient id="s" x2="0" y2="1">{sky}</linearGradient>'
        f'<radialGradient id="g">{halo} stop-opacity="0"/></radialGradient></defs>'
    )
