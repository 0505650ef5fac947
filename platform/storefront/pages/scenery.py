"""The landscapes that covers are drawn from: each takes its dice, the size in pixels and the colours, and gives SVG shapes."""

import math
from random import Random

import msgspec


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
    place = _focus(rng, width, 0.5)
    shapes = [_glow(place, height * 0.46, height * 0.42), _disc(place, height * 0.46, height * rng.uniform(0.07, 0.12), palette.light)]
    for depth, colour in enumerate(palette.grounds):
        shapes.append(_slope(rng, width, height, height * (0.5 + 0.13 * depth), height * (0.11 - 0.012 * depth), colour, jagged=True))
    return "".join(shapes)


def dunes(rng: Random, width: int, height: int, palette: Palette) -> str:
    """Long soft waves of ground under a small light."""
    place = _focus(rng, width, 0.62)
    shapes = [_glow(place, height * 0.3, height * 0.36), _disc(place, height * 0.3, height * rng.uniform(0.045, 0.075), palette.light)]
    for depth, colour in enumerate(palette.grounds):
        shapes.append(_slope(rng, width, height, height * (0.52 + 0.13 * depth), height * 0.09, colour, jagged=False))
    return "".join(shapes)


def ocean(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A great light half under, and its path on the water."""
    place, line, radius = _focus(rng, width, 0.55), height * 0.6, height * rng.uniform(0.15, 0.21)
    water = f'<rect y="{line:.0f}" width="{width}" height="{height - line:.0f}" fill="{palette.middle}"/>'
    shapes = [_glow(place, line, height * 0.5), _disc(place, line, radius, palette.light), water]
    for step in range(9):
        top = line + (height - line) * (0.03 + step * 0.1)
        half = radius * (0.95 - step * 0.06) * rng.uniform(0.55, 1.1)
        shapes.append(_bar(place + rng.uniform(-0.2, 0.2) * radius, top, half, height * 0.006 + step * height * 0.0012, palette.light, 0.75 - step * 0.06))
    shapes.append(_slope(rng, width, height, height * 0.93, height * 0.03, palette.front, jagged=False))
    island = width * (0.12 if place > width / 2 else 0.86)
    shapes.insert(3, f'<path d="M{island - width * 0.16:.0f} {line:.0f}q{width * 0.1:.0f} {-height * 0.09:.0f} {width * 0.18:.0f} {-height * 0.02:.0f}t{width * 0.16:.0f} {height * 0.02:.0f}z" fill="{palette.far}"/>')
    return "".join(shapes)


def city(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A skyline in three depths, some windows lit."""
    place = _focus(rng, width, 0.6)
    shapes = [_glow(place, height * 0.4, height * 0.5), _disc(place, height * 0.34, height * 0.1, palette.light)]
    for depth, colour in enumerate((palette.far, palette.near, palette.front)):
        left = -width * rng.uniform(0, 0.04)
        while left < width:
            wide = height * rng.uniform(0.05, 0.11) * (1 + depth * 0.25)
            tall = height * rng.uniform(0.16, 0.44 - 0.07 * depth)
            top = height * (0.92 + 0.04 * depth) - tall
            shapes.append(f'<path d="M{left:.0f} {height}V{top:.0f}h{wide:.0f}V{height}z" fill="{colour}"/>')
            if depth:
                shapes.append(_windows(rng, left, top, wide, height, palette.light))
            left += wide + height * rng.uniform(0, 0.025)
    return "".join(shapes)


def space(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A planet with its ring among stars."""
    x, y, radius = _focus(rng, width, 0.6), height * rng.uniform(0.36, 0.48), height * rng.uniform(0.17, 0.23)
    stars = "".join(
        f'<circle cx="{rng.uniform(0, width):.0f}" cy="{rng.uniform(0, height * 0.85):.0f}" r="{rng.choice((1, 1.4, 2.2))}" opacity="{rng.uniform(0.35, 0.95):.2f}"/>'
        for _ in range(90)
    )
    tilt = rng.uniform(-26, -12)
    ring = f'fill="none" stroke="{palette.light}" stroke-width="{radius * 0.09:.0f}" opacity=".85"'
    wide, flat = radius * 1.75, radius * 0.42
    planet = (
        f'<g transform="rotate({tilt:.0f} {x:.0f} {y:.0f})"><path d="M{x - wide:.0f} {y:.0f}a{wide:.0f} {flat:.0f} 0 0 1 {2 * wide:.0f} 0" {ring}/>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{palette.light}"/>'
        f'<path d="M{x:.0f} {y - radius:.0f}a{radius:.0f} {radius:.0f} 0 0 1 0 {2 * radius:.0f}a{radius * 1.5:.0f} {radius * 1.5:.0f} 0 0 0 0 {-2 * radius:.0f}z" fill="{palette.far}" opacity=".55"/>'
        f'<path d="M{x - wide:.0f} {y:.0f}a{wide:.0f} {flat:.0f} 0 0 0 {2 * wide:.0f} 0" {ring}/></g>'
    )
    ground = _slope(rng, width, height, height * 0.86, height * 0.05, palette.near, jagged=True) + _slope(rng, width, height, height * 0.94, height * 0.04, palette.front, jagged=True)
    return f'<g fill="{palette.light}">{stars}</g>{_glow(x, y, radius * 2.6)}{planet}{ground}'


def pines(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A forest in the mist."""
    place = _focus(rng, width, 0.5)
    shapes = [_glow(place, height * 0.36, height * 0.45), _disc(place, height * 0.34, height * 0.085, palette.light)]
    for depth, colour in enumerate(palette.grounds):
        ground = height * (0.6 + 0.13 * depth)
        trees, left = [], -width * 0.02
        while left < width * 1.02:
            tall = height * rng.uniform(0.07, 0.12) * (1 + depth * 0.55)
            half = tall * rng.uniform(0.2, 0.26)
            trees.append(f"M{left - half:.0f} {ground + tall * 0.3:.0f}L{left:.0f} {ground - tall * 0.7:.0f}L{left + half:.0f} {ground + tall * 0.3:.0f}z")
            left += half * rng.uniform(0.8, 2.1)
        shapes.append(f'<path d="{"".join(trees)}M0 {ground:.0f}H{width}V{height}H0z" fill="{colour}"/>')
    return "".join(shapes)


def rays(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A rising light with its rays over hills."""
    x, y, reach, count = _focus(rng, width, 0.62), height * 0.64, math.hypot(width, height), 28
    turn = rng.uniform(0, math.tau / count)
    wedges = []
    for step in range(0, count, 2):
        one, other = turn + step * math.tau / count, turn + (step + 1) * math.tau / count
        wedges.append(f"M{x:.0f} {y:.0f}L{x + reach * math.cos(one):.0f} {y + reach * math.sin(one):.0f}L{x + reach * math.cos(other):.0f} {y + reach * math.sin(other):.0f}z")
    shapes = [f'<path d="{"".join(wedges)}" fill="{palette.light}" opacity=".2"/>', _disc(x, y, height * 0.2, palette.light)]
    for depth, colour in enumerate(palette.grounds[1:]):
        shapes.append(_slope(rng, width, height, height * (0.68 + 0.11 * depth), height * 0.06, colour, jagged=False))
    return "".join(shapes)


def arches(rng: Random, width: int, height: int, palette: Palette) -> str:
    """A gate within a gate, and a light at its end."""
    x, foot = _focus(rng, width, 0.58), height * 0.84
    shapes = [_glow(x, height * 0.5, height * 0.5)]
    for share, colour in zip((0.36, 0.28, 0.205, 0.135), (*palette.grounds[::-1][1:], palette.horizon), strict=True):
        half = height * share
        top = foot - height * share * 1.85
        shapes.append(f'<path d="M{x - half:.0f} {foot:.0f}V{top + half:.0f}a{half:.0f} {half:.0f} 0 0 1 {2 * half:.0f} 0V{foot:.0f}z" fill="{colour}"/>')
    shapes.append(_disc(x, foot - height * 0.13, height * 0.06, palette.light))
    shapes.append(_slope(rng, width, height, foot, height * 0.025, palette.near, jagged=False))
    shapes.append(_slope(rng, width, height, height * 0.92, height * 0.03, palette.front, jagged=False))
    return "".join(shapes)


def _focus(rng: Random, width: int, around: float) -> float:
    """Where the eye goes: about the middle of a poster, the right half of a wide picture, whose left holds the words."""
    centre = around + 0.08 if width > 1000 else 0.5 + (around - 0.5) * 0.5
    return width * (centre + rng.uniform(-0.08, 0.08))


def _disc(x: float, y: float, radius: float, colour: str) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{colour}"/>'


def _glow(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="url(#g)"/>'


def _bar(x: float, y: float, half: float, tall: float, colour: str, opacity: float) -> str:
    return f'<rect x="{x - half:.0f}" y="{y:.0f}" width="{2 * half:.0f}" height="{tall:.1f}" rx="{tall / 2:.1f}" fill="{colour}" opacity="{opacity:.2f}"/>'


def _windows(rng: Random, left: float, top: float, wide: float, height: int, colour: str) -> str:
    """Lit windows on a grid; most are dark."""
    step = height * 0.022
    lit = []
    for row in range(1, int((height - top) / step) - 1):
        for column in range(1, int(wide / step)):
            if rng.random() < 0.16:
                lit.append(f"M{left + column * step - step * 0.2:.0f} {top + row * step:.0f}h{step * 0.38:.0f}v{step * 0.5:.0f}h-{step * 0.38:.0f}z")
    return f'<path d="{"".join(lit)}" fill="{colour}" opacity=".8"/>' if lit else ""


def _slope(rng: Random, width: int, height: int, level: float, swing: float, colour: str, *, jagged: bool) -> str:
    """Ground whose upper edge lies about `level`: straight edges for rock, curves for sand and hills."""
    count = max(4, round(width / height * (9 if jagged else 3.2)))
    step = width / count
    heights = [level + rng.uniform(-swing, swing) * (1 if not jagged or index % 2 else 0.35) for index in range(count + 1)]
    if jagged:
        edge = "".join(f"L{index * step + rng.uniform(-0.25, 0.25) * step:.0f} {y:.0f}" for index, y in enumerate(heights))
        return f'<path d="M-{step:.0f} {heights[0]:.0f}{edge}L{width + step:.0f} {heights[-1]:.0f}V{height}H-{step:.0f}z" fill="{colour}"/>'
    edge = "".join(
        f"C{(index + 0.5) * step:.0f} {heights[index]:.0f} {(index + 0.5) * step:.0f} {heights[index + 1]:.0f} {(index + 1) * step:.0f} {heights[index + 1]:.0f}"
        for index in range(count)
    )
    return f'<path d="M0 {heights[0]:.0f}{edge}V{height}H0z" fill="{colour}"/>'
