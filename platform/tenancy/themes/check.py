"""What is wrong with a theme package, found before anybody sees it: schema, tokens, contrast, files, templates."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from jinja2 import TemplateSyntaxError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tenancy.themes.assets import Assets
from tenancy.themes.colour import BadColour, Colour, contrast
from tenancy.themes.environment import sandbox
from tenancy.themes.look import DENSITIES, RADII, colours
from tenancy.themes.model import Scheme, Theme
from tenancy.themes.settings import Rejected, choose

SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
REQUIRED_COLOURS: Final = ("bg", "surface", "raised", "line", "text", "muted", "danger", "good", "stage-foot")
REQUIRED_SETTINGS: Final = ("accent", "accent2", "radius", "density", "font_pair", "hero", "scheme")

# Which text stands on which grounds, and how well it must read (WCAG 2.2, 1.4.3 and 1.4.11).
PAIRS: Final[tuple[tuple[str, tuple[str, ...], float], ...]] = (
    ("text", ("bg", "surface", "raised", "accent-soft", "accent2-soft"), 4.5),
    ("muted", ("bg", "surface", "raised"), 4.5),
    ("danger", ("bg", "surface"), 4.5),
    ("good", ("bg", "surface"), 4.5),
    ("accent-text", ("bg", "surface", "raised"), 4.5),
    ("accent2-text", ("bg", "surface", "raised"), 4.5),
    ("on-accent", ("accent", "accent-hover"), 4.5),
    ("on-accent2", ("accent2", "accent2-hover"), 4.5),
    ("on-accent-stage", ("accent-stage-fill",), 4.5),
    ("accent-line", ("bg", "surface", "raised"), 3.0),
)


class Finding(msgspec.Struct, frozen=True):
    """`fatal` keeps a theme from being published; `where` names the file or the setting."""

    fatal: bool
    where: str
    what: str


def check(theme: Theme, assets: Assets, settings: Mapping[str, str | None] | None = None) -> list[Finding]:
    """Everything found about the theme with these settings (its own defaults without any), the fatal first."""
    found = [*_schema(theme), *_tokens(theme)]
    if not any(finding.fatal for finding in found):
        chosen = choose(theme, settings or {})
        found += [_rejected(each) for each in chosen.rejected]
        found += [finding for scheme in SCHEMES for finding in _contrast(theme, chosen.values, scheme)]
        found += [*_files(theme, assets), *_templates(theme)]
    return sorted(found, key=lambda finding: not finding.fatal)


def _fatal(where: str, what: str) -> Finding:
    return Finding(True, where, what)


def _rejected(each: Rejected) -> Finding:
    return Finding(False, each.setting, f"{each.reason}; the theme's own is used")


def _schema(theme: Theme) -> Iterator[Finding]:
    where = "settings.schema.json"
    try:
        Draft202012Validator.check_schema(dict(theme.schema))
    except SchemaError as error:
        yield _fatal(where, str(error.message))
        return
    properties = theme.schema["properties"]
    assert isinstance(properties, dict)
    missing = [name for name in REQUIRED_SETTINGS if name not in properties]
    untyped = [
        name for name, rules in properties.items() if "default" not in rules or not {"type", "enum"} & set(rules)
    ]
    yield from (_fatal(where, f"has no setting {name!r}") for name in missing)
    yield from (_fatal(where, f"{name!r} needs a default and a type or an enum") for name in untyped)
    if not missing and not untyped:
        defaults = {name: str(rules["default"]) for name, rules in properties.items()}
        yield from (
            _fatal(where, f"default of {each.setting!r}: {each.reason}") for each in choose(theme, defaults).rejected
        )
        yield from _choices(theme, defaults)


def _choices(theme: Theme, defaults: Mapping[str, str]) -> Iterator[Finding]:
    known = {"radius": RADII, "density": DENSITIES, "font_pair": theme.fonts}
    for name, values in known.items():
        if defaults[name] not in values:
            yield _fatal("settings.schema.json", f"{name!r} has no {defaults[name]!r}")


def _tokens(theme: Theme) -> Iterator[Finding]:
    for scheme in SCHEMES:
        values = theme.colours(scheme)
        yield from (
            _fatal("tokens.json", f"{scheme} has no {name!r}") for name in REQUIRED_COLOURS if name not in values
        )
        for name, value in values.items():
            try:
                Colour.parse(value)
            except BadColour as error:
                yield _fatal("tokens.json", f"{scheme} {name!r}: {error}")
    for name in set(theme.tokens.light) ^ set(theme.tokens.dark):
        yield _fatal("tokens.json", f"{name!r} has a value for one scheme only")


def _contrast(theme: Theme, settings: Mapping[str, str], scheme: Scheme) -> Iterator[Finding]:
    values = {name: Colour.parse(value) for name, value in colours(theme, settings, scheme).items()}
    for text, grounds, least in PAIRS:
        for ground in grounds:
            ratio = contrast(values[text], values[ground])
            if ratio < least:
                yield _fatal("tokens.json", f"{scheme}: {text!r} on {ground!r} has {ratio:.2f}:1, needs {least}:1")


def _files(theme: Theme, assets: Assets) -> Iterator[Finding]:
    wanted = [f"{each.name}.css" for each in theme.directories if (each / "static" / f"{each.name}.css").is_file()]
    for pair in theme.fonts.values():
        wanted += [*filter(None, [pair.stylesheet]), *pair.preload]
    yield from (_fatal("static", f"{name} was not built") for name in wanted if name not in assets)


def _templates(theme: Theme) -> Iterator[Finding]:
    environment = sandbox(theme, {}, None)
    for directory in theme.directories:
        for file in sorted((directory / "templates").rglob("*.html")):
            name = file.relative_to(directory / "templates").as_posix()
            try:
                environment.parse(file.read_text("utf-8"))
            except TemplateSyntaxError as error:
                yield _fatal(f"{directory.name}/templates/{name}", f"line {error.lineno}: {error.message}")
