"""What a tenant's look comes to: whether its theme is there, and which choices the theme does not take."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from runtime.errors import Refused
from tenancy.model import Tenant
from tenancy.themes.catalogue import ThemeCatalogue
from tenancy.themes.settings import choose
from tenancy.themes.site import given_settings

NAMES = {"accent": "brand.colours.accent", "accent2": "brand.colours.accent2"}


def refuse_missing_theme(changes: Mapping[str, object]) -> None:
    """Raises Refused where `changes` name a theme that is not installed: such a site would be dressed as base."""
    chosen = changes.get("theme")
    if chosen is not None and chosen not in (names := _installed().names):
        raise Refused(f"there is no theme {chosen!r}: {', '.join(sorted(names))}")


def choices_not_taken(tenant: Tenant) -> list[str]:
    """A line for each choice of the brand in whose place the theme's own stands."""
    rejected = choose(_installed().get(tenant.theme), given_settings(tenant.brand)).rejected
    names = [(NAMES.get(each.setting, f"brand.{each.setting}"), each.reason) for each in rejected]
    return [f"{name}: {reason}; the theme's own is used" for name, reason in names]


def _installed() -> ThemeCatalogue:
    return ThemeCatalogue.load(Path(str(files("themes"))))
