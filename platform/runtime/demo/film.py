"""What is said of each work of the demo, what a film is, and the chords that films sound like (Hz)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layout = Literal["foot", "crown", "block"]


@dataclass(frozen=True, kw_only=True)
class Work:
    """A work's facts, the scene that draws it and how its poster is set. Works of one `franchise` belong together."""

    slug: str
    title: str
    year: int
    genres: tuple[str, ...]
    rating: float
    studio: str
    tagline: str
    synopsis: str
    scene: str
    layout: Layout
    ink: str
    ground: str
    content_rating: Literal["safe", "18+"] = "safe"
    franchise: str = ""
    seed: str = ""  # another picture of the same scene


@dataclass(frozen=True, kw_only=True)
class Film(Work):
    """A film, and which chord it sounds like."""

    chord: tuple[float, ...]
    noise: float = 0.0  # how much wind or water is in the sound, 0 to 1
    intro: tuple[int, int] = (0, 5)
    documents: int = 1  # how many documents its best quality is cut into in Telegram
    votes: int = 12


A_MINOR = (110.0, 164.81, 220.0, 261.63)
C_MAJOR = (130.81, 196.0, 261.63, 329.63)
D_SUS = (146.83, 220.0, 293.66, 392.0)
F_MAJOR = (87.31, 174.61, 220.0, 261.63)
E_MINOR = (82.41, 164.81, 246.94, 392.0)
G_MAJOR = (98.0, 196.0, 246.94, 293.66)
B_DIM = (61.74, 146.83, 174.61, 207.65)
