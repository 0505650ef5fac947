"""A title's pictures that its document names by Telegram file id alone. Pure; held to the same rule as other files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from content.known import Pictures
from content.media.judging import IsFileId, judge_media
from content.media.model import MediaFile
from content.model import Title, Visuals
from content.playable import Playable

MOST_SCREENSHOTS: Final = 24
SHORTEST_FILE_ID: Final = 24
"""Of a real file id: what is shorter is a placeholder, which needs no reading."""


def picture_file_ids(title: Title) -> list[str]:
    """Every file id that the title's visuals name and that may be one, once."""
    visuals = title.visuals or Visuals()
    named = [visuals.poster, visuals.backdrop, *visuals.screenshots[:MOST_SCREENSHOTS]]
    return list(dict.fromkeys(each for each in named if each))


def judge_pictures(title: Title, media: Mapping[str, MediaFile], owner: str, is_file_id: IsFileId) -> Pictures:
    """Which of the pictures can be had, and which a worker should look up."""
    visuals = title.visuals or Visuals()

    def usable(file_id: str | None) -> str | None:
        if not file_id:
            return None
        verdict = judge_media(file_id, media, owner, _nowhere, is_video=False)
        return file_id if isinstance(verdict, Playable) else None

    unknown = [each for each in picture_file_ids(title) if each not in media]
    return Pictures(
        poster=usable(visuals.poster),
        backdrop=usable(visuals.backdrop),
        screenshots=[each for each in visuals.screenshots[:MOST_SCREENSHOTS] if usable(each)],
        missing=[each for each in unknown if len(each) >= SHORTEST_FILE_ID and is_file_id(each)],
    )


def _nowhere(_: str) -> bool:
    return False
