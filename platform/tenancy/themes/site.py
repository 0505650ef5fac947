"""What every template knows about the site it is rendering, as a plain dict."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tenancy.model import Brand
from tenancy.themes.assets import PREFIX, Assets
from tenancy.themes.look import Stylesheet, colours, stylesheet
from tenancy.themes.model import Theme
from tenancy.themes.settings import choose

RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)

ICON_RADII: Final = {"square": "0", "soft": "14", "round": "32"}


class Site(msgspec.Struct, frozen=True):
    """A tenant's look, worked out once for each brand: the context of its templates and its own stylesheet."""

    context: Mapping[str, object]
    stylesheet: Stylesheet


def describe(theme: Theme, brand: Brand, domain: str, assets: Assets) -> Site:
    """Everything that follows from theme and brand alone; a site without a name goes by its domain."""
    chosen = choose(theme, given_settings(brand)).values
    sheet = stylesheet(theme, chosen)
    pair = theme.fonts[chosen["font_pair"]]
    styles = [assets.url(own_stylesheet(theme, assets)), PREFIX + sheet.name]
    if pair.stylesheet:
        styles.insert(0, assets.url(pair.stylesheet))
    scheme = chosen["scheme"]
    light = colours(theme, chosen, "dark" if scheme == "dark" else "light")
    dark = colours(theme, chosen, "light" if scheme == "light" else "dark")
    locale = brand.locale or "en"
    name = " ".join(brand.name.split()) or domain
    context = {
        "name": name,
        "initial": next((letter.upper() for letter in name if letter.isalnum()), "•"),
        "tagline": brand.tagline or "",
        "locale": locale,
        "direction": "rtl" if locale.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr",
        "logo": f"{PREFIX}logo-{brand.logo_blob}" if brand.logo_blob else None,
        "theme": theme.name,
        "hero": chosen["hero"],
        "scheme": scheme,
        "styles": styles,
        "preload": [assets.url(font) for font in pair.preload],
        "ground_light": light["bg"],
        "ground_dark": dark["bg"],
        "accent": light["accent"],
        "on_accent": light["on-accent"],
        "icon_radius": ICON_RADII[chosen["radius"]],
    }
    return Site(context, sheet)


def own_stylesheet(theme: Theme, assets: Assets) -> str:
    """The theme's CSS, or the nearest parent's where the theme brings none: tokens alone may make a theme."""
    names = [f"{name}.css" for name in theme.lineage]
    return next((name for name in names if name in assets), names[-1])


def given_settings(brand: Brand) -> dict[str, str | None]:
    """The brand's choices under the names of the settings schema."""
    return {
        "accent": brand.colours.accent,
        "accent2": brand.colours.accent2,
        "radius": brand.radius,
        "density": brand.density,
        "font_pair": brand.font_pair,
        "hero": brand.hero,
    }
