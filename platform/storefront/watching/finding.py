"""Which title and which episode of it an address means."""

from __future__ import annotations

from msgspec import Struct

from content.catalogue import Catalogue
from content.locating import offers
from content.model import Title
from content.playable import Playable
from content.takedowns.bans import refuse_banned
from content.unit_offers import episodes_on
from content.units import EpisodeUnit
from storefront.refusals import TitleNotFound
from tenancy.resolver import ResolvedTenant

LOST = "It may have left the catalogue, or the address has a typing error."


class Watched(Struct, frozen=True):
    """A title, the episode that is meant (None: a film) and all episodes that the site lists."""

    title: Title
    unit: EpisodeUnit | None
    units: list[EpisodeUnit]
    plays: bool


async def find(catalogue: Catalogue, tenant: ResolvedTenant, title_id: str, episode_id: str | None) -> Watched:
    """What is meant. Raises TitleNotFound, TitleBanned, and AgeGateClosed from the catalogue."""
    title = await catalogue.by_slug(title_id) or await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(LOST)
    if episode_id is None:
        plays = any(isinstance(each.verdict, Playable) for each in offers(title, tenant))
        return Watched(title, None, episodes_on(title, tenant), plays)
    refuse_banned(title, tenant, episode_id)
    units = episodes_on(title, tenant)
    unit = next((each for each in units if each.key == episode_id), None)
    if unit is None:
        raise TitleNotFound(LOST)
    return Watched(title, unit, units, unit.playable)


def first_episode(found: Watched) -> EpisodeUnit | None:
    """Where a series begins: its first season's first episode that plays, the specials last."""
    ordered = sorted(found.units, key=lambda unit: unit.season == 0)
    return next((unit for unit in ordered if unit.playable), None)
