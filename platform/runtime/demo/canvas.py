"""Drawing primitives of the demo's artwork: skies, ridges, glows, clouds and grain, all made by Pillow from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Point = tuple[float, float]
Stops = Sequence[tuple[float, str]]
Paint = str | Stops
RIM = 74  # what Pillow's radial gradient leaves at the middle of an edge
Line = Callable[[float], float]  # y in pixels at a share of the width


@dataclass(frozen=True)
class Stage:
    """A frame of width x height pixels, with `margin` pixels to spare on both sides for a moving camera."""

    width: int
    height: int
    margin: int = 0

    @property
    def size(self) -> tuple[int, int]:
        return self.width + 2 * self.margin, self.height

    @property
    def unit(self) -> float:
        """One thousandth of the frame's shorter side."""
        return min(self.width, self.height) / 1000

    @property
    def upright(self) -> bool:
        return self.height > self.width

    def x(self, share: float) -> float:
        return self.margin + share * self.width

    def y(self, share: float) -> float:
        return share * self.height


@dataclass(frozen=True)
class Layer:
    """An RGBA picture and how it moves in the film: `travel` pixels in all, `sway` (pixels, seconds) around there."""

    image: Image.Image
    at: Point = (0, 0)
    travel: Point = (0, 0)
    sway: tuple[float, float, float] = (0, 0, 1)
    shown: str | None = None  # an ffmpeg expression of t; always when None


@dataclass(frozen=True)
class Scene:
    """A picture in layers, back to front; the film is made of `source`, an ffmpeg source, where there is one."""

    layers: list[Layer]
    source: str | None = None

    def still(self, stage: Stage) -> Image.Image:
        """The picture as it stands in the middle of the film."""
        picture = Image.new("RGB", (stage.width, stage.height))
        for layer in self.layers:
            picture.paste(layer.image, (round(layer.at[0]) - stage.margin, round(layer.at[1])), layer.image)
        return picture


def dice(seed: str) -> Random:
    """Chance that falls the same way for the same seed, on every machine."""
    return Random(seed)  # noqa: S311 - a picture, not a secret


@lru_cache(maxsize=4096)
def rgb(colour: str) -> tuple[int, int, int]:
    return ImageColor.getrgb(colour)[:3]


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from the first to the second."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def gradient(size: tuple[int, int], stops: Stops) -> Image.Image:
    """A vertical RGBA gradient through stops (share of the height, colour)."""
    strip = Image.new("RGB", (1, 256))
    for row in range(256):
        strip.putpixel((0, row), rgb(_between(stops, row / 255)))
    tall = strip.resize((1, size[1]), Image.Resampling.BICUBIC)
    return tall.resize(size, Image.Resampling.NEAREST).convert("RGBA")


def _between(stops: Stops, share: float) -> str:
    before, after = stops[0], stops[-1]
    for low, high in pairwise(stops):
        if low[0] <= share <= high[0]:
            before, after = low, high
            break
    span = after[0] - before[0]
    return mix(before[1], after[1], min(1.0, max(0.0, (share - before[0]) / span)) if span else 0)


def painted(mask: Image.Image, paint: Paint, top: int = 0, bottom: int | None = None) -> Image.Image:
    """A colour, or a gradient from row `top` to row `bottom`, where the mask lets it through."""
    if isinstance(paint, str):
        sheet = Image.new("RGBA", mask.size, (*rgb(paint), 255))
    else:
        low = mask.height if bottom is None else bottom
        sheet = Image.new("RGBA", mask.size, (*rgb(paint[-1][1]), 255))
        sheet.paste((*rgb(paint[0][1]), 255), (0, 0, mask.width, max(0, top)))
        sheet.paste(gradient((mask.width, max(1, low - top)), paint), (0, top))
    sheet.putalpha(mask)
    return sheet


