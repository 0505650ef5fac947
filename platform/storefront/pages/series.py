"""A series: its seasons and episodes with what was seen of them, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from content.model import Title
from content.progress.model import TitleProgress, unit_field
from content.units import EpisodeUnit
from storefront.going import left_over, onward, unit_name, unit_url
from storefront.pages.reasons import told
from storefront.pages.views import View, film

SPECIALS: Final = "Specials"
_HELD_BACK: Final = {
    "processing": "Its episodes are being prepared.",
    "repairing": "It is being repaired and will be back soon.",
}


def series_view(
    title: Title,
    units: Sequence[EpisodeUnit],
    known: TitleProgress | None,
    *,
    season: int | None,
) -> View:
    """What the page shows: one season's episodes, by default those of the season that is being watched."""
    seasons = list(dict.fromkeys(unit.season for unit in units))
    usual = next((unit.season for unit in units if known is not None and unit.key == known.unit), None)
    chosen = next((each for each in (season, usual, 1) if each in seasons), seasons[0] if seasons else None)
    return {
        "t": film(title),
        "count": _count(len(seasons) - (0 in seasons), len(units)),
        "seasons": [_season(title, each, active=each == chosen) for each in seasons],
        "season": "" if chosen is None else season_name(chosen),
        "episodes": [_episode(title, unit, known) for unit in units if unit.season == chosen],
        "go_on": going_on(title, units, known),
        "why_not": _HELD_BACK.get(title.derived.status, "None of its episodes is ready yet."),
    }


def season_name(season: int) -> str:
    """Season 0 holds the specials."""
    return SPECIALS if season == 0 else f"Season {season}"


def going_on(title: Title, units: Sequence[EpisodeUnit], known: TitleProgress | None) -> View | None:
    """Where the button leads: on, if the series was begun; else to its first episode, the specials last."""
    playing = [unit for unit in units if unit.playable]
    if not playing:
        return None
    first = next((unit for unit in playing if unit.season != 0), playing[0])
    unit, step = onward(playing, first, known)
    labels = {"start": "Play", "continue": f"Continue {unit_name(unit)}", "next": f"Play {unit_name(unit)}"}
    return {"href": unit_url(title, unit), "label": labels.get(step, "Watch again")}


def _season(title: Title, season: int, *, active: bool) -> View:
    return {"name": season_name(season), "href": f"/title/{title.slug}?season={season}#episodes", "active": active}


def _episode(title: Title, unit: EpisodeUnit, known: TitleProgress | None) -> View:
    progress = None if known is None else known.units.get(unit_field(unit.key))
    return {
        "number": unit.episode,
        "name": " ".join(unit.title.split()) or f"Episode {unit.episode}",
        "href": unit_url(title, unit),
        "playable": unit.playable,
        "why_not": told(next((source.reason for source in unit.qualities if source.reason), None)),
        "state": "" if progress is None else "seen" if progress.finished else "begun",
        "share": "" if progress is None or progress.finished else f"{progress.share:.3f}",
        "left": "" if progress is None or progress.finished else left_over(progress),
    }


def _count(seasons: int, episodes: int) -> str:
    counted = "1 episode" if episodes == 1 else f"{episodes} episodes"
    return f"{seasons} seasons, {counted}" if seasons > 1 else counted
