"""Open country: dunes, a storm over wheat, an aurora, the sea as a woodcut."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw

from runtime.demo.canvas import (
    Layer,
    Line,
    Point,
    Scene,
    Stage,
    clouds,
    contrast,
    disc,
    faded,
    glow,
    gradient,
    jagged,
    mix,
    painted,
    polygon,
    ridge,
    rolling,
    scattered,
    shape,
    softened,
)


def dunes(stage: Stage, rng: Random) -> Scene:
    """A low sun over red dunes, each with a lit face and a face in shadow; one walker for scale."""
    size, sun = stage.size, (stage.x(0.64), stage.y(0.45))
    radius = 150 * stage.unit
    layers = [
        Layer(gradient(size, [(0, "#1d1440"), (0.25, "#5c2a6b"), (0.45, "#d1565c"), (0.6, "#ffb56b"), (1, "#ffe2ab")])),
        Layer(glow(size, sun, radius * 4.2, "#ffdc9a", 0.85)),
        Layer(
            painted(
                disc(size, sun, radius),
                [(0, "#fff6d8"), (1, "#ffcf7d")],
                round(sun[1] - radius),
                round(sun[1] + radius),
            ),
            travel=(0, 26 * stage.unit),
        ),
        Layer(
            painted(ridge(size, jagged(rng, stage.y(0.575), stage.y(0.035), 6 if stage.upright else 16)), "#a8445c"),
            travel=(-16 * stage.unit, 0),
        ),
    ]
    shades = [("#f08a5a", "#b8455a", "#7a2a58"), ("#e06a4c", "#9c3553", "#56204d"), ("#b8433f", "#6d2447", "#34143c")]
    for depth, (light, body, shadow) in enumerate(shades):
        crest = 0.34 + 0.2 * depth if depth % 2 else 0.7 - 0.12 * depth
        line = _dune(stage, crest, 0.60 + 0.1 * depth, 0.075 + 0.05 * depth)
        top = round(stage.y(0.53 + 0.08 * depth))
        lit = painted(ridge(size, line), [(0, light), (0.8, body), (1, body)], top, stage.height)
        lit.alpha_composite(
            painted(_lee(stage, crest, line), [(0, mix(body, shadow, 0.6)), (0.7, shadow)], top, stage.height)
        )
        layers.append(Layer(lit, travel=(-(60 + 75 * depth) * stage.unit, 0)))
    layers.insert(6, _walker(stage, _dune(stage, 0.54, 0.70, 0.125)))
    return Scene(layers)


def _dune(stage: Stage, crest: float, base: float, height: float) -> Line:
    def line(share: float) -> float:
        frame = (share * stage.size[0] - stage.margin) / stage.width
        away = frame - crest
        rise = math.exp(-abs(away) * (3.2 if away < 0 else 4.6))
        return stage.y(base + 0.02 * math.sin(frame * 7 + base * 9) - height * rise)

    return line


def _lee(stage: Stage, crest: float, line: Line) -> Image.Image:
    x, foot = stage.x(crest), stage.height
    top = line(x / stage.size[0])
    edge: list[Point] = [(x, top)]
    for step in range(1, 25):
        down = step / 24
        edge.append(
            (
                x - stage.width * 0.10 * math.sin(down * math.pi * 0.9) - stage.width * 0.10 * down,
                top + (foot - top) * down,
            )
        )
    right = [(float(px), line(px / stage.size[0])) for px in range(stage.size[0], round(x), -6)]
    return polygon(stage.size, [*edge, (stage.size[0], foot), *right])


def _walker(stage: Stage, line: Line) -> Layer:
    x, u = stage.x(0.33), stage.unit
    y = line(x / stage.size[0]) + 6 * u

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.polygon(
            [((x + dx * u) * k, (y + dy * u) * k) for dx, dy in ((-9, 0), (-6, -30), (0, -34), (6, -30), (11, 0))],
            fill=255,
        )
        pen.ellipse([(x - 6 * u) * k, (y - 46 * u) * k, (x + 6 * u) * k, (y - 33 * u) * k], fill=255)
        pen.line([((x + 12 * u) * k, (y - 40 * u) * k), ((x + 14 * u) * k, y * k)], fill=255, width=round(3 * u * k))

    return Layer(painted(shape(stage.size, draw), "#2a0f33"), travel=(-100 * u, 0))


def thunder(stage: Stage, rng: Random) -> Scene:
    """Slate clouds over a wheat field, a lone tree, lightning that comes and goes."""
    size, u, land = stage.size, stage.unit, _horizon(stage)
    sky = gradient(
        size, [(0, "#10161f"), (0.35, "#2b3a4a"), (land - 0.11, "#8a8f84"), (land, "#e8c987"), (1, "#e8c987")]
    )
    heavy = faded(
        contrast(clouds(size, rng, (4, 4), 5), 96, 160), [(0, 1), (land - 0.28, 0.95), (land - 0.05, 0), (1, 0)]
    )
    lighter = faded(
        contrast(clouds(size, rng, (3, 5), 5), 120, 190, 0.75), [(0, 0.8), (land - 0.33, 0.8), (land - 0.11, 0), (1, 0)]
    )
    bolt = _bolt(stage, rng)
    flash = glow(size, (stage.x(0.70), stage.y(0.25)), 620 * u, "#dfe8ff", 0.55)
    strike = flash
    strike.alpha_composite(painted(softened(bolt, 9 * u), "#b8c8ff"))
    strike.alpha_composite(painted(bolt, "#ffffff"))
    field = ridge(size, rolling(rng, stage.y(land), stage.y(0.012), 3))
    wheat = painted(
        field, [(0, "#d9a441"), (0.25, "#b87a2a"), (1, "#40260f")], round(stage.y(land - 0.015)), stage.height
    )
    wheat.alpha_composite(
        painted(ImageChops.multiply(contrast(clouds(size, rng, (260, 5), 2), 120, 200, 0.5), field), "#f6d98a")
    )
    return Scene(
        [
            Layer(sky),
            Layer(painted(heavy, "#141c27"), travel=(90 * u, 0)),
            Layer(painted(lighter, "#73808c"), travel=(190 * u, 0)),
            Layer(strike, shown="lt(mod(t+1.2\\,6.1)\\,0.14)+between(mod(t+1.2\\,6.1)\\,0.27\\,0.62)"),
            Layer(wheat, travel=(-60 * u, 0)),
            Layer(_tree(stage, rng, stage.x(0.27), stage.y(land + 0.01)), travel=(-60 * u, 0)),
        ]
    )


def _horizon(stage: Stage) -> float:
    return 0.64 if stage.upright else 0.735


def _bolt(stage: Stage, rng: Random) -> Image.Image:
    def fork(x: float, y: float, floor: float, width: float) -> list[tuple[Point, Point, float]]:
        found: list[tuple[Point, Point, float]] = []
        while y < floor:
            to = x + rng.uniform(-34, 30) * stage.unit, y + rng.uniform(18, 42) * stage.unit
            found.append(((x, y), to, width))
            if width > 2 and rng.random() < 0.17:
                found += fork(*to, min(floor, to[1] + rng.uniform(70, 200) * stage.unit), width * 0.45)
            x, y = to
        return found

    parts = fork(stage.x(0.72), stage.y(0.08), stage.y(_horizon(stage)), 6.5)

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for (x, y), (to_x, to_y), width in parts:
            pen.line([(x * k, y * k), (to_x * k, to_y * k)], fill=255, width=max(1, round(width * stage.unit * k)))

    return shape(stage.size, draw)


def _tree(stage: Stage, rng: Random, x: float, y: float) -> Image.Image:
    u = stage.unit
    leaves = [_leaf(rng, x, y, u) for _ in range(190)]

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.polygon(
            [((x + dx * u) * k, (y + dy * u) * k) for dx, dy in ((-13, 12), (-6, -150), (7, -150), (15, 12))], fill=255
        )
        for left, top, r in leaves:
            pen.ellipse([(left - r) * k, (top - r * 0.8) * k, (left + r) * k, (top + r * 0.8) * k], fill=255)

    return painted(shape(stage.size, draw), "#120d0b")


def _leaf(rng: Random, x: float, y: float, u: float) -> tuple[float, float, float]:
    turn, out = rng.uniform(0, math.tau), rng.random() ** 0.6
    return x + 125 * u * out * math.cos(turn), y - (178 - 62 * out * math.sin(turn)) * u, rng.uniform(9, 24) * u


def aurora(stage: Stage, rng: Random) -> Scene:
    """Green and violet curtains over snow peaks, pines in front."""
    size, u = stage.size, stage.unit
    layers = [
        Layer(gradient(size, [(0, "#050a1c"), (0.45, "#0b2238"), (0.75, "#1b4a56"), (1, "#1b4a56")])),
        Layer(painted(scattered(size, rng, 240, (0.6 * u, 2.2 * u), 0.7), "#eaf6ff")),
    ]
    for colour, foot, travel in (("#6a4bd6", 0.50, 70), ("#27d79b", 0.58, -120), ("#8dffc4", 0.56, 160)):
        layers.append(Layer(_curtain(stage, rng, colour, foot), travel=(travel * u, 0)))
    peaks = jagged(rng, stage.y(0.78), stage.y(0.30), 3 if stage.upright else 6)
    mask = ridge(size, peaks)
    mountains = painted(
        mask, [(0, "#9fc6d2"), (0.45, "#3b6478"), (1, "#0d2233")], round(stage.y(0.46)), round(stage.y(0.9))
    )
    scars = ImageChops.multiply(contrast(clouds(size, rng, (26, 6), 4), 132, 158, 0.8), mask)
    mountains.alpha_composite(painted(scars, "#16364a"))
    layers.append(Layer(mountains, travel=(-40 * u, 0)))
    for base, colour, travel, tall in ((0.86, "#0a2029", -80, 90), (0.98, "#03090e", -170, 190)):
        layers.append(Layer(painted(_pines(stage, rng, base, tall), colour), travel=(travel * u, 0)))
    return Scene(layers)


def _curtain(stage: Stage, rng: Random, colour: str, foot: float) -> Image.Image:
    width, height = stage.size
    line = rolling(rng, stage.y(foot), stage.y(0.09), 3, 1.1)
    folds, tall = rolling(rng, 0.55, 0.4, 5, 5.0), stage.y(0.42)

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for x in range(0, width, 3):
            low, light = line(x / width), min(1.0, max(0.0, folds(x / width)))
            for step in range(14):
                share = step / 14
                pen.rectangle(
                    [x * k, (low - tall * (share + 1 / 14)) * k, (x + 3) * k, (low - tall * share) * k],
                    fill=round(215 * light * (1 - share) ** 1.7),
                )

    return painted(softened(shape((width, height), draw), 7 * stage.unit), colour)


def _pines(stage: Stage, rng: Random, base: float, tall: float) -> Image.Image:
    u, width = stage.unit, stage.size[0]
    trees = []
    x = -20.0
    while x < width + 20:
        trees.append((x, stage.y(base) + rng.uniform(-14, 22) * u, tall * rng.uniform(0.55, 1.2) * u))
        x += tall * rng.uniform(0.14, 0.42) * u

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.rectangle([0, stage.y(base) * k, width * k, stage.height * k], fill=255)
        for left, foot, high in trees:
            for tier in range(5):
                top, half = foot - high * (1 - tier * 0.17), high * (0.07 + 0.035 * tier)
                pen.polygon(
                    [
                        (left * k, top * k),
                        ((left - half) * k, (top + high * 0.3) * k),
                        ((left + half) * k, (top + high * 0.3) * k),
                    ],
                    fill=255,
                )

    return shape(stage.size, draw)


def tides(stage: Stage, rng: Random) -> Scene:
    """Nine bands of waves from pale to ink under a red sun, as a woodcut."""
    size, u = stage.size, stage.unit
    sun, radius = (stage.x(0.5), stage.y(0.44 if stage.upright else 0.37)), 190 * u
    layers = [
        Layer(gradient(size, [(0, "#f6ead2"), (1, "#efdcb8")])),
        Layer(painted(disc(size, sun, radius), "#d8412f"), travel=(0, -30 * u)),
    ]
    for band in range(9):
        share = band / 8
        layers.append(_wave(stage, rng, share, mix("#a9cbc4", "#0f2350", share**0.8), mix("#fffaf0", "#7fa6c9", share)))
    return Scene(layers)


def _wave(stage: Stage, rng: Random, share: float, body: str, foam: str) -> Layer:
    u, width = stage.unit, stage.size[0]
    base, length, high = stage.y(0.50 + 0.46 * share), (120 + 260 * share) * u, (16 + 44 * share) * u
    phase = rng.random()

    def line(at: float) -> float:
        turn = (at * width / length + phase) % 1
        return base - high * (float(turn**1.6) if turn < 0.78 else (0.78**1.6) * (1 - (turn - 0.78) / 0.22) ** 2.2)

    sheet = painted(ridge(stage.size, line, 2), foam)
    rim = (4 + 7 * share) * u
    sheet.alpha_composite(painted(ridge(stage.size, lambda at: line(at) + rim, 2), body))
    if share > 0.25:
        sheet.alpha_composite(painted(ridge(stage.size, lambda at: line(at) + rim * 3.2, 2), foam))
        sheet.alpha_composite(painted(ridge(stage.size, lambda at: line(at) + rim * 3.7, 2), body))
    return Layer(sheet, sway=((18 + 52 * share) * u, 8 * u, 5.5 + 2 * (1 - share)))
