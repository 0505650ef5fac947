"""Above the ground: a ringed planet and kites on a bright day."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw

from runtime.demo.canvas import (
    Layer,
    Point,
    Scene,
    Stage,
    clouds,
    contrast,
    disc,
    glow,
    gradient,
    mix,
    painted,
    rgb,
    ridge,
    rolling,
    scattered,
    shape,
    softened,
)


def planet(stage: Stage, rng: Random) -> Scene:
    """A banded planet with rings over a nebula, a small moon passing in front."""
    size, u = stage.size, stage.unit
    centre = (stage.x(0.5), stage.y(0.42)) if stage.upright else (stage.x(0.66), stage.y(0.48))
    radius = (250 if stage.upright else 265) * u
    sky = gradient(size, [(0, "#060814"), (1, "#141033")])
    for colour, cell, low in (("#3b1d6e", (3, 3), 110), ("#0e5a72", (4, 4), 128), ("#b0487a", (5, 5), 146)):
        sky.alpha_composite(painted(softened(contrast(clouds(size, rng, cell, 5), low, 210, 0.75), 3 * u), colour))
    sky.alpha_composite(painted(scattered(size, rng, 420, (0.5 * u, 1.6 * u)), "#ffffff"))
    near = painted(scattered(size, rng, 26, (1.8 * u, 3.2 * u)), "#cfe3ff")
    body = glow(size, centre, radius * 1.55, "#ffb787", 0.4)
    body.alpha_composite(_rings(stage, centre, radius, back=True))
    body.alpha_composite(_globe(stage, rng, centre, radius))
    body.alpha_composite(_rings(stage, centre, radius, back=False))
    moon = centre[0] - radius * 1.45, centre[1] + radius * 0.95
    small = painted(
        disc(size, moon, 34 * u), [(0, "#f6efe3"), (1, "#8a7f94")], round(moon[1] - 34 * u), round(moon[1] + 34 * u)
    )
    return Scene(
        [
            Layer(sky, travel=(60 * u, 0)),
            Layer(near, travel=(110 * u, 0)),
            Layer(body, travel=(-90 * u, 20 * u)),
            Layer(small, travel=(380 * u, -60 * u)),
        ]
    )


def _globe(stage: Stage, rng: Random, centre: Point, radius: float) -> Image.Image:
    across = round(radius * 2)
    bands = [(n / 11, mix("#f7d9ae", "#b5563c", rng.uniform(0, 0.85))) for n in range(12)]
    ball = gradient((across, across), bands)
    ball.alpha_composite(painted(contrast(clouds((across, across), rng, (2, 14), 4), 120, 170, 0.4), "#fff2d8"))
    round_edge = disc((across, across), (radius, radius), radius - 1)
    night = softened(
        ImageChops.invert(disc((across, across), (radius * 0.62, radius * 0.66), radius * 0.98)), radius * 0.2
    )
    ball.alpha_composite(painted(night, "#0a0720"))
    ball.putalpha(round_edge)
    sheet = Image.new("RGBA", stage.size)
    sheet.paste(ball, (round(centre[0] - radius), round(centre[1] - radius)))
    return sheet


def _rings(stage: Stage, centre: Point, radius: float, *, back: bool) -> Image.Image:
    across, high = round(radius * 4.6), round(radius * 4.6)
    middle = across / 2

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for share, light, width in ((1.0, 150, 26), (0.90, 225, 44), (0.745, 120, 20), (0.67, 70, 14)):
            wide, tall = middle * 0.97 * share, middle * 0.22 * share
            box = [(middle - wide) * k, (middle - tall) * k, (middle + wide) * k, (middle + tall) * k]
            pen.arc(box, 180 if back else 0, 360 if back else 180, fill=light, width=round(width * radius / 265 * k))

    mask = shape((across, high), draw).rotate(16, Image.Resampling.BICUBIC)
    sheet = painted(mask, "#9c7a86" if back else "#f5cfa4")
    whole = Image.new("RGBA", stage.size)
    left, top = round(centre[0] - middle), round(centre[1] - middle)
    crop = sheet.crop((max(0, -left), max(0, -top), sheet.width, sheet.height))
    whole.paste(crop, (max(0, left), max(0, top)))
    return whole


def kites(stage: Stage, rng: Random) -> Scene:
    """Round clouds, green hills and a sky full of kites."""
    size, u = stage.size, stage.unit
    layers = [Layer(gradient(size, [(0, "#1f9bd8"), (0.45, "#7fd0ee"), (0.75, "#fdf3d4"), (1, "#fdf3d4")]))]
    layers.append(Layer(glow(size, (stage.x(0.82), stage.y(0.16)), 460 * u, "#fff8d0", 0.9)))
    for height, scale, travel in ((0.52, 0.8, 70), (0.36, 1.25, 130)):
        layers.append(Layer(_cumulus(stage, rng, height, scale), travel=(travel * u, 0)))
    hills = (("#8ed0a0", 0.70, 0.05, -40), ("#57b56f", 0.79, 0.055, -80), ("#2c8a56", 0.89, 0.05, -130))
    for colour, base, swing, travel in hills:
        line = rolling(rng, stage.y(base), stage.y(swing), 2, 0.8)
        layers.append(
            Layer(
                painted(
                    ridge(size, line),
                    [(0, mix(colour, "#fff6b0", 0.35)), (1, colour)],
                    round(stage.y(base - 0.06)),
                    round(stage.y(base + 0.12)),
                ),
                travel=(travel * u, 0),
            )
        )
    flock = (
        ("#e8413a", "#ffd23f", 0.27, 0.27, 1.5),
        ("#ffffff", "#ef476f", 0.66, 0.33, 1.05),
        ("#ffb703", "#fb5607", 0.86, 0.15, 0.8),
        ("#7b2cbf", "#f72585", 0.48, 0.13, 0.75),
        ("#06d6a0", "#118ab2", 0.10, 0.13, 0.7),
        ("#ff7b00", "#fff1a8", 0.82, 0.47, 0.6),
    )
    for index, (first, second, x, y, scale) in enumerate(flock):
        layers.append(
            Layer(
                _kite(stage, first, second, (stage.x(x), stage.y(y)), scale * (0.8 if stage.upright else 1), index),
                sway=((26 + 5 * index) * u, 16 * u, 4.2 + index * 0.9),
            )
        )
    return Scene(layers)


def _cumulus(stage: Stage, rng: Random, height: float, scale: float) -> Image.Image:
    puffs: list[tuple[float, float, float]] = []
    for _ in range(4 if stage.upright else 6):
        left, base = rng.uniform(0, stage.size[0]), stage.y(height + rng.uniform(-0.09, 0.06))
        for part in range(9):
            away = (part - 4) / 4
            puffs.append(
                (
                    left + away * 120 * scale * stage.unit,
                    base - (1 - away**2) * 26 * scale * stage.unit * rng.uniform(0.4, 1.6),
                    (26 + 30 * (1 - abs(away))) * scale * stage.unit,
                )
            )

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for x, y, r in puffs:
            pen.ellipse([(x - r) * k, (y - r) * k, (x + r) * k, (y + r) * k], fill=255)

    mask = shape(stage.size, draw)
    sheet = painted(mask, [(0, "#ffffff"), (1, "#ffffff")])
    lower = ImageChops.multiply(mask, ImageChops.offset(ImageChops.invert(mask), 0, -round(26 * scale * stage.unit)))
    sheet.alpha_composite(painted(softened(lower, 10 * stage.unit), "#bfe3f2"))
    sheet.putalpha(mask.point([round(v * 0.93) for v in range(256)]))
    return sheet


def _kite(stage: Stage, first: str, second: str, at: Point, scale: float, index: int) -> Image.Image:
    u = stage.unit * scale
    picture = Image.new("RGBA", (round(480 * u), round(640 * u)))
    k = 2
    big = Image.new("RGBA", (picture.width * k, picture.height * k))
    pen = ImageDraw.Draw(big)
    x, y = picture.width / 2 * k, 130 * u * k
    top, left, right, foot = (
        (x, y - 105 * u * k),
        (x - 74 * u * k, y - 20 * u * k),
        (x + 74 * u * k, y - 20 * u * k),
        (x, y + 125 * u * k),
    )
    middle = (x, y - 20 * u * k)
    for corners, colour in (
        ((top, left, middle), first),
        ((top, right, middle), second),
        ((left, foot, middle), second),
        ((right, foot, middle), first),
    ):
        pen.polygon(corners, fill=rgb(colour))
    tail = [
        (foot[0] + 34 * u * k * math.sin(step / 5) * min(1, step / 12), foot[1] + step * 7.5 * u * k)
        for step in range(44)
    ]
    pen.line(tail, fill=(255, 255, 255, 230), width=max(1, round(3.4 * u * k)))
    for bow in range(8, 44, 9):
        bx, by = tail[bow]
        s = 13 * u * k
        pen.polygon([(bx, by), (bx - s * 1.5, by - s), (bx - s * 1.5, by + s)], fill=rgb(first))
        pen.polygon([(bx, by), (bx + s * 1.5, by - s), (bx + s * 1.5, by + s)], fill=rgb(second))
    picture = big.reduce(k).rotate((-14, 11, 18, -9, 8, -16)[index % 6], Image.Resampling.BICUBIC)
    sheet = Image.new("RGBA", stage.size)
    sheet.paste(picture, (round(at[0] - picture.width / 2), round(at[1] - 130 * u)))
    return sheet
