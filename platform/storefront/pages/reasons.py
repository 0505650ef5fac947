"""Why something does not play or open, in a viewer's words; the API gives the reason itself."""

from __future__ import annotations

from typing import Final

_PREPARED: Final = "it is being prepared"
_MISSING: Final = "its file is missing"
_TOLD: Final = {
    "it was taken down": "it was taken down",
    "it is being repaired": "it is being repaired",
    "it is being processed": _PREPARED,
    "its file id was not looked up yet": _PREPARED,
    "nobody has looked at its file yet": _PREPARED,
    "it has no pages": "it has no pages",
}


def told(reason: str | None) -> str:
    """What of a reason concerns a viewer: that it is gone, that it is on its way, or that the site lacks the file."""
    return _TOLD.get(reason or "", _MISSING)
