"""Lights over water: lanterns above a harbour, fireworks above a town."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw, ImageOps

from runtime.demo.canvas import (
    Layer,
    Point,
    Scene,
    Stage,
    glow,
    gradient,
    mix,
    painted,
    ridge,
    rolling,
    scattered,
    shape,
    softened,
)
from runtime.demo.scenes.cities import skyline


def lanterns(stage: Stage, rng: Random) -> Scene:
    """Paper lanterns rise over a harbour and lie as streaks of light in its water."""
    size, u = stage.size, stage.unit
    shore = round(stage.y(0.66))
    sky = gradient(size, [(0, "#0a1030"), (0.4, "#1d2a63"), (0.66, "#6d4a86"), (0.665, "#2a2558"), (1, "#070a22")])
    sky.alpha_composite(painted(scattered(size, rng, 160, (0.6 * u, 1.8 * u), 0.5), "#dfe8ff"))
    hills = painted(ridge((size[0], shore), rolling(rng, shore - 70 * u, 60 * u, 4)), "#231d4d")
    town = Image.new("RGBA", size)
    town.alpha_composite(hills)
    houses = skyline(Stage(stage.width, shore, stage.margin), rng, 1.0, 0.15, 60 * u, "#15112f", 0.5)
    town.alpha_composite(houses)
    floating = _lanterns(stage, rng, 46)
    small = _lanterns(stage, rng, 70, 0.42)
    mirror = Image.new("RGBA", size)
    for picture, light in ((town, 0.5), (floating, 0.75), (small, 0.6)):
        mirror.alpha_composite(_mirrored(picture, shore, light, u), (0, shore))
    boats = painted(_boats(stage, shore), "#05061a")
    return Scene(
        [
            Layer(sky),
            Layer(town, travel=(-30 * u, 0)),
            Layer(mirror, sway=(7 * u, 0, 3.4)),
            Layer(small, travel=(20 * u, -60 * u)),
            Layer(floating, travel=(50 * u, -150 * u)),
            Layer(boats, travel=(90 * u, 0), sway=(0, 3 * u, 4)),
        ]
    )


def _lanterns(stage: Stage, rng: Random, count: int, scale: float = 1.0) -> Image.Image:
    u, sheet = stage.unit, Image.new("RGBA", stage.size)
    if stage.upright:
        count = round(count * 0.55)
    lantern = _lantern(round(160 * u * scale))
    for index in range(count):
        x, y = rng.uniform(0, stage.size[0]), stage.y(0.60 * rng.random() ** 0.8)
        box = round(rng.uniform(136, 200) * u * scale * (1.8 if index % 9 == 0 and scale == 1.0 else 1))
        _stamp(sheet, lantern.resize((box, box)), (round(x - box / 2), round(y - box / 2)))
    return sheet


def _lantern(box: int) -> Image.Image:
    middle, wide, high = box / 2, box / 8, box / 6
    light = glow((box, box), (middle, middle), middle, "#ff9a3d", 0.55)

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.rounded_rectangle(
            [(middle - wide) * k, (middle - high) * k, (middle + wide) * k, (middle + high) * k],
            wide * 0.6 * k,
            fill=255,
        )

    paper = painted(
        shape((box, box), draw),
        [(0, "#ffe3a0"), (0.55, "#ffae4a"), (1, "#e8552a")],
        round(middle - high),
        round(middle + high),
    )
    light.alpha_composite(paper)
    return light


def _stamp(sheet: Image.Image, picture: Image.Image, at: tuple[int, int]) -> None:
    """Composite a picture that may lie partly outside."""
    left, top = max(0, -at[0]), max(0, -at[1])
    right, bottom = min(picture.width, sheet.width - at[0]), min(picture.height, sheet.height - at[1])
    if left < right and top < bottom:
        sheet.alpha_composite(picture.crop((left, top, right, bottom)), (at[0] + left, at[1] + top))


def _mirrored(picture: Image.Image, shore: int, light: float, u: float) -> Image.Image:
    """What stands above the shore as the water shows it: upside down, shortened, drawn out into streaks."""
    depth = picture.height - shore
    lower = ImageOps.flip(picture.crop((0, shore - round(depth * 1.6), picture.width, shore))).resize(
        (picture.width, depth)
    )
    streaks = lower.resize((picture.width, max(2, depth // 14)), Image.Resampling.BOX).resize(
        (picture.width, depth), Image.Resampling.BICUBIC
    )
    streaks.putalpha(streaks.getchannel("A").point([min(255, round(v * light)) for v in range(256)]))
    return softened(streaks, 2.5 * u)


def _boats(stage: Stage, shore: int) -> Image.Image:
    u = stage.unit
    places = ((0.2, 0.17, 1.6), (0.74, 0.08, 0.9), (0.88, 0.11, 1.1))

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for across, down, scale in places:
            x, y, s = stage.x(across) * k, (shore + stage.y(down)) * k, u * k * scale
            pen.polygon(
                [
                    (x - 70 * s, y - 16 * s),
                    (x + 74 * s, y - 20 * s),
                    (x + 46 * s, y + 12 * s),
                    (x - 48 * s, y + 12 * s),
                ],
                fill=255,
            )
            pen.rectangle([x - 3 * s, y - 120 * s, x + 2 * s, y], fill=255)
            pen.polygon([(x + 5 * s, y - 112 * s), (x + 56 * s, y - 28 * s), (x + 5 * s, y - 28 * s)], fill=255)

    return shape(stage.size, draw)


WIDE_BURSTS = (
    ("#ff5fa2", 0.36, 0.32, 280),
    ("#ffd166", 0.69, 0.24, 225),
    ("#63e6ff", 0.54, 0.53, 170),
    ("#b388ff", 0.13, 0.45, 165),
    ("#7dffb0", 0.88, 0.50, 150),
)
TALL_BURSTS = (
    ("#ff5fa2", 0.42, 0.20, 330),
    ("#ffd166", 0.80, 0.37, 240),
    ("#63e6ff", 0.24, 0.49, 230),
    ("#b388ff", 0.66, 0.60, 180),
    ("#7dffb0", 0.92, 0.10, 140),
)


def fireworks(stage: Stage, rng: Random) -> Scene:
    """Bursts one after the other above a dark river town."""
    size, u = stage.size, stage.unit
    sky = gradient(size, [(0, "#0b0620"), (0.6, "#2c1450"), (0.8, "#5a1f5e"), (1, "#1a0b30")])
    colours = WIDE_BURSTS if not stage.upright else TALL_BURSTS
    layers = [Layer(sky)]
    for index, (colour, x, y, reach) in enumerate(colours):
        burst = _burst(stage, rng, (stage.x(x), stage.y(y)), reach * u, colour)
        beat = f"lt(mod(t+{index * 1.3:.1f}\\,4.2)\\,2.3)"
        layers.append(Layer(burst, sway=(0, 5 * u, 4.2), shown=beat))
    layers.append(Layer(skyline(stage, rng, 0.95, 0.16, 74 * u, "#0d0519", 0.3), travel=(-60 * u, 0)))
    return Scene(layers)


def _burst(stage: Stage, rng: Random, centre: Point, reach: float, colour: str) -> Image.Image:
    rays = [
        (turn * math.tau / round(64 * ring**0.6) + rng.uniform(-0.03, 0.03), ring * rng.uniform(0.93, 1.05))
        for ring in (1.0, 0.68, 0.42)
        for turn in range(round(64 * ring**0.6))
    ]

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for turn, ring in rays:
            for step in range(16):
                share = step / 15
                away = reach * ring * (0.5 + 0.5 * share)
                x, y = centre[0] + away * math.cos(turn), centre[1] + away * math.sin(turn) + reach * 0.10 * share**2
                r = (0.4 + 1.9 * share) * stage.unit
                pen.ellipse([(x - r) * k, (y - r) * k, (x + r) * k, (y + r) * k], fill=round(20 + 235 * share**1.5))

    sparks = shape(stage.size, draw)
    sheet = glow(stage.size, centre, reach * 1.7, colour, 0.62)
    sheet.alpha_composite(painted(softened(sparks, 5 * stage.unit), colour))
    sheet.alpha_composite(painted(sparks, mix(colour, "#ffffff", 0.55)))
    return sheet
