"""Type on posters and title cards: one grotesque, set by size, tracking and place."""

from __future__ import annotations

from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from runtime.demo.canvas import rgb

Alignment = Literal["left", "centre"]


def set_line(
    sheet: Image.Image,
    text: str,
    at: tuple[float, float],
    size: float,
    colour: str,
    *,
    tracking: float = 0.0,
    weight: float = 0.0,
    alignment: Alignment = "left",
) -> None:
    """Draw one line with its top left (or top centre) at a point. Tracking and weight are shares of the size."""
    font = ImageFont.load_default(size)
    x = at[0] - (line_width(text, size, tracking, weight) / 2 if alignment == "centre" else 0)
    pen, bold = ImageDraw.Draw(sheet), round(size * weight)
    for before, letter in zip(("", *text), text, strict=False):
        x += font.getlength(before + letter) - font.getlength(before) - font.getlength(letter) if before else 0
        pen.text(
            (x + bold, at[1]),
            letter,
            fill=(*rgb(colour), 255),
            font=font,
            stroke_width=bold,
            stroke_fill=(*rgb(colour), 255),
        )
        x += font.getlength(letter) + size * tracking


def line_width(text: str, size: float, tracking: float = 0.0, weight: float = 0.0) -> float:
    """Pixels that a line takes."""
    return (
        float(ImageFont.load_default(size).getlength(text))
        + max(0, len(text) - 1) * size * tracking
        + 2 * round(size * weight)
    )


def fitting(lines: list[str], width: float, largest: float, tracking: float = 0.0, weight: float = 0.0) -> float:
    """The largest size at which every line fits the width."""
    widest = max(line_width(line, 100, tracking, weight) for line in lines)
    return min(largest, width / widest * 100)


def broken(text: str, lines: int) -> list[str]:
    """The text in at most so many lines, as even as its words allow."""
    words = text.split()
    if lines <= 1 or len(words) == 1:
        return [text]
    cuts = (
        (max(len(" ".join(words[:at])), max(map(len, broken(" ".join(words[at:]), lines - 1)))), at)
        for at in range(1, len(words))
    )
    _, at = min(cuts)
    return [" ".join(words[:at]), *broken(" ".join(words[at:]), lines - 1)]
