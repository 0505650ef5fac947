"""What is spoken about: a title that the site shows to whoever asks, or an episode or a chapter of it."""

import math

from msgspec import Struct

from content.catalogue import Catalogue
from content.comments.errors import NoSuchTarget
from content.comments.model import LONGEST_TIMESTAMP
from content.model import Title
from content.takedowns.bans import refuse_banned
from content.targets import BadTarget, Target, parse_target
from content.units import unit_keys
from tenancy.resolver import ResolvedTenant


class Subject(Struct, frozen=True):
    """A title and what of it; `id` is the canonical written form of the target."""

    title: Title
    unit: str

    @property
    def id(self) -> str:
        """As comments and reports hold it."""
        return f"{self.title.id}#{self.unit}" if self.unit else str(self.title.id)

    @property
    def has_seconds(self) -> bool:
        """Whether it is something that plays, so that a comment can be pinned to a second."""
        return self.unit.startswith("s") or (not self.unit and self.title.derived.media_type == "movie")

    @property
    def last_second(self) -> int:
        """The last that a comment can be pinned to: the film's, where its length is known."""
        lengths = [each.duration_seconds or 0 for each in self.title.files] if not self.unit else []
        known = [each for each in lengths if 0 < each < LONGEST_TIMESTAMP]
        return math.ceil(max(known)) if known else LONGEST_TIMESTAMP


async def subject_of(catalogue: Catalogue, tenant: ResolvedTenant, text: str) -> Subject:
    """The subject of a target's written form; a slug may stand for the title's id.

    Raises NoSuchTarget, and what the catalogue raises for titles that were taken down or that the viewer may not see.
    """
    try:
        target = parse_target(text)
    except BadTarget as error:
        raise NoSuchTarget(str(error)) from None
    title = await catalogue.get(target.title_id)
    if title is None and target.unit:
        # An id may look as if it named an episode.
        title, target = await catalogue.get(text), Target(title_id=text)
    if title is None or (target.unit and target.unit not in unit_keys(title)):
        raise NoSuchTarget("There is no such title, episode or chapter on this site.")
    refuse_banned(title, tenant, target.unit or None)
    return Subject(title, target.unit)
