"""The words of the demo's viewers, site by site; who says them is the place of a guest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Said:
    """A comment: what it is about, by whom, and the answers as (guest, words)."""

    about: str
    by: int
    body: str
    second: int | None = None
    spoils: bool = False
    likes: int = 0
    answers: tuple[tuple[int, str], ...] = ()


_HARBOUR, _LADDER, _LETTER = "demo_paper_lights", "demo_lamplighters#s1e1", "demo_letters_from_old_quay#c1"
_ORBIT, _TRAM = "demo_low_orbit_lullaby", "demo_vesper_line#s1e1"

TALK: dict[str, tuple[Said, ...]] = {
    "kumo": (
        Said(
            about=_HARBOUR,
            by=0,
            body="My daughter asked to see the lanterns rise **three times**. So did I, to be fair.",
            likes=4,
            answers=((1, "Only three?"), (3, "We wrote our own afterwards. Ours fell into the gutter.")),
        ),
        Said(about=_HARBOUR, by=2, body="Here, the reflection moves the other way. Is that on purpose?", second=7),
        Said(about=_HARBOUR, by=4, body="That one lantern that stays behind. Every time.", second=12, likes=3),
        Said(
            about=_HARBOUR,
            by=5,
            body="I read it like this: >!the handwriting is his own, and he is the one who never sent it.!<",
            likes=2,
            answers=((0, "I had not thought of that at all."),),
        ),
        Said(about=_LADDER, by=1, body="The ladder being one rung short is the best first scene of the year.", likes=3),
        Said(about=_LADDER, by=3, body="Listen to the harp just here.", second=9),
        Said(
            about=_LETTER,
            by=2,
            body="Read the film's last lantern and then page two. *Then* read page two again.",
            likes=2,
            answers=((4, "Right to left, I suppose?"), (2, "Right to left.")),
        ),
        Said(about=_LETTER, by=0, body="It is the same letter as in the film, isn't it?", spoils=True, likes=1),
    ),
    "northlight": (
        Said(
            about=_ORBIT,
            by=0,
            body="Twenty minutes of somebody listening to a radio, and I did not breathe once.",
            likes=4,
            answers=((3, "The hum is in B. I checked."),),
        ),
        Said(about=_ORBIT, by=1, body="The rings come into view and nobody says a word. Thank you.", second=8, likes=2),
        Said(about=_ORBIT, by=2, body=">!The gardener has been answering all along.!<", likes=1),
        Said(about=_TRAM, by=4, body="Count the passengers at every stop. You will see.", second=6, likes=2),
    ),
    "papercut": (
        Said(about=_LETTER, by=3, body="The rain is drawn with a ruler, and it is still wet.", likes=3),
        Said(about=_LETTER, by=1, body="More of Suri, please.", likes=1, answers=((3, "Chapter 2.5 is all hers."),)),
    ),
}
