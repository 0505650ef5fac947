"""What a comic of the demo is: chapters of pages, pages of panels, and what is said in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runtime.demo.film import Work

Style = Literal["ink", "colour", "strip"]
"""Ink is black and white and reads from the right, a strip is one long column, colour is a page as in the west."""
Page = tuple[str, ...]
"""What stands in each panel: speech, a caption after `> `, or nothing at all."""


@dataclass(frozen=True)
class Chapter:
    """A chapter by its number, which may be fractional, its name, the scenes of its panels, and its pages."""

    number: float
    title: str
    scenes: tuple[str, ...]
    pages: tuple[Page, ...]


@dataclass(frozen=True, kw_only=True)
class Comic(Work):
    """A comic by its chapters."""

    style: Style
    chapters: tuple[Chapter, ...]
