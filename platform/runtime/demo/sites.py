"""The demo's three sites: who they are, what they look like, and what of the shared catalogue each one shows."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.demo.film import Film
from runtime.demo.films import OWN
from tenancy.model import Brand, CataloguePolicy, Colours

SHARED_CHANNEL = -1001000000101
KUMO_CHANNEL = -1001000000202


@dataclass(frozen=True, kw_only=True)
class Site:
    """A tenant of the demo. `channel` is the Telegram channel of its own films, `closed` why it is suspended."""

    id: str
    brand: Brand
    theme: str
    policy: CataloguePolicy
    plan: str = "rev_share"
    own: tuple[Film, ...] = ()
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
        policy=CataloguePolicy(media_types=("movie",), genres_block=("Animation", "Family")),
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
            media_types=("movie",),
            content_ratings=("safe",),
            genres_allow=("Animation", "Family", "Comedy", "Adventure", "Science Fiction"),
        ),
        plan="fixed_fee",
        own=(OWN,),
        channel=KUMO_CHANNEL,
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


def channels() -> dict[int, str]:
    """Every storage channel of the demo and the owner that it is registered to."""
    owned = {site.channel: f"tenant:{site.id}" for site in SITES if site.channel is not None}
    return {SHARED_CHANNEL: "platform", **owned}
