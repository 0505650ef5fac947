"""What a film of the demo is, and the chords that they sound like (Hz)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layout = Literal["foot", "crown", "block"]


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film's facts, the scene that draws it, how its poster is set and which chord it sounds like."""

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
    chord: tuple[float, ...]
    noise: float = 0.0  # how much wind or water is in the sound, 0 to 1
    content_rating: Literal["safe", "18+"] = "safe"
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
