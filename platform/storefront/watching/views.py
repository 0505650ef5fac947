"""From a title and its unit to what the watch page's template gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from msgspec import to_builtins

from content.model import Title
from content.targets import Target
from content.units import EpisodeUnit
from storefront.going import title_url, unit_url
from storefront.pages.views import View, film
from storefront.watching.embeds import EmbedView

LISTED_EPISODES: Final = 400
"""Episodes of one season on the page; the title page has them all."""


def watch_view(title: Title, unit: EpisodeUnit | None, units: Sequence[EpisodeUnit]) -> View:
    """The film, or the episode among the others."""
    slug = quote(title.slug, safe="")
    path = f"/episodes/{unit.key}" if unit else ""
    return {
        "target": _target(title, unit),
        "href": title_url(title),
        "here": unit_url(title, unit),
        "play": f"/api/v1/titles/{slug}{path}/play",
        "intro": f"/api/v1/titles/{slug}/intro" + (f"?episode={unit.key}" if unit else ""),
        "external": f"/api/v1/titles/{slug}/external" + (f"?episode={unit.key}" if unit else ""),
        "heading": (unit.title or unit_label(unit)) if unit else title.name,
        "eyebrow": f"{title.name} · {unit_label(unit)}" if unit else "",
        "next": _neighbour(title, unit, units, 1),
        "previous": _neighbour(title, unit, units, -1),
        "season": _season(title, unit, units),
    }


def embed_views(embeds: Sequence[EmbedView]) -> list[View]:
    """The players of other hosts."""
    return [to_builtins(embed) for embed in embeds]


def unit_label(unit: EpisodeUnit) -> str:
    """`Season 1, episode 2`; season 0 holds the specials."""
    return f"Special {unit.episode}" if unit.season == 0 else f"Season {unit.season}, episode {unit.episode}"


def shown(title: Title) -> View:
    """The title itself."""
    return film(title)


def _target(title: Title, unit: EpisodeUnit | None) -> str:
    if unit is None:
        return str(Target(title_id=str(title.id)))
    return str(Target(title_id=str(title.id), season=unit.season, episode=unit.episode))


def _neighbour(title: Title, unit: EpisodeUnit | None, units: Sequence[EpisodeUnit], step: int) -> View | None:
    """The next episode that plays in that direction."""
    if unit is None:
        return None
    keys = [each.key for each in units]
    start = keys.index(unit.key)
    way = units[start + 1 :] if step > 0 else units[:start][::-1]
    return next((_episode(title, each) for each in way if each.playable), None)


def _season(title: Title, unit: EpisodeUnit | None, units: Sequence[EpisodeUnit]) -> View | None:
    if unit is None:
        return None
    same = [each for each in units if each.season == unit.season]
    name = "Specials" if unit.season == 0 else f"Season {unit.season}"
    episodes = [_episode(title, each) | {"current": each.key == unit.key} for each in same[:LISTED_EPISODES]]
    return {"name": name, "episodes": episodes, "more": len(same) > LISTED_EPISODES}


def _episode(title: Title, unit: EpisodeUnit) -> View:
    return {
        "href": unit_url(title, unit),
        "number": unit.episode,
        "short": f"S{unit.season} E{unit.episode}",
        "title": unit.title or unit_label(unit),
        "playable": unit.playable,
    }
