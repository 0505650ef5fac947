"""Pages of comics: scenes cut into panels, somebody in front of them, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from runtime.demo.books import Chapter, Comic, Page, Style
from runtime.demo.canvas import Stage, dice, mix, rgb
from runtime.demo.lettering import broken, line_width, set_line
from runtime.demo.scenes import draw

Box = tuple[int, int, int, int]

PAPER: dict[Style, tuple[int, int]] = {"ink": (900, 1280), "colour": (900, 1280), "strip": (800, 1500)}
MARGIN, GUTTER = 44, 18
TEXT_SIZE = 27
DETAIL = 0.6
CLOAKS = ("#b3342f", "#1f5f8b", "#e0a33b", "#3d7a4f", "#6b4a8f")
GRID = {
    1: (((1.0,),),),
    2: (((1.0,), (1.0,)), ((1.0,), (1.0,))),
    3: (((1.0,), (0.44, 0.56)), ((0.58, 0.42), (1.0,))),
    4: (((0.55, 0.45), (0.4, 0.6)), ((1.0,), (0.5, 0.5), (1.0,))),
}
"""For so many panels: ways to divide a page into rows, and each row into widths."""


def pages(comic: Comic, chapter: Chapter) -> Iterator[Image.Image]:
    """The chapter's pages in their order, drawn one by one."""
    return (_page(comic, chapter, number, page) for number, page in enumerate(chapter.pages, 1))


def _page(comic: Comic, chapter: Chapter, number: int, page: Page) -> Image.Image:
    rng = dice(f"{comic.slug} {chapter.number} {number}")
    size = PAPER[comic.style]
    ground = comic.ground if comic.style == "strip" else "#fffdf7"
    sheet = Image.new("RGBA", size, (*rgb(ground), 255))
    for place, (box, said) in enumerate(zip(_boxes(comic.style, size, len(page), rng), page, strict=True)):
        scene = chapter.scenes[(number + place) % len(chapter.scenes)]
        picture = _panel(comic, scene, box, rng)
        sheet.paste(picture, box[:2])
        if comic.style != "strip":
            ImageDraw.Draw(sheet).rectangle(box, outline=(12, 10, 14, 255), width=5)
        if said:
            _say(sheet, said, box, rng, comic)
    folio = "" if comic.style == "strip" else str(number)
    set_line(sheet, folio, (size[0] / 2, size[1] - 34), 18, "#555555", alignment="centre")
    return sheet.convert("RGB")


def _boxes(style: Style, size: tuple[int, int], count: int, rng: Random) -> list[Box]:
    """Where the panels stand, in the order of reading."""
    if style == "strip":
        height = size[1] // count
        return [(0, place * height + 40, size[0], (place + 1) * height - 40) for place in range(count)]
    rows = rng.choice(GRID[count])
    width, height = size[0] - 2 * MARGIN, size[1] - 2 * MARGIN
    shares = [1.0 if len(row) > 1 else 1.12 for row in rows]
    boxes: list[Box] = []
    top = float(MARGIN)
    for row, share in zip(rows, shares, strict=True):
        bottom = top + (height - GUTTER * (len(rows) - 1)) * share / sum(shares)
        left = float(MARGIN)
        across: list[Box] = []
        for part in row:
            right = left + (width - GUTTER * (len(row) - 1)) * part
            across.append((round(left), round(top), round(right), round(bottom)))
            left = right + GUTTER
        boxes += reversed(across) if style == "ink" else across
        top = bottom + GUTTER
    return boxes


def _panel(comic: Comic, scene: str, box: Box, rng: Random) -> Image.Image:
    width, height = box[2] - box[0], box[3] - box[1]
    # What is inked or posterised afterwards needs no more; drawing is what takes the time.
    stage = Stage(round(width * DETAIL), round(height * DETAIL))
    drawn = draw(scene, stage, f"{comic.slug} {rng.random()}").still(stage).convert("RGB")
    picture = drawn.resize((width, height), Image.Resampling.LANCZOS)
    picture = {"ink": _inked, "colour": _coloured, "strip": _soft}[comic.style](picture)
    for _ in range(rng.choice((0, 1, 1, 2))):
        _figure(picture, rng, comic)
    return picture


def _inked(picture: Image.Image) -> Image.Image:
    """Black, white, and a screen of dots between them."""
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=2)
    dots = _screen().crop((0, 0, *grey.size))
    middle = grey.point([255 if 84 < value < 168 else 0 for value in range(256)])
    flat = grey.point([255 if value >= 126 else 0 for value in range(256)])
    toned = Image.composite(dots, flat, middle)
    return ImageChops.multiply(toned, _outlines(grey)).convert("RGB")


