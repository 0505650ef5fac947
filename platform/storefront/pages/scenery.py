"""The landscapes that covers are drawn from: each takes its dice, the size in pixels and the colours, and gives SVG."""

import math
from random import Random

import msgspec

from storefront.pages.shapes import bar, disc, glow, hills, line, path, rock, windows


class Palette(msgspec.Struct, frozen=True):
    """A sky from zenith to horizon, a light, and four grounds from far to near."""

    zenith: str
    horizon: str
    light: str
    far: str
    middle: str
    near: str
    front: str

    @property
    def grounds(self) -> tuple[str, str, str, str]:
        return self.far, self.middle, self.near, self.front


def ridges(rng: Random, width: int, height: int, palette: Palette) -> str:
    """Mountains behind mountains with the light low between them."""
    x, y = _focus(rng, width, 0.5), height * 0.46
    shapes = [glow(x, y, height * 0.42), disc(x, y, height * rng.uniform(0.07, 0.12), palette.light)]
    for depth, colour in enumerate(palette.grounds):
        level, swing = height * (0.5 + 0.13 * depth), height * (0.11 - 0.012 * depth)
        shapes.append(rock(rng, width, height, level, swing, colour))
    return "".join(shapes)


def dunes(rng: Random, width: int, height: int, palette: Palette) -> str:
    """Long soft waves of ground under a small light."""
    x, y = _focus(rng, width, 0.62), height * 0.3
    shapes = [glow(x, y, height * 0.36), disc(x, y, height * rng.uniform(0.045, 0.075), palette.light)]
    for depth, colour in enumerate(palette.grounds):
        shapes.append(hills(rng, width, height, height * (0.52 + 0.13 * depth), height * 0.09, colour))
    return "".join(shapes)