def shape(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """A mask drawn at twice the size (the second argument is that factor) and reduced, so that its edges are smooth."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    draw(ImageDraw.Draw(mask), 2.0)
    return mask.reduce(2)


def polygon(size: tuple[int, int], points: Iterable[Point]) -> Image.Image:
    corners = list(points)
    return shape(size, lambda pen, k: pen.polygon([(x * k, y * k) for x, y in corners], fill=255))


def disc(size: tuple[int, int], centre: Point, radius: float) -> Image.Image:
    x, y = centre
    return shape(
        size,
        lambda pen, k: pen.ellipse([(x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k], fill=255),
    )


def ridge(size: tuple[int, int], line: Line, step: int = 6) -> Image.Image:
    """Everything below the line; `line` gives y in pixels at a share of the width."""
    width, height = size
    top = [(float(x), line(x / width)) for x in range(0, width + step, step)]
    return polygon(size, [*top, (width + step, height), (0, height)])


def rolling(rng: Random, base: float, swing: float, octaves: int = 4, wave: float = 2.0) -> Line:
    """A smooth random line around `base`, `swing` high; more octaves make it rougher."""
    parts = [(wave * 1.9**n * rng.uniform(0.8, 1.2), swing / 2.1**n, rng.uniform(0, math.tau)) for n in range(octaves)]
    return lambda share: (
        base + sum(height * math.sin(share * math.tau * speed + phase) for speed, height, phase in parts)
    )


def jagged(rng: Random, base: float, swing: float, peaks: int = 7) -> Line:
    """A mountain line: random peaks around `base` with straight, finely broken flanks."""
    heights = [base]
    for _ in range(peaks):
        heights += [base - swing * rng.uniform(0.35, 1.0), base + swing * rng.uniform(-0.15, 0.25)]
    for roughness in (0.22, 0.1, 0.05):
        middles = [(a + b) / 2 + rng.uniform(-1, 1) * swing * roughness for a, b in pairwise(heights)]
        heights = [y for pair in zip(heights, middles, strict=False) for y in pair] + heights[-1:]

    def line(share: float) -> float:
        place = min(max(share, 0.0), 0.9999) * (len(heights) - 1)
        index = int(place)
        return heights[index] + (heights[index + 1] - heights[index]) * (place - index)

    return line


def glow(size: tuple[int, int], centre: Point, radius: float, colour: str, strength: float = 1.0) -> Image.Image:
    """Light that falls off softly from the centre."""
    across = max(2, round(radius * 2))
    fall = ImageChops.invert(Image.radial_gradient("L")).resize((across, across), Image.Resampling.BICUBIC)
    curve = [round(255 * (max(0, v - RIM) / (255 - RIM)) ** 2 * strength) for v in range(256)]
    fall = fall.point(curve)
    mask = Image.new("L", size)
    mask.paste(fall, (round(centre[0] - radius), round(centre[1] - radius)))
    return painted(mask, colour)


def clouds(size: tuple[int, int], rng: Random, cell: tuple[int, int], octaves: int = 4) -> Image.Image:
    """Fractal noise as a mask: `cell` is the coarsest grid; different proportions stretch it into streaks."""
    total = Image.new("L", size, 128)
    for octave in range(octaves):
        columns, rows = cell[0] << octave, cell[1] << octave
        grain = Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows))
        total = Image.blend(
            total, grain.resize(size, Image.Resampling.BICUBIC), 0.5 if octave == 0 else 0.62 ** (octave + 1)
        )
    return total


def contrast(mask: Image.Image, low: int, high: int, strength: float = 1.0) -> Image.Image:
    """The mask's values between low and high stretched over the whole range."""
    span = max(1, high - low)
    return mask.point([round(255 * strength * min(1.0, max(0.0, (v - low) / span))) for v in range(256)])


def faded(mask: Image.Image, stops: Sequence[tuple[float, float]]) -> Image.Image:
    """The mask multiplied by a vertical fade through stops (share of the height, 0 to 1)."""
    grey = [(at, "#" + f"{round(255 * value):02x}" * 3) for at, value in stops]
    return ImageChops.multiply(mask, gradient(mask.size, grey).convert("L"))


def scattered(
    size: tuple[int, int], rng: Random, count: int, radius: tuple[float, float], lowest: float = 1.0
) -> Image.Image:
    """Points of light: a mask of dots of random place, size and brightness above `lowest` (a share of the height)."""
    spots = [
        (rng.uniform(0, size[0]), rng.uniform(0, size[1] * lowest), rng.uniform(*radius), rng.randint(70, 255))
        for _ in range(count)
    ]

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for x, y, r, light in spots:
            pen.ellipse([(x - r) * k, (y - r) * k, (x + r) * k, (y + r) * k], fill=light)

    return shape(size, draw)


def grained(picture: Image.Image, rng: Random, strength: float = 0.05) -> Image.Image:
    """Film grain, which also hides the steps of long gradients."""
    grain = Image.frombytes("L", picture.size, rng.randbytes(picture.width * picture.height))
    return Image.blend(picture, ImageChops.overlay(picture, Image.merge("RGB", (grain, grain, grain))), strength * 3)


def softened(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))
