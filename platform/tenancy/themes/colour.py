"""Colours as people give them, made safe to read: parsing, contrast (WCAG 2.2) and lightness in OKLCH."""

import math
from typing import Final, Self

import msgspec
import tinycss2.color4

WHITE_TEXT: Final = "#ffffff"
BLACK_TEXT: Final = "#0b0b0d"


class BadColour(ValueError):
    """The text is not one opaque CSS colour."""


class Colour(msgspec.Struct, frozen=True):
    """An opaque sRGB colour as it is written in CSS: whole channels from 0 to 255."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A CSS colour of the sRGB family that is opaque (`#fc0`, `rgb(…)`, `hsl(…)`, `gold`); else BadColour."""
        parsed = tinycss2.color4.parse_color(text)
        if parsed is None or isinstance(parsed, str) or parsed.alpha != 1 or parsed.space not in ("srgb", "hsl", "hwb"):
            raise BadColour(f"not an opaque sRGB colour: {text[:40]!r}")
        red, green, blue = (_channel(value or 0.0) for value in parsed.to("srgb").coordinates)
        return cls(red, green, blue)

    @property
    def hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """Relative luminance by WCAG 2.2."""
        return 0.2126 * _linear(self.red) + 0.7152 * _linear(self.green) + 0.0722 * _linear(self.blue)

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """This colour with `share` (0 to 1) of the other one over it."""
        pairs = ((self.red, other.red), (self.green, other.green), (self.blue, other.blue))
        return Colour(*(round(mine + (theirs - mine) * share) for mine, theirs in pairs))


def contrast(one: Colour, other: Colour) -> float:
    """1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((one.luminance, other.luminance), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: Colour) -> Colour:
    """White or near-black, whichever reads at 4.5:1 or better; white wins where it does, since it looks calmer."""
    white = Colour.parse(WHITE_TEXT)
    if contrast(white, background) >= 4.5:
        return white
    black = Colour.parse(BLACK_TEXT)
    return black if contrast(black, background) >= 4.5 else Colour(0, 0, 0)


def readable(colour: Colour, backgrounds: tuple[Colour, ...], minimum: float = 4.5) -> Colour:
    """The colour, moved in lightness no further than it takes to reach `minimum` on every background; the hue stays."""
    lightness, chroma, hue = _to_oklch(colour)
    darker = sum(background.luminance for background in backgrounds) / len(backgrounds) > 0.18
    for step in range(101):
        moved = lightness + (-1 if darker else 1) * step / 100
        candidate = _from_oklch(moved, chroma, hue)
        if min(contrast(candidate, background) for background in backgrounds) >= minimum:
            return candidate
        if not 0 <= moved <= 1:
            break
    return Colour(0, 0, 0) if darker else Colour(255, 255, 255)


def _channel(value: float) -> int:
    return round(min(1.0, max(0.0, value)) * 255)


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(light: float) -> int:
    light = min(1.0, max(0.0, light))
    return _channel(light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def _to_oklch(colour: Colour) -> tuple[float, float, float]:
    """Björn Ottosson's OKLab (https://bottosson.github.io/posts/oklab/) in polar form."""
    red, green, blue = _linear(colour.red), _linear(colour.green), _linear(colour.blue)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Colour:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return Colour(
        _gamma(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
