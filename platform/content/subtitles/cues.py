"""Cues, and the WebVTT file that they make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

MOST_CUES: Final = 20_000
MOST_FILE_BYTES: Final = 2 << 20
_LONGEST_SECONDS: Final = 300.0
_GUESSED_SECONDS: Final = 4.0
_LATEST_SECONDS: Final = 360_000.0


class Cue(NamedTuple):
    """From `start` to `end` in seconds; a cue that came without a duration has `end` None."""

    start: float
    end: float | None
    markup: str
    at_top: bool = False


def webvtt_file(cues: Iterable[Cue]) -> str:
    """The file, its cues in order and each one once; what is beyond the bounds is left out."""
    ordered = sorted(
        (cue for cue in dict.fromkeys(cues) if 0 <= cue.start < _LATEST_SECONDS), key=lambda cue: cue.start
    )[:MOST_CUES]
    pieces = ["WEBVTT\n"]
    size = len(pieces[0])
    for place, cue in enumerate(ordered):
        following = ordered[place + 1].start if place + 1 < len(ordered) else cue.start + _GUESSED_SECONDS
        piece = _written(cue, following)
        size += len(piece.encode()) + 1
        if size > MOST_FILE_BYTES:
            break
        pieces.append(piece)
    return "\n".join(pieces)


def _written(cue: Cue, following: float) -> str:
    end = cue.end
    if end is None or end <= cue.start:
        end = min(max(following, cue.start + 0.5), cue.start + _GUESSED_SECONDS)
    end = min(end, cue.start + _LONGEST_SECONDS)
    return f"{_stamp(cue.start)} --> {_stamp(end)}{' line:0' if cue.at_top else ''}\n{cue.markup}\n"


def _stamp(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
