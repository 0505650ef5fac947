"""The demo's sites: who they are, what they look like, and what of the shared catalogue each one shows."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.demo.comics import COMICS
from runtime.demo.film import Work
from runtime.demo.films import OWN, SHARED
from runtime.demo.shows import SERIES
from tenancy.model import Brand, CataloguePolicy, Colours

SHARED_WORKS: tuple[Work, ...] = (*SHARED, *SERIES, *COMICS)
SHARED_CHANNEL = -1001000000101
KUMO_CHANNEL = -1001000000202


@dataclass(frozen=True, kw_only=True)
class Site:
    """A tenant of the demo. `channel` is the Telegram channel of its own works, `closed` why it is suspended."""

    id: str
    brand: Brand
    theme: str
    policy: CataloguePolicy
    plan: str = "rev_share"
    own: tuple[Work, ...] = ()
    channel: int | None = None
    closed: str | None = None

    @property
    def domain(self) -> str:
        """Its host name, which every system resolves to this machine."""
        return f"{self.id}.localhost"


SITES: tuple[Site, ...] = (
    Site(
        id="northlight",
        brand=Brand(
            name="Northlight Cinema",
            tagline="Films for the long evening",
            colours=Colours(accent="#e3b261", accent2="#b4454f"),
            font_pair="editorial",
            hero="full",
            locale="en",
        ),
        theme="nocturne",
        policy=CataloguePolicy(media_types=("movie", "series"), genres_block=("Animation", "Family")),
    ),
    Site(
        id="kumo",
        brand=Brand(
            name="Kumo Club",
            tagline="Drawn, built and dreamt up",
            colours=Colours(accent="#5b3df5", accent2="#ff5470"),
            radius="round",
            font_pair="grotesque",
            hero="split",
            locale="en",
        ),
        theme="hanabi",
        policy=CataloguePolicy(
            content_ratings=("safe",),
            genres_allow=("Animation", "Family", "Comedy", "Adventure", "Science Fiction", "Manga"),
        ),
        plan="fixed_fee",
        own=(OWN,),
        channel=KUMO_CHANNEL,
    ),
    Site(
        id="papercut",
        brand=Brand(
            name="Papercut Reading Room",
            tagline="Comics, drawn on the premises",
            colours=Colours(accent="#b3342f", accent2="#1f5f8b"),
            locale="en",
        ),
        theme="folio",
        policy=CataloguePolicy(media_types=("manga",), content_ratings=("safe",)),
    ),
    Site(
        id="saltwind",
        brand=Brand(
            name="Saltwind Archive",
            tagline="Documents of sea and shore",
            colours=Colours(accent="#0f5c7a", accent2="#c46a3b"),
            locale="en",
        ),
        theme="base",
        policy=CataloguePolicy(media_types=("movie",), genres_allow=("Documentary",)),
        closed="The archive is being hung anew for the winter programme. It opens again on the first of December.",
    ),
)


def everything() -> tuple[Work, ...]:
    """Every work of the demo, whoever owns it."""
    return (*SHARED_WORKS, *(work for site in SITES for work in site.own))


def channels() -> dict[int, str]:
    """Every storage channel of the demo and the owner that it is registered to."""
    owned = {site.channel: f"tenant:{site.id}" for site in SITES if site.channel is not None}
    return {SHARED_CHANNEL: "platform", **owned}