def ocean(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A great light half under, and its path on the water."""
    x, level, radius = _focus(rng, width, 0.55), height * 0.6, height * rng.uniform(0.15, 0.21)
    shapes = [glow(x, level, height * 0.5), disc(x, level, radius, palette.light)]
    shapes.append(path(palette.middle, "M0", level, "H", width, "V", height, "H0z"))
    coast = width * (0.12 if x > width / 2 else 0.86)
    peak: list[str | float] = [
        "q",
        width * 0.1,
        -height * 0.09,
        width * 0.18,
        -height * 0.02,
        "t",
        width * 0.16,
        height * 0.02,
        "z",
    ]
    shapes.append(path(palette.far, "M", coast - width * 0.16, level, *peak))
    for step in range(9):
        half = radius * (0.95 - step * 0.06) * rng.uniform(0.55, 1.1)
        top = level + (height - level) * (0.03 + step * 0.1)
        drift = x + rng.uniform(-0.2, 0.2) * radius
        shapes.append(bar(drift, top, half, height * (0.006 + step * 0.0012), palette.light, 0.75 - step * 0.06))
    shapes.append(hills(rng, width, height, height * 0.93, height * 0.03, palette.front))
    return "".join(shapes)


def city(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A skyline in three depths, some windows lit."""
    x = _focus(rng, width, 0.6)
    shapes = [glow(x, height * 0.4, height * 0.5), disc(x, height * 0.34, height * 0.1, palette.light)]
    for depth, colour in enumerate((palette.far, palette.near, palette.front)):
        left = -width * rng.uniform(0, 0.04)
        while left < width:
            wide = height * rng.uniform(0.05, 0.11) * (1 + depth * 0.25)
            top = height * (0.92 + 0.04 * depth - rng.uniform(0.16, 0.44 - 0.07 * depth))
            shapes.append(path(colour, "M", left, height, "V", top, "h", wide, "V", height, "z"))
            if depth:
                shapes.append(windows(rng, left, top, wide, height, palette.light))
            left += wide + height * rng.uniform(0, 0.025)
    return "".join(shapes)


def space(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A planet with its ring among stars."""
    x, y, radius = _focus(rng, width, 0.6), height * rng.uniform(0.36, 0.48), height * rng.uniform(0.17, 0.23)
    shapes: list[str] = []
    for _ in range(90):
        star = rng.uniform(0, width), rng.uniform(0, height * 0.85), rng.choice((1.0, 1.4, 2.2))
        shapes.append(disc(*star, palette.light, rng.uniform(0.35, 0.95)))
    wide, flat, thick = radius * 1.75, radius * 0.42, radius * 0.09
    ring: list[str | float] = ["M", x - wide, y, "a", wide, flat, "0 0"]
    shade: list[str | float] = [
        "a",
        radius,
        radius,
        "0 0 1",
        0,
        2 * radius,
        "a",
        radius * 1.25,
        radius * 1.25,
        "0 0 0",
        0,
        -2 * radius,
    ]
    planet = [
        line(palette.light, thick, *ring, "1", 2 * wide, 0, opacity=0.85),
        disc(x, y, radius, palette.light),
        path(palette.near, "M", x, y - radius, *shade, "z", opacity=0.32),
        line(palette.light, thick, *ring, "0", 2 * wide, 0, opacity=0.85),
    ]
    shapes.append(glow(x, y, radius * 2.6))
    shapes.append(f'<g transform="rotate({rng.uniform(-26, -12):.0f} {x:.0f} {y:.0f})">{"".join(planet)}</g>')
    shapes.append(rock(rng, width, height, height * 0.86, height * 0.05, palette.near))
    shapes.append(rock(rng, width, height, height * 0.94, height * 0.04, palette.front))
    return "".join(shapes)


def pines(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A forest in the mist."""
    x = _focus(rng, width, 0.5)
    shapes = [glow(x, height * 0.36, height * 0.45), disc(x, height * 0.34, height * 0.085, palette.light)]
    for depth, colour in enumerate(palette.grounds):
        ground, left = height * (0.6 + 0.13 * depth), -width * 0.02
        trees: list[str | float] = []
        while left < width * 1.02:
            tall = height * rng.uniform(0.07, 0.12) * (1 + depth * 0.55)
            half, foot = tall * rng.uniform(0.2, 0.26), ground + tall * 0.3
            trees += ["M", left - half, foot, "L", left, ground - tall * 0.7, "L", left + half, foot, "z"]
            left += half * rng.uniform(0.8, 2.1)
        shapes.append(path(colour, *trees, "M0", ground, "H", width, "V", height, "H0z"))
    return "".join(shapes)


def rays(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A rising light with its rays over hills."""
    x, y, reach, count = _focus(rng, width, 0.62), height * 0.64, math.hypot(width, height), 28
    turn = rng.uniform(0, math.tau / count)
    wedges: list[str | float] = []
    for step in range(0, count, 2):
        wedges += ["M", x, y]
        for edge in (turn + step * math.tau / count, turn + (step + 1) * math.tau / count):
            wedges += ["L", x + reach * math.cos(edge), y + reach * math.sin(edge)]
        wedges.append("z")
    shapes = [path(palette.light, *wedges, opacity=0.2), disc(x, y, height * 0.2, palette.light)]
    for depth, colour in enumerate(palette.grounds[1:]):
        shapes.append(hills(rng, width, height, height * (0.68 + 0.11 * depth), height * 0.06, colour))
    return "".join(shapes)


def arches(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A gate within a gate, and a light at its end."""
    x, foot = _focus(rng, width, 0.58), height * 0.84
    shapes = [glow(x, height * 0.5, height * 0.5)]
    gates = (palette.near, palette.middle, palette.far, palette.horizon)
    for share, colour in zip((0.36, 0.28, 0.205, 0.135), gates, strict=True):
        half = height * share
        top = foot - half * 0.85
        shapes.append(
            path(colour, "M", x - half, foot, "V", top, "a", half, half, "0 0 1", 2 * half, 0, "V", foot, "z")
        )
    shapes.append(disc(x, foot - height * 0.13, height * 0.06, palette.light))
    shapes.append(hills(rng, width, height, foot, height * 0.025, palette.near))
    shapes.append(hills(rng, width, height, height * 0.92, height * 0.03, palette.front))
    return "".join(shapes)


def _focus(rng: Random, width: int, around: float) -> float:
    """Where the eye goes: about the middle of a poster, the right half of a wide picture: its left is for words."""
    centre = around + 0.08 if width > 1000 else 0.5 + (around - 0.5) * 0.5
    return width * (centre + rng.uniform(-0.08, 0.08))