@lru_cache(maxsize=1)
def _screen() -> Image.Image:
    """Rows of dots, as large as any panel."""
    row = (b"\xff\x00\x00\x00\xff\xff" * 200, b"\xff" * 1200)
    rows = b"".join(row[0] if 1 <= y % 6 <= 3 else row[1] for y in range(1800))
    return Image.frombytes("L", (1200, 1800), rows)


def _coloured(picture: Image.Image) -> Image.Image:
    """Flat colours with drawn outlines."""
    flat = ImageOps.posterize(ImageOps.autocontrast(picture.filter(ImageFilter.MedianFilter(5)), cutoff=1), 3)
    bright = Image.blend(flat, Image.new("RGB", flat.size, (255, 246, 224)), 0.18)
    return ImageChops.multiply(bright, _outlines(picture.convert("L")).convert("RGB"))


def _soft(picture: Image.Image) -> Image.Image:
    """As it is, with edges that lose themselves upwards and downwards."""
    return picture.filter(ImageFilter.GaussianBlur(1))


def _outlines(grey: Image.Image) -> Image.Image:
    edges = grey.filter(ImageFilter.GaussianBlur(1.4)).filter(ImageFilter.FIND_EDGES)
    return ImageChops.invert(edges.point([255 if value > 22 else 0 for value in range(256)]))


def _figure(picture: Image.Image, rng: Random, comic: Comic) -> None:
    """Somebody seen from behind: a cloak, a head and a hat or none."""
    tall = picture.height * rng.uniform(0.34, 0.62)
    x, foot = picture.width * rng.uniform(0.18, 0.82), picture.height + tall * 0.04
    dark = rng.choice(CLOAKS) if comic.style == "colour" else "#0b0a10"
    pen, head = ImageDraw.Draw(picture), tall * 0.15
    top = foot - tall
    cloak = [(x - tall * 0.11, top + head * 1.7), (x + tall * 0.11, top + head * 1.7)]
    cloak += [(x + tall * 0.27, foot), (x - tall * 0.27, foot)]
    rim = {"ink": "#ffffff", "colour": "#17141a", "strip": mix(dark, comic.ink, 0.5)}[comic.style]
    for grow, colour in ((4, rim), (0, dark)):
        pen.polygon([(px + (grow if px > x else -grow), py - grow) for px, py in cloak], fill=rgb(colour))
        pen.ellipse([x - head - grow, top - grow, x + head + grow, top + 2 * head + grow], fill=rgb(colour))
    if rng.random() < 0.5:
        pen.polygon(
            [(x - head * 1.7, top + head * 0.5), (x + head * 1.7, top + head * 0.5), (x, top - head)], fill=rgb(dark)
        )


def _say(sheet: Image.Image, said: str, box: Box, rng: Random, comic: Comic) -> None:
    is_caption, text = said.startswith("> "), said.removeprefix("> ")
    room = (box[2] - box[0]) * 0.78
    size = TEXT_SIZE if comic.style != "strip" else 31
    lines = _lines(text, size, room)
    width = max(line_width(line, size) for line in lines) + size * 1.7
    height = size * 1.24 * len(lines) + size * (0.8 if is_caption else 1.5)
    left = box[0] + 14 if is_caption else rng.uniform(box[0] + 16, max(box[0] + 17, box[2] - width - 16))
    top = box[1] + 14 if is_caption else box[1] + rng.uniform(18, 40)
    pen = ImageDraw.Draw(sheet)
    black, paper = (16, 14, 18, 255), (255, 250, 226, 255) if is_caption else (255, 255, 255, 255)
    frame = [left, top, left + width, top + height]
    if is_caption:
        pen.rectangle(frame, fill=paper, outline=black, width=3)
    else:
        middle = left + width * rng.uniform(0.3, 0.7)
        tail = [(middle - 13, top + height - 6), (middle + 13, top + height - 6), (middle + 22, top + height + 38)]
        pen.rounded_rectangle(frame, radius=height / 2.3, fill=paper, outline=black, width=4)
        pen.polygon(tail, fill=paper)
        pen.line([tail[0], tail[2], tail[1]], fill=black, width=4)
        pen.line([(tail[0][0] + 4, tail[0][1]), (tail[1][0] - 4, tail[1][1])], fill=paper, width=8)
    y = top + (size * 0.3 if is_caption else size * 0.62)
    for line in lines:
        set_line(sheet, line, (left + width / 2, y), size, "#100e12", alignment="centre")
        y += size * 1.24


def _lines(text: str, size: float, room: float) -> list[str]:
    """The text in as few lines as the room allows."""
    for count in range(1, len(text.split())):
        lines = broken(text, count)
        if max(line_width(line, size) for line in lines) <= room:
            return lines
    return text.split()
