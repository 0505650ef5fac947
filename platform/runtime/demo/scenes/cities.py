"""Towns at night: a tram line, a harbour of lanterns, fireworks over a river, a corridor of red arches."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw

from runtime.demo.canvas import (
    Layer,
    Scene,
    Stage,
    clouds,
    contrast,
    disc,
    faded,
    glow,
    gradient,
    mix,
    painted,
    rgb,
    scattered,
    shape,
)


def tram(stage: Stage, rng: Random) -> Scene:
    """A violet skyline in fog under a large moon; a lit tram crosses a viaduct."""
    size, u = stage.size, stage.unit
    moon = (stage.x(0.68), stage.y(0.42)) if stage.upright else (stage.x(0.30), stage.y(0.27))
    layers = [
        Layer(gradient(size, [(0, "#120c2e"), (0.5, "#473a86"), (0.8, "#c06a9b"), (1, "#f0a08a")])),
        Layer(painted(scattered(size, rng, 130, (0.7 * u, 1.9 * u), 0.45), "#ffffff")),
        Layer(glow(size, moon, 430 * u, "#f9d9ff", 0.6)),
        Layer(
            painted(
                disc(size, moon, 118 * u),
                [(0, "#fff7ee"), (1, "#f3cfe2")],
                round(moon[1] - 118 * u),
                round(moon[1] + 118 * u),
            ),
            travel=(0, 40 * u),
        ),
    ]
    for base, tall, wide, wall, travel, lit in (
        (0.86, 0.36, 46, "#6b4f95", -40, 0.0),
        (0.90, 0.33, 66, "#40316f", -90, 0.24),
        (0.97, 0.27, 96, "#1d1844", -150, 0.33),
    ):
        layers.append(Layer(skyline(stage, rng, base, tall, wide * u, wall, lit), travel=(travel * u, 0)))
        haze = faded(contrast(clouds(size, rng, (3, 4), 3), 70, 190, 0.4), [(0, 0), (0.55, 0), (0.85, 1), (1, 0.5)])
        layers.append(Layer(painted(haze, "#d890b8")))
    deck = stage.y(0.855)
    layers.append(
        Layer(_tram(stage), at=(stage.x(0.30 if stage.upright else 0.42), deck - 78 * u), travel=(900 * u, 0))
    )
    layers.append(
        Layer(
            painted(_viaduct(stage, deck), [(0, "#17123a"), (1, "#090618")], round(deck), stage.height),
            travel=(-190 * u, 0),
        )
    )
    return Scene(layers)


House = tuple[float, float, float, int]  # left, top, width, kind of roof
LAMPS = ("#ffd98a", "#ffc26b", "#ffe9bd", "#f7a76a")


def skyline(stage: Stage, rng: Random, base: float, tall: float, wide: float, wall: str, lit: float) -> Image.Image:
    """Houses side by side, at most `tall` (a share of the height) above `base`; a share `lit` of their windows is."""
    houses: list[House] = []
    x = -10.0
    while x < stage.size[0] + 10:
        across = wide * rng.uniform(0.7, 1.5)
        houses.append((x, stage.y(base - tall * rng.uniform(0.3, 1.0) ** 1.4), across, rng.randrange(4)))
        x += across + (rng.random() < 0.25) * wide * 0.5
    colours = [(0, wall), (1, mix(wall, "#0a0620", 0.45))]
    sheet = painted(_houses(stage, houses), colours, round(stage.y(base - tall)), stage.height)
    _light(sheet, rng, houses, wide, lit)
    return sheet


def _houses(stage: Stage, houses: list[House]) -> Image.Image:
    u = stage.unit

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for left, top, across, roof in houses:
            pen.rectangle([left * k, top * k, (left + across) * k, stage.height * k], fill=255)
            middle = left + across / 2
            gable = [(left * k, top * k), (middle * k, (top - across * 0.5) * k), ((left + across) * k, top * k)]
            aerial = [(middle - 1.5 * u) * k, (top - 46 * u) * k, (middle + 1.5 * u) * k, top * k]
            tank = [(left + across * 0.2) * k, (top - 16 * u) * k, (left + across * 0.8) * k, top * k]
            match roof:
                case 0:
                    pen.polygon(gable, fill=255)
                case 1 | 2:
                    pen.rectangle(aerial if roof == 1 else tank, fill=255)
                case _:
                    pass

    return shape(stage.size, draw)


def _light(sheet: Image.Image, rng: Random, houses: list[House], wide: float, lit: float) -> None:
    pen = ImageDraw.Draw(sheet)
    pane, gap = max(2, round(wide * 0.1)), wide * 0.23
    for left, top, across, _ in houses:
        for row in range(int((sheet.height - top) / (gap * 1.35))):
            for column in range(1, int(across / gap)):
                if rng.random() < lit:
                    x, y = round(left + column * gap - pane / 2), round(top + (row + 0.6) * gap * 1.35)
                    pen.rectangle([x, y, x + pane, y + pane * 1.5], fill=rgb(rng.choice(LAMPS)))


def _tram(stage: Stage) -> Image.Image:
    u = stage.unit
    wide, high = round(400 * u), round(80 * u)
    picture = Image.new("RGBA", (wide * 2, high * 2))
    pen = ImageDraw.Draw(picture)
    k = 2 * u
    for car in (0, 1):
        left = 6 + car * 200
        pen.rounded_rectangle([left * k, 8 * k, (left + 188) * k, 70 * k], 16 * k, fill=rgb("#e9563f"))
        pen.rectangle([left * k, 46 * k, (left + 188) * k, 52 * k], fill=rgb("#ffe3b3"))
        for window in range(5):
            pen.rounded_rectangle(
                [(left + 12 + window * 34) * k, 17 * k, (left + 40 + window * 34) * k, 41 * k],
                4 * k,
                fill=rgb("#fff0c2"),
            )
        for wheel in (30, 145):
            pen.ellipse([(left + wheel) * k, 62 * k, (left + wheel + 17) * k, 79 * k], fill=rgb("#0c0820"))
    return picture.reduce(2)


def _viaduct(stage: Stage, deck: float) -> Image.Image:
    u = stage.unit

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.rectangle([0, deck * k, stage.size[0] * k, stage.height * k], fill=255)
        for arch in range(int(stage.size[0] / (170 * u)) + 2):
            left = (arch * 170 - 40) * u
            pen.rounded_rectangle(
                [left * k, (deck + 34 * u) * k, (left + 128 * u) * k, (stage.height + 90 * u) * k], 64 * u * k, fill=0
            )
        for mast in range(int(stage.size[0] / (340 * u)) + 2):
            left = mast * 340 * u
            pen.rectangle([left * k, (deck - 128 * u) * k, (left + 5 * u) * k, deck * k], fill=255)
            pen.rectangle([left * k, (deck - 128 * u) * k, (left + 60 * u) * k, (deck - 124 * u) * k], fill=255)
        pen.rectangle([0, (deck - 112 * u) * k, stage.size[0] * k, (deck - 110.6 * u) * k], fill=190)

    return shape(stage.size, draw)


def arches(stage: Stage, rng: Random) -> Scene:
    """Red arches within arches, at their end a blue window, a moon and somebody waiting."""
    size, u = stage.size, stage.unit
    centre, floor = stage.x(0.5), stage.y(0.56 if stage.upright else 0.74)
    layers = [Layer(gradient(size, [(0, "#0b1f4d"), (0.55, "#3f74c9"), (0.8, "#a9cdf2"), (1, "#a9cdf2")]))]
    moon = centre + 42 * u, floor - 300 * u
    layers.append(Layer(painted(disc(size, moon, 34 * u), "#f4f8ff"), travel=(-30 * u, 10 * u)))
    layers.append(Layer(painted(_waiting(stage, centre - 28 * u, floor), "#14060c"), sway=(2 * u, 0, 6)))
    for depth in range(7):
        share = depth / 6
        half = (120 + 78 * depth + 26 * depth * share) * u
        wall = painted(
            _arch(stage, centre, half, floor - (240 * u) - half * 1.02, floor + 44 * depth * u),
            [(0, mix("#ff4a3d", "#2a0410", share**0.7)), (1, mix("#a31226", "#120106", share**0.7))],
        )
        layers.append(Layer(wall, sway=((4 + 9 * depth) * u, 0, 12)))
    haze = faded(contrast(clouds(size, rng, (3, 3), 4), 100, 220, 0.22), [(0, 0), (0.6, 0.5), (1, 1)])
    return Scene([*layers, Layer(painted(haze, "#ff9d86"))])


def _arch(stage: Stage, centre: float, half: float, top: float, floor: float) -> Image.Image:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.rectangle([0, 0, stage.size[0] * k, stage.height * k], fill=255)
        pen.rounded_rectangle([(centre - half) * k, top * k, (centre + half) * k, (floor + half) * k], half * k, fill=0)
        if floor < stage.height:
            pen.rectangle([0, floor * k, stage.size[0] * k, stage.height * k], fill=255)

    return shape(stage.size, draw)


def _waiting(stage: Stage, x: float, floor: float) -> Image.Image:
    u, y = stage.unit, floor + 4 * stage.unit

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.polygon(
            [
                ((x + dx * u) * k, (y + dy * u) * k)
                for dx, dy in ((-22, 0), (-19, -88), (-9, -104), (9, -104), (19, -88), (23, 0))
            ],
            fill=255,
        )
        pen.ellipse([(x - 11 * u) * k, (y - 128 * u) * k, (x + 11 * u) * k, (y - 102 * u) * k], fill=255)
        pen.rectangle([(x - 19 * u) * k, (y - 123 * u) * k, (x + 19 * u) * k, (y - 119 * u) * k], fill=255)
        pen.rectangle([(x - 10 * u) * k, (y - 134 * u) * k, (x + 10 * u) * k, (y - 119 * u) * k], fill=255)

    return shape(stage.size, draw)
