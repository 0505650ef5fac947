"""Abstract pictures: a Swiss tile grid, a cellular automaton, the coast of the Mandelbrot set."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from runtime.demo.canvas import Layer, Scene, Stage, gradient, mix, rgb, softened

LIFE = (
    "life=s=160x90:rate=7.5:mold=14:ratio=0.16:random_seed=77:life_color=#ffd3df:death_color=#7a1f6b:mold_color=#160c2b"
)
TILES = ("#f4efe4", "#17171a", "#e4432d", "#1f8a5b", "#f2b632")


def tiles(stage: Stage, rng: Random) -> Scene:
    """Rows of quarter circles, halves and discs in five colours; the rows slide against each other."""
    across = 4 if stage.upright else 8
    edge = math.ceil(stage.width / across)
    columns = math.ceil(stage.size[0] / edge) + 1
    layers = [Layer(Image.new("RGBA", stage.size, (*rgb(TILES[0]), 255)))]
    for row in range(math.ceil(stage.height / edge)):
        strip = Image.new("RGBA", (columns * edge * 2, edge * 2))
        pen = ImageDraw.Draw(strip)
        for column in range(columns):
            _tile(pen, rng, column * edge * 2, edge * 2)
        travel = stage.margin * 1.6 * (1 if row % 2 else -1)
        layers.append(Layer(strip.reduce(2), at=(0, row * edge), travel=(travel, 0)))
    return Scene(layers)


def _tile(pen: ImageDraw.ImageDraw, rng: Random, left: int, edge: int) -> None:
    ground, figure = rng.sample(TILES, 2)
    box = [left, 0, left + edge - 1, edge - 1]
    pen.rectangle(box, fill=rgb(ground))
    match rng.randrange(6):
        case 0 | 1:
            x, y = rng.choice(((0, 0), (edge, 0), (0, edge), (edge, edge)))
            start = {(0, 0): 0, (edge, 0): 90, (edge, edge): 180, (0, edge): 270}[x, y]
            pen.pieslice([left + x - edge, y - edge, left + x + edge, y + edge], start, start + 90, fill=rgb(figure))
        case 2:
            pen.ellipse([left + edge * 0.16, edge * 0.16, left + edge * 0.84, edge * 0.84], fill=rgb(figure))
        case 3:
            start = rng.choice((0, 90, 180, 270))
            pen.pieslice(box, start, start + 180, fill=rgb(figure))
        case 4:
            r = 0.21
            for across, down in ((0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)):
                pen.ellipse(
                    [left + (across - r) * edge, (down - r) * edge, left + (across + r) * edge, (down + r) * edge],
                    fill=rgb(figure),
                )
        case _:
            pen.polygon([(left, edge), (left + edge, edge), (left + edge, 0)], fill=rgb(figure))


def cells(stage: Stage, rng: Random) -> Scene:
    """A heart of glowing cells in a field of their neighbours; the film is the automaton itself."""
    columns = 27 if stage.upright else 48
    edge = stage.width / columns
    rows = math.ceil(stage.height / edge)
    middle = (columns - 1) / 2, rows * (0.40 if stage.upright else 0.47)
    reach = 10.0 if stage.upright else 10.5
    picture = gradient((stage.width, stage.height), [(0, "#0b0a1f"), (1, "#1a0b2e")])
    lit = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(lit)
    for row in range(rows):
        for column in range(columns):
            x, y = (column - middle[0]) / reach * 1.25, (middle[1] - row) / reach * 1.25
            inside = (x * x + y * y - 1) ** 3 - x * x * y**3 < 0
            if rng.random() < (0.93 if inside else 0.13 * math.exp(-0.2 * (x * x + y * y))):
                colour = (
                    mix("#ff2e74", "#ffb3c7", rng.random() ** 2)
                    if inside
                    else mix("#2b2f77", "#38e0ff", rng.random() ** 3)
                )
                pen.rounded_rectangle(
                    [(column + 0.04) * edge, (row + 0.04) * edge, (column + 0.93) * edge, (row + 0.93) * edge],
                    edge * 0.22,
                    fill=(*rgb(colour), 255),
                )
    for share in (0.9, 0.28):
        picture.alpha_composite(softened(lit, edge * share))
    picture.alpha_composite(lit)
    return Scene([Layer(picture)], source=LIFE)


def coastline(stage: Stage, _rng: Random) -> Scene:
    """The edge of the Mandelbrot set drawn as a sea chart; the film looks closer twice."""
    wide = 0.30 if stage.upright else 0.62
    places: list[tuple[tuple[float, float], float, str | None]] = [
        ((-0.115, 0.985) if stage.upright else (-0.16, 0.97), wide, None)
    ]
    if stage.margin:
        places += [((-0.163, 1.033), 0.16, "gte(t\\,8)"), ((-0.1755, 1.0865), 0.022, "gte(t\\,14)")]
    layers: list[Layer] = []
    for (x, y), across, shown in places:
        span = across * stage.size[0] / stage.width
        tall = across * stage.height / stage.width
        extent = (x - span / 2, y - tall / 2, x + span / 2, y + tall / 2)
        finer = 1 if stage.margin else 2  # the film is in motion
        depth = Image.effect_mandelbrot((stage.size[0] * finer, stage.size[1] * finer), extent, 100)
        layers.append(
            Layer(_chart(depth).reduce(finer), travel=(stage.margin * 1.5 * (-1) ** len(layers), 0), shown=shown)
        )
    return Scene(layers)


def _chart(depth: Image.Image) -> Image.Image:
    """The set itself as land; water gets shallower towards it, with a line drawn at each depth."""
    sea = gradient(
        (1, 256), [(0, "#082032"), (0.25, "#0e4a6e"), (0.5, "#2f93b0"), (0.75, "#9ed9d0"), (1, "#f4fbef")]
    ).convert("RGB")
    tables: list[int] = []
    for band in range(3):
        for value in range(256):
            pixel = sea.getpixel((0, round(255 * (value / 255) ** 0.42)))
            step = pixel[band] if isinstance(pixel, tuple) else 0
            tables.append(
                rgb("#efd9a7")[band] if value == 0 else max(0, step - 16) if value % 9 == 0 and value < 90 else step
            )
    return Image.merge("RGB", (depth, depth, depth)).point(tables).convert("RGBA")
