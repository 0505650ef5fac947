"""From a theme's tokens and a tenant's settings to custom properties.

Every value that leaves here is ours or re-written from a parsed one; nothing a tenant typed is pasted into CSS.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from tenancy.themes.colour import Colour, contrast, readable, text_on
from tenancy.themes.model import Scheme, Theme

RADII: Final = {"square": 0.0, "soft": 1.0, "round": 2.0}
DENSITIES: Final = {"compact": 0.8, "comfortable": 1.0, "spacious": 1.25}

# What lies behind light text on pictures: heroes and the player are dark in both schemes.
STAGE: Final = Colour.parse("#0b0b0d")

# Below these a filled button would melt into what lies behind it; a dark button does so sooner than a bright one.
VISIBLE: Final[dict[Scheme, float]] = {"light": 1.25, "dark": 2.0}
VISIBLE_ON_STAGE: Final = 3.0


class Stylesheet(msgspec.Struct, frozen=True):
    """A tenant's own CSS; the name carries a digest of the body, so that it may be cached for good."""

    name: str
    body: str


def stylesheet(theme: Theme, settings: Mapping[str, str]) -> Stylesheet:
    """The custom properties for both schemes, or for the one that the setting `scheme` asks for."""
    light = _rule("light", colours(theme, settings, "light"))
    dark = _rule("dark", colours(theme, settings, "dark"))
    match settings.get("scheme"):
        case "light":
            schemes = f":root{{{light}}}"
        case "dark":
            schemes = f":root{{{dark}}}"
        case _:
            schemes = f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    body = f"@layer tokens{{:root{{{_declarations(_shape(theme, settings))}}}{schemes}}}\n"
    digest = hashlib.sha256(body.encode()).hexdigest()[:12]
    return Stylesheet(f"brand-{digest}.css", body)


def colours(theme: Theme, settings: Mapping[str, str], scheme: Scheme) -> dict[str, str]:
    """The theme's colours of one scheme and those derived from the brand's two, each readable where it stands."""
    own = dict(theme.colours(scheme))
    grounds = tuple(Colour.parse(own[name]) for name in ("bg", "surface", "raised"))
    for name in ("accent", "accent2"):
        brand = Colour.parse(settings[name])
        fill = readable(brand, grounds[:1], VISIBLE[scheme])
        stage_fill = readable(brand, (STAGE,), VISIBLE_ON_STAGE)
        own |= {
            name: fill.hex,
            f"on-{name}": text_on(fill).hex,
            f"{name}-hover": _hover(fill).hex,
            f"{name}-text": readable(brand, grounds).hex,
            f"{name}-line": readable(brand, grounds, 3.0).hex,
            f"{name}-soft": grounds[0].mixed(fill, 0.14).hex,
            f"{name}-stage": readable(brand, (STAGE,)).hex,
            f"{name}-stage-fill": stage_fill.hex,
            f"on-{name}-stage": text_on(stage_fill).hex,
        }
    return own


def _hover(fill: Colour) -> Colour:
    """A step towards the text's opposite: the text on it can only gain contrast."""
    text = text_on(fill)
    away = Colour(0, 0, 0) if contrast(text, STAGE) > 4.5 else Colour(255, 255, 255)
    return fill.mixed(away, 0.12)


def _shape(theme: Theme, settings: Mapping[str, str]) -> dict[str, str]:
    pair = theme.fonts[settings["font_pair"]]
    radius = RADII[settings["radius"]]
    density = DENSITIES[settings["density"]]
    return (
        dict(theme.tokens.shared)
        | pair.tokens
        | {
            "radius-s": f"{4 * radius:g}px",
            "radius": f"{8 * radius:g}px",
            "radius-l": f"{12 * radius:g}px",
            "radius-pill": "999px" if radius else "0px",
            "density": f"{density:g}",
        }
    )


def _rule(scheme: Scheme, values: Mapping[str, str]) -> str:
    return f"color-scheme:{scheme};{_declarations(values)}"


def _declarations(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())
