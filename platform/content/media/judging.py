"""Whether the file behind a file id can be had, and what that makes of a title's episodes, chapters and season packs.

Pure. A file id opens nothing by itself: its bytes are given only once a worker has seen them in a channel that is
registered to the owner of the title, so that naming somebody else's file id reaches nobody's bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from content.media.model import MediaFile
from content.model import Title, UnitState
from content.playable import NotPlayable, Playable, judge_parts
from content.units import chapters, episodes, packs
from storage.extended_json import fingerprint

NO_FILE_ID: Final = "its file id is no Telegram file id"
NOT_LOOKED_UP: Final = "its file id was not looked up yet"
UNIT_FIELDS: Final = ("seasons", "chapters", "season_packs")

IsFileId = Callable[[str], bool]
"""Whether a text is a Telegram file id that a worker can look up."""


class UnitsJudged(Struct, frozen=True):
    """The state of each unit, which file ids a worker should look up, and what stands for all the file ids."""

    states: list[UnitState]
    missing: list[str]
    stands_for: str


def judge_media(
    file_id: str, media: Mapping[str, MediaFile], owner: str, is_file_id: IsFileId, *, is_video: bool
) -> Playable | NotPlayable:
    """The bucket behind a file id, from what is known of it."""
    known = media.get(file_id)
    if known is None:
        resolvable = is_file_id(file_id)
        return NotPlayable(NOT_LOOKED_UP if resolvable else NO_FILE_ID, resolvable=resolvable)
    if known.reason is not None:
        return NotPlayable(known.reason)
    return judge_parts(known.documents, known.mime, owner, is_video=is_video)


def unit_file_ids(title: Title) -> list[str]:
    """Every file id that the title's units name, once."""
    named: dict[str, None] = {}
    for episode in episodes(title):
        named.update({source.file_id: None for source in episode.qualities if source.file_id})
    named.update({pack.file_id: None for pack in packs(title) if pack.file_id})
    for chapter in chapters(title):
        named.update({page: None for page in chapter.pages if page})
    return list(named)


def judge_units(title: Title, media: Mapping[str, MediaFile], owner: str, is_file_id: IsFileId) -> UnitsJudged:
    """What is to be said of the title's units, given what is known of their files."""
    looking = _Looking(media, owner, is_file_id)
    states = [
        looking.state(source.key, [source.file_id], is_video=True)
        for episode in episodes(title)
        for source in episode.qualities
    ]
    states += [looking.state(pack.key, [pack.file_id], is_video=False) for pack in packs(title)]
    states += [
        looking.state(chapter.key, chapter.pages, is_video=False, place=chapter.place) for chapter in chapters(title)
    ]
    return UnitsJudged([state for state in states if state is not None], list(looking.missing), _stands_for(title))


def has_units(document: Mapping[str, Any]) -> bool:
    """Whether the document may have any, told without reading it."""
    return any(document.get(field) for field in UNIT_FIELDS)


def plays(states: list[UnitState]) -> bool:
    """Whether an episode or a chapter can be had; a season pack is no reason to press play."""
    return any(state.reason is None for state in states if not state.key.startswith("pack/"))


class _Looking:
    """One title being judged; `missing` gathers the file ids that nobody looked up yet."""

    def __init__(self, media: Mapping[str, MediaFile], owner: str, is_file_id: IsFileId) -> None:
        self.missing: dict[str, None] = {}
        self._media = media
        self._owner = owner
        self._is_file_id = is_file_id

    def state(self, key: str, file_ids: Sequence[str | None], *, is_video: bool, place: int = 0) -> UnitState | None:
        """The state of a unit; it can be had when any of its files can. None for one without files."""
        refusals = [self._refusal(file_id, is_video=is_video) for file_id in file_ids if file_id]
        if not refusals:
            return None
        first = None if None in refusals else refusals[0]
        waits = any(refusal.resolvable for refusal in refusals if refusal is not None)
        return UnitState(key=key, place=place, reason=first.reason if first else None, resolvable=waits)

    def _refusal(self, file_id: str, *, is_video: bool) -> NotPlayable | None:
        verdict = judge_media(file_id, self._media, self._owner, self._is_file_id, is_video=is_video)
        if isinstance(verdict, Playable):
            return None
        if verdict.resolvable:
            self.missing[file_id] = None
        return verdict


def _stands_for(title: Title) -> str:
    named = [[source.key, source.file_id] for episode in episodes(title) for source in episode.qualities]
    named += [[pack.key, pack.file_id] for pack in packs(title)]
    pages = [[chapter.key, chapter.pages] for chapter in chapters(title)]
    return fingerprint({"files": named, "pages": pages})[:16] if named or pages else ""
