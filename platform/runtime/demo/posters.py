"""Posters, covers, backdrops and the title cards of films: a scene with its type on it."""

from __future__ import annotations

from PIL import Image, ImageDraw

from runtime.demo.canvas import Stage, dice, gradient, grained, painted, rgb
from runtime.demo.film import Work
from runtime.demo.lettering import broken, fitting, set_line
from runtime.demo.scenes import draw

POSTER, COVER, BACKDROP = Stage(600, 900), Stage(600, 840), Stage(1600, 900)
BOLD = 0.022


def backdrop(film: Work) -> Image.Image:
    """1600 x 900, the scene alone."""
    return grained(draw(film.scene, BACKDROP, film.seed).still(BACKDROP), dice(film.slug), 0.03)


def poster(film: Work, stage: Stage = POSTER) -> Image.Image:
    """The scene and the title as the work's layout sets them; a book has a COVER."""
    picture = grained(draw(film.scene, stage, film.seed).still(stage), dice(film.slug), 0.04).convert("RGBA")
    match film.layout:
        case "foot":
            _foot(picture, film)
        case "crown":
            _crown(picture, film)
        case "block":
            _block(picture, film)
    return picture.convert("RGB")


def _foot(sheet: Image.Image, film: Work) -> None:
    width, height = sheet.size
    shade = gradient((width, height), [(0, "#000000"), (0.48, "#000000"), (0.8, "#d0d0d0"), (1, "#ffffff")]).convert(
        "L"
    )
    sheet.alpha_composite(painted(shade, film.ground))
    lines = broken(film.title, 2)
    size = fitting(lines, width - 96, 96, -0.025, BOLD)
    top = height - 128 - size * 0.98 * len(lines)
    for line in lines:
        set_line(sheet, line, (46, top), size, film.ink, tracking=-0.025, weight=BOLD)
        top += size * 0.98
    ImageDraw.Draw(sheet).rectangle([48, height - 96, 104, height - 93], fill=rgb(film.ink))
    set_line(sheet, film.tagline, (48, height - 78), fitting([film.tagline], width - 96, 22), film.ink)
    _studio(sheet, film, 44)


def _crown(sheet: Image.Image, film: Work) -> None:
    width, height = sheet.size
    shade = gradient(
        (width, height), [(0, "#f0f0f0"), (0.2, "#b4b4b4"), (0.36, "#000000"), (0.9, "#000000"), (1, "#787878")]
    ).convert("L")
    sheet.alpha_composite(painted(shade, film.ground))
    lines = broken(film.title.upper(), 2 if len(film.title) < 22 else 3)
    size, top = fitting(lines, width - 110, 76, 0.14, 0.012), 62.0
    for line in lines:
        set_line(sheet, line, (width / 2, top), size, film.ink, tracking=0.14, weight=0.012, alignment="centre")
        top += size * 1.22
    set_line(sheet, film.tagline, (width / 2, top + 16), 21, film.ink, alignment="centre")
    set_line(sheet, film.studio.upper(), (width / 2, height - 46), 15, film.ink, tracking=0.3, alignment="centre")


def _block(sheet: Image.Image, film: Work) -> None:
    width, height = sheet.size
    top = height - 298
    pen = ImageDraw.Draw(sheet)
    pen.rectangle([0, top, width, height], fill=rgb(film.ground))
    lines = broken(film.title, 2)
    size = fitting(lines, width - 90, 92, -0.035, 0.028)
    y = top + 26.0
    for line in lines:
        set_line(sheet, line, (42, y), size, film.ink, tracking=-0.035, weight=0.028)
        y += size * 0.95
    set_line(sheet, film.tagline, (46, height - 46), 17, film.ink)
    set_line(sheet, str(film.year), (width - 88, height - 46), 17, film.ink)


def _studio(sheet: Image.Image, film: Work, top: float) -> None:
    set_line(
        sheet,
        film.studio.upper(),
        (48, top),
        15,
        "#ffffff" if film.scene != "tiles" else film.ink,
        tracking=0.28,
        weight=0.01,
    )


def title_card(film: Work, stage: Stage) -> Image.Image:
    """The opening title over a veil, transparent around it."""
    sheet = Image.new("RGBA", (stage.width, stage.height))
    veil = gradient(sheet.size, [(0, "#404040"), (0.5, "#8c8c8c"), (1, "#404040")]).convert("L")
    sheet.alpha_composite(painted(veil, "#000000"))
    size = fitting([film.title], stage.width * 0.8, stage.height * 0.13, -0.02, 0.015)
    middle = stage.width / 2
    set_line(
        sheet,
        film.studio.upper() + " PRESENTS",
        (middle, stage.height * 0.36),
        stage.height * 0.022,
        "#ffffff",
        tracking=0.4,
        alignment="centre",
    )
    set_line(
        sheet,
        film.title,
        (middle, stage.height * 0.43),
        size,
        "#ffffff",
        tracking=-0.02,
        weight=0.015,
        alignment="centre",
    )
    set_line(sheet, film.tagline, (middle, stage.height * 0.62), stage.height * 0.032, "#ffffff", alignment="centre")
    return sheet


def end_card(film: Work, stage: Stage) -> Image.Image:
    """Black, with what may be said of the film."""
    sheet = Image.new("RGBA", (stage.width, stage.height), (0, 0, 0, 255))
    lines = (film.title, f"{film.studio} · {film.year}", "Drawn and sounded by a program. Nobody was filmed.")
    for place, (line, share) in enumerate(zip(lines, (0.05, 0.028, 0.028), strict=True)):
        set_line(
            sheet,
            line,
            (stage.width / 2, stage.height * (0.40 + 0.085 * place)),
            stage.height * share,
            "#ffffff" if place == 0 else "#a8a8a8",
            alignment="centre",
        )
    return sheet
