"""What the demo shows: a dozen films that nobody made, and one more that belongs to a single site."""

from __future__ import annotations

from runtime.demo.film import A_MINOR, B_DIM, C_MAJOR, D_SUS, E_MINOR, F_MAJOR, G_MAJOR, Film

SHARED: tuple[Film, ...] = (
    Film(
        slug="salt-meridian",
        title="The Salt Meridian",
        year=2025,
        genres=("Adventure", "Drama"),
        rating=8.4,
        studio="Dry Lake Pictures",
        tagline="Every map ends somewhere.",
        synopsis=(
            "A surveyor walks the last unmeasured line of a desert that moves faster than she can draw it. Each "
            "evening the dunes have rewritten the day, and each morning somebody has left water at her next camp."
        ),
        scene="dunes",
        layout="foot",
        ink="#fff1d6",
        ground="#34143c",
        chord=A_MINOR,
        noise=0.35,
        votes=41,
    ),
    Film(
        slug="paper-lights",
        title="Harbour of Paper Lights",
        franchise="Old Quay",
        year=2024,
        genres=("Animation", "Family"),
        rating=8.7,
        studio="Lantern & Reed Animation",
        tagline="Write it down. Let it rise.",
        synopsis=(
            "Once a year the town of Old Quay sends its unsaid sentences into the sky. Nine-year-old Imre finds "
            "one that has come back, addressed to him, in a handwriting he will not have for another twenty "
            "years."
        ),
        scene="lanterns",
        layout="crown",
        ink="#ffe7b8",
        ground="#0a1030",
        chord=C_MAJOR,
        noise=0.15,
        votes=88,
    ),
    Film(
        slug="low-orbit-lullaby",
        title="Low Orbit Lullaby",
        year=2026,
        genres=("Science Fiction", "Drama"),
        rating=8.1,
        studio="Perigee Films",
        tagline="It is quiet up here. Mostly.",
        synopsis=(
            "The night shift of a relay station consists of one engineer, one gardener and a radio that has begun "
            "to hum. A chamber piece about distance, played against the rings of a planet that never sets."
        ),
        scene="planet",
        documents=2,
        layout="foot",
        ink="#ffe9d2",
        ground="#060814",
        chord=D_SUS,
        noise=0.08,
        votes=63,
    ),
    Film(
        slug="night-tram",
        title="Night Tram to Vesper",
        year=2023,
        genres=("Crime", "Mystery"),
        rating=7.8,
        studio="Line Nine Cinema",
        tagline="Last stop. Everybody out.",
        synopsis=(
            "Eleven passengers board the 00:40 and ten get off. A conductor two weeks from her pension has until "
            "the depot to find out who paid for the eleventh ticket, and why the driver will not say his own "
            "name."
        ),
        scene="tram",
        layout="crown",
        ink="#ffe9f3",
        ground="#120c2e",
        chord=E_MINOR,
        noise=0.12,
        content_rating="18+",
        votes=27,
    ),
    Film(
        slug="nine-tides",
        title="Nine Tides",
        year=2021,
        genres=("Documentary",),
        rating=8.9,
        studio="Saltwind Studio",
        tagline="The sea keeps the minutes.",
        synopsis=(
            "Filmed over nine spring tides from one rock. Harvesters, pilots, a lighthouse tuner and a choir that "
            "rehearses only at low water explain what it means to live by a clock that is never quite on time."
        ),
        scene="tides",
        layout="crown",
        ink="#1a2b52",
        ground="#f6ead2",
        chord=G_MAJOR,
        noise=0.8,
        votes=54,
    ),
    Film(
        slug="guide-to-thunder",
        title="A Field Guide to Thunder",
        year=2024,
        genres=("Drama", "Romance"),
        rating=7.9,
        studio="Barley House",
        tagline="Count the seconds.",
        synopsis=(
            "Two storm chasers who no longer speak inherit the same farm. Between them: four hundred acres of "
            "wheat, one good tree, and a notebook in which their teacher wrote down every storm he was afraid of."
        ),
        scene="thunder",
        layout="foot",
        ink="#fdf4df",
        ground="#120d0b",
        chord=B_DIM,
        noise=0.6,
        votes=19,
    ),
    Film(
        slug="kite-season",
        title="Kite Season",
        year=2025,
        genres=("Animation", "Comedy", "Family"),
        rating=8.2,
        studio="Tailwind Cartoons",
        tagline="Hold on tight. Then don't.",
        synopsis=(
            "The wind has gone missing from the valley a week before the great contest. Pia, her grandmother and "
            "an opinionated goat set out over the hills to ask for it back, politely."
        ),
        scene="kites",
        layout="foot",
        ink="#ffffff",
        ground="#1c6d48",
        chord=F_MAJOR,
        noise=0.3,
        votes=72,
    ),
    Film(
        slug="aurora-ledger",
        title="The Aurora Ledger",
        year=2023,
        genres=("Thriller", "Mystery"),
        rating=8.0,
        studio="Northmark",
        tagline="Somebody kept count.",
        synopsis=(
            "An accountant is sent to close the books of a mine that shut forty winters ago. The figures are "
            "still being entered, one line a night, in an ink that glows."
        ),
        scene="aurora",
        layout="foot",
        ink="#e6fff4",
        ground="#03090e",
        chord=A_MINOR,
        noise=0.4,
        votes=33,
    ),
    Film(
        slug="concrete-and-clover",
        title="Concrete & Clover",
        year=2022,
        genres=("Comedy", "Romance"),
        rating=7.6,
        studio="Grid & Gutter",
        tagline="A love story in five colours.",
        synopsis=(
            "He designs housing blocks; she plants things in the cracks of them at night. When his finest facade "
            "turns green, the city council forms a committee, and the committee falls in love."
        ),
        scene="tiles",
        layout="block",
        ink="#17171a",
        ground="#f4efe4",
        chord=C_MAJOR,
        votes=24,
    ),
    Film(
        slug="red-room",
        title="Red Room, Blue Hour",
        year=2026,
        genres=("Thriller", "Horror"),
        rating=7.7,
        studio="Velvet Door",
        tagline="He has been waiting since you bought the house.",
        synopsis=(
            "A restorer is hired to uncover a corridor that is on no plan. Behind every arch is another arch, and "
            "at the end of them, always at dusk, a window with a man in it."
        ),
        scene="arches",
        layout="foot",
        ink="#ffe3dc",
        ground="#120106",
        chord=B_DIM,
        noise=0.2,
        content_rating="18+",
        votes=38,
    ),
    Film(
        slug="cellular-hearts",
        title="Cellular Hearts",
        year=2024,
        genres=("Science Fiction", "Romance"),
        rating=7.4,
        studio="Two Neighbours",
        tagline="Survive. Divide. Repeat.",
        synopsis=(
            "Three rules decide who lives in a city that is a grid. A cell that ought to have died of loneliness "
            "meets one that ought to have died of company. An experiment, and a comedy of manners."
        ),
        scene="cells",
        layout="foot",
        ink="#ffe1ea",
        ground="#0b0a1f",
        chord=D_SUS,
        noise=0.05,
        votes=15,
    ),
    Film(
        slug="coastline-paradox",
        title="The Coastline Paradox",
        year=2020,
        genres=("Documentary",),
        rating=8.3,
        studio="Fathom & Daughters",
        tagline="The closer you look, the longer it gets.",
        synopsis=(
            "How long is the shore of an island? Three generations of chart makers fail to agree, and in failing "
            "describe everything else that has no end."
        ),
        scene="coastline",
        layout="block",
        ink="#0e3350",
        ground="#f3e6c6",
        chord=G_MAJOR,
        noise=0.5,
        votes=29,
    ),
)

OWN = Film(
    slug="ten-thousand-sparks",
    title="Ten Thousand Sparks",
    year=2026,
    genres=("Animation", "Documentary"),
    rating=8.8,
    studio="Kumo Originals",
    tagline="One second. A year of work.",
    synopsis=(
        "A firework lasts as long as a breath. This film follows a single one for a year: the paper, the powder, "
        "the family that folds both, and the summer night that it was made for."
    ),
    scene="fireworks",
    layout="crown",
    ink="#fff3d9",
    ground="#0b0620",
    chord=F_MAJOR,
    noise=0.1,
    votes=46,
)

EVERYTHING: tuple[Film, ...] = (*SHARED, OWN)
