"""The demo's two series: seasons of short episodes, each drawn and sounded by a program like the films."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.demo.film import A_MINOR, B_DIM, C_MAJOR, D_SUS, E_MINOR, F_MAJOR, G_MAJOR, Film, Work


@dataclass(frozen=True)
class Episode:
    """An episode's name, the scene that draws it, its chord, and what it tells."""

    title: str
    scene: str
    chord: tuple[float, ...]
    synopsis: str


@dataclass(frozen=True, kw_only=True)
class Series(Work):
    """A series by its seasons; the first is season 1."""

    seasons: tuple[tuple[Episode, ...], ...]
    votes: int = 12

    def films(self) -> dict[str, Film]:
        """Every episode as the film that it is, by its name in addresses: s1e2."""
        return {
            f"s{season}e{number}": self._film(episode, season, number)
            for season, episodes in enumerate(self.seasons, 1)
            for number, episode in enumerate(episodes, 1)
        }

    def _film(self, episode: Episode, season: int, number: int) -> Film:
        return Film(
            slug=f"{self.slug}-s{season}e{number}",
            title=episode.title,
            year=self.year,
            genres=self.genres,
            rating=self.rating,
            studio=self.title,
            tagline=f"Season {season}, episode {number}",
            synopsis=episode.synopsis,
            scene=episode.scene,
            layout=self.layout,
            ink=self.ink,
            ground=self.ground,
            seed=f"{self.slug} {season} {number}",
            chord=episode.chord,
            noise=0.15,
        )


LAMPLIGHTERS = Series(
    slug="lamplighters",
    title="The Lamplighters of Old Quay",
    year=2025,
    genres=("Animation", "Family", "Adventure"),
    rating=8.9,
    studio="Lantern & Reed Animation",
    tagline="Somebody has to keep the dark friendly.",
    synopsis=(
        "Imre and Suri are the youngest lamplighters that Old Quay has ever sworn in. Each evening they take a ladder, "
        "a flame and a rumour, and find out what the harbour did not want to be seen."
    ),
    scene="lanterns",
    layout="crown",
    ink="#fff0c9",
    ground="#10163a",
    seed="lamplighters",
    franchise="Old Quay",
    votes=64,
    seasons=(
        (
            Episode(
                "The Ladder",
                "lanterns",
                C_MAJOR,
                "On their first evening the ladder is one rung short. Suri says that it is the street that has grown.",
            ),
            Episode(
                "Wind from the Salt Side",
                "kites",
                G_MAJOR,
                "A wind puts out every flame but one. Imre follows it up the hill, where somebody is flying a letter.",
            ),
            Episode(
                "What the Tide Owes",
                "tides",
                F_MAJOR,
                "The water leaves a lamp on the lowest step each morning. Tonight they stay up to see who brings it.",
            ),
        ),
        (
            Episode(
                "The Long Night",
                "aurora",
                D_SUS,
                "In midwinter the lamps burn for twenty hours. Nobody has told the sky that it is not its turn.",
            ),
            Episode(
                "Sparks",
                "fireworks",
                C_MAJOR,
                "The festival wants the harbour dark for once. Suri keeps one lamp lit, and has a good reason.",
            ),
        ),
    ),
)

VESPER_LINE = Series(
    slug="vesper-line",
    title="The Vesper Line",
    year=2026,
    genres=("Crime", "Mystery", "Drama"),
    rating=8.3,
    studio="Terminus Pictures",
    tagline="The last stop is not on the map.",
    synopsis=(
        "After the night tram was found empty at its terminus, inspector Odile Marr takes the same seat every evening. "
        "A series about a city between two stops, and about the people who do not get off."
    ),
    scene="tram",
    layout="foot",
    ink="#ffe2f0",
    ground="#140b2c",
    seed="vesper-line",
    franchise="Vesper",
    votes=29,
    seasons=(
        (
            Episode(
                "Seat Eleven",
                "tram",
                E_MINOR,
                "Odile Marr rides to the end of the line. The seat beside her is warm, and has been for a year.",
            ),
            Episode(
                "Fog Timetable",
                "thunder",
                A_MINOR,
                "A timetable turns up with a stop that was torn down. The tram halts there all the same.",
            ),
            Episode(
                "The Man from Depot Four",
                "arches",
                B_DIM,
                "A driver confesses to a journey that nobody took. His ticket punch says otherwise.",
            ),
            Episode(
                "Vesper",
                "planet",
                D_SUS,
                "The doors open at the last stop. Odile gets off, and the city is still there, only further away.",
            ),
        ),
    ),
)

SERIES: tuple[Series, ...] = (LAMPLIGHTERS, VESPER_LINE)
