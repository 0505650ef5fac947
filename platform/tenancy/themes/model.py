"""What a theme package is, once read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

API: Final = 1
"""The contract between templates and pages (contexts, macros, tokens); a theme says which one it was written for."""

MAXIMUM_SETTINGS: Final = 20

Scheme = Literal["light", "dark"]


class ThemeError(Exception):
    """A theme package cannot be used; `theme` names it, `reason` says why."""

    def __init__(self, theme: str, reason: str) -> None:
        super().__init__(f"theme {theme}: {reason}")
        self.theme = theme
        self.reason = reason


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """theme.toml."""

    name: str
    title: str
    version: str
    api: int
    extends: str | None = None
    description: str = ""


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """tokens.json: custom properties without their dashes; `light` and `dark` hold the same names, colours alone."""

    shared: dict[str, str] = {}
    light: dict[str, str] = {}
    dark: dict[str, str] = {}

    def over(self, parent: "Tokens") -> "Tokens":
        return Tokens(parent.shared | self.shared, parent.light | self.light, parent.dark | self.dark)


class FontPair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of base's fonts.json: the tokens it sets, its stylesheet, and the files worth loading early."""

    tokens: dict[str, str]
    stylesheet: str | None = None
    preload: tuple[str, ...] = ()


class Theme(msgspec.Struct, frozen=True):
    """A theme with its parents folded in.

    `directories` are the packages from the theme itself to base; `schema` is the JSON Schema of its settings.
    """

    manifest: Manifest
    directories: tuple[Path, ...]
    tokens: Tokens
    schema: Mapping[str, object]
    fonts: Mapping[str, FontPair]

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def lineage(self) -> tuple[str, ...]:
        return tuple(directory.name for directory in self.directories)

    def colours(self, scheme: Scheme) -> Mapping[str, str]:
        return self.tokens.light if scheme == "light" else self.tokens.dark
