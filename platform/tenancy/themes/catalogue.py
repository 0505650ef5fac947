"""Reading theme packages from a directory, parents first."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from tenancy.themes.model import API, MAXIMUM_SETTINGS, FontPair, Manifest, Theme, ThemeError, Tokens

T = TypeVar("T")

BASE = "base"


class ThemeCatalogue:
    """The themes of one directory, by name; base is always there."""

    def __init__(self, themes: Mapping[str, Theme]) -> None:
        self._themes = dict(themes)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read every package (a directory with a theme.toml) under `path`; ThemeError on the first that is broken."""
        manifests = {file.parent.name: _manifest(file) for file in sorted(path.glob("*/theme.toml"))}
        if BASE not in manifests:
            raise ThemeError(BASE, f"not found under {path}")
        return cls({name: _theme(path, name, manifests) for name in manifests})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._themes)

    def get(self, name: str) -> Theme:
        """The theme of that name, or base: a tenant whose theme went away still has a site."""
        return self._themes.get(name) or self._themes[BASE]


def _manifest(file: Path) -> Manifest:
    name = file.parent.name
    try:
        manifest = msgspec.convert(tomllib.loads(file.read_text("utf-8")), Manifest)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(name, f"theme.toml: {error}") from error
    if manifest.name != name:
        raise ThemeError(name, f"theme.toml calls it {manifest.name!r}")
    if manifest.api != API:
        raise ThemeError(name, f"written for theme api {manifest.api}, this platform has {API}")
    return manifest


def _theme(path: Path, name: str, manifests: Mapping[str, Manifest]) -> Theme:
    lineage = _lineage(name, manifests)
    tokens, properties = Tokens(), dict[str, dict[str, Any]]()
    for member in reversed(lineage):
        tokens = _read(path / member / "tokens.json", Tokens).over(tokens)
        for setting, rules in (
            _read(path / member / "settings.schema.json", dict[str, Any]).get("properties", {}).items()
        ):
            properties[setting] = properties.get(setting, {}) | rules
    if len(properties) > MAXIMUM_SETTINGS:
        raise ThemeError(name, f"{len(properties)} settings, at most {MAXIMUM_SETTINGS}")
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    fonts = _read(path / BASE / "fonts.json", dict[str, FontPair])
    return Theme(manifests[name], tuple(path / member for member in lineage), tokens, schema, fonts)


def _lineage(name: str, manifests: Mapping[str, Manifest]) -> list[str]:
    lineage = [name]
    while (parent := manifests[lineage[-1]].extends) is not None:
        if parent not in manifests:
            raise ThemeError(name, f"extends {parent!r}, which is not there")
        if parent in lineage:
            raise ThemeError(name, f"extends itself by way of {parent!r}")
        lineage.append(parent)
    if lineage[-1] != BASE:
        raise ThemeError(name, f"must extend {BASE!r}, directly or through its parents")
    return lineage


def _read(file: Path, shape: type[T]) -> T:
    """A JSON file of a package; one that is absent says nothing of its own."""
    try:
        raw = json.loads(file.read_bytes()) if file.is_file() else {}
        return msgspec.convert(raw, shape)
    except (ValueError, msgspec.ValidationError) as error:
        raise ThemeError(file.parent.name, f"{file.name}: {error}") from error
