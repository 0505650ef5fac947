"""The demo's three comics: one to be read from the right, one from the left, and one down a long strip."""

from __future__ import annotations

from runtime.demo.books import Chapter, Comic

LETTERS = Comic(
    slug="letters-from-old-quay",
    title="Letters from Old Quay",
    year=2024,
    genres=("Manga", "Family", "Mystery"),
    rating=8.6,
    studio="Reed Sisters",
    tagline="Every lantern is a letter.",
    synopsis=(
        "Before Imre wrote his own lantern he carried those of others. The book of the film: four deliveries, one of "
        "them to the wrong century."
    ),
    scene="lanterns",
    layout="crown",
    ink="#ffffff",
    ground="#0b0b12",
    seed="letters",
    franchise="Old Quay",
    style="ink",
    chapters=(
        Chapter(
            1,
            "The Postman Is Nine",
            ("lanterns", "tram", "tides"),
            (
                ("> Old Quay, the night before the lights.", "You are very small for a postman."),
                ("I am nine.", "That is what I said.", "Where does it go?"),
                ("To whoever forgot it.", ""),
                ("> It weighed as much as a sentence weighs.", "", "Number four, Salt Steps…"),
                ("There is no number four.", "There was yesterday."),
            ),
        ),
        Chapter(
            2,
            "Salt Steps",
            ("tides", "dunes", "arches"),
            (
                ("> The sea had taken the even numbers.", "Hello? Letter for four!"),
                ("", "Shout lower. It is asleep.", "Who is?"),
                ("The house.", "> It had a door on the inside of the water."),
                ("Do you want an answer?", "I only carry them.", ""),
            ),
        ),
        Chapter(
            2.5,
            "Intermission with Cat",
            ("tiles", "lanterns"),
            (("", "Do you take parcels?", "Meow."), ("> It did not say what was in it.", ""), ("It is purring.",)),
        ),
        Chapter(
            3,
            "Twenty Years Late",
            ("aurora", "lanterns", "fireworks"),
            (
                ("> The last one was addressed to me.", "That is my name."),
                ("But not my hand.", "", "Not yet."),
                ("Should I open it?", "Will you?", "> I was nine. I let it rise."),
                ("", "> And in twenty years I wrote it."),
            ),
        ),
    ),
)

TIDEWITCH = Comic(
    slug="tilde-and-the-tidewitch",
    title="Tilde & the Tidewitch",
    year=2025,
    genres=("Fantasy", "Adventure", "Comedy"),
    rating=8.2,
    studio="Low Water Press",
    tagline="Never borrow the sea.",
    synopsis=(
        "Tilde only wanted the water to stay away until her sandcastle had a roof. Now the tide is in a jar on her "
        "shelf, seven harbours are dry, and somebody with wet footprints is knocking."
    ),
    scene="coastline",
    layout="block",
    ink="#17313f",
    ground="#f6c65b",
    seed="tidewitch",
    style="colour",
    chapters=(
        Chapter(
            1,
            "The Jar",
            ("coastline", "kites", "dunes"),
            (
                ("> Monday. The sea was in the way.", "Could you wait one hour?"),
                ("> It said nothing. I took that for a yes.", "Lid on. Done!", ""),
                ("Tilde, where is the beach?", "All of it is the beach now."),
                ("> Tuesday. Boats asked for me.", "", "You have something of mine."),
            ),
        ),
        Chapter(
            2,
            "Wet Footprints",
            ("thunder", "tides", "coastline"),
            (
                ("I am the Tidewitch.", "I am Tilde. We have towels."),
                ("Give it back, child.", "It was only a loan!", "> From whom, she asked. I had to think."),
                ("", "From you?", "From the moon."),
                ("> The moon does not lend. It lets.", "Then who pays?"),
            ),
        ),
        Chapter(
            3,
            "High Water",
            ("planet", "tides", "fireworks"),
            (
                ("Open it slowly.", "How slowly?", "Six hours."),
                ("> So we sat down and let out the sea.", ""),
                ("Do you ever get bored?", "Twice a day.", "> Wednesday. The sandcastle has a moat.", ""),
            ),
        ),
    ),
)

PERIGEE = Comic(
    slug="perigee-radio",
    title="Perigee Radio",
    year=2026,
    genres=("Webtoon", "Science Fiction", "Drama"),
    rating=8.4,
    studio="Perigee Films",
    tagline="It is quiet up here. Mostly.",
    synopsis=(
        "The relay station from the film, a year before. One gardener, one frequency that nobody uses, and somebody "
        "who hums on it every night at four."
    ),
    scene="planet",
    layout="foot",
    ink="#e9f2ff",
    ground="#060814",
    seed="perigee",
    franchise="Perigee",
    style="strip",
    chapters=(
        Chapter(
            1,
            "Four in the Morning",
            ("planet", "aurora", "cells"),
            (
                ("> Relay 9. Tomatoes: eleven. People: one.", "Good morning, tomatoes."),
                ("", "> 04:00. The radio is off.", "Hm hm hmm…"),
                ("Who is there?", "> It stopped. Then it went on, a third higher."),
            ),
        ),
        Chapter(
            2,
            "Harmony",
            ("aurora", "planet", "lanterns"),
            (
                ("> So I sang the lower part.", "", "You are flat."),
                ("It speaks!", "It has perfect pitch, too."),
                ("Where are you?", "> A long pause. The rings went by.", "Behind you. Seven years."),
            ),
        ),
        Chapter(
            3,
            "Seven Years of Light",
            ("planet", "fireworks", "aurora"),
            (
                ("> Whoever hummed had hummed it long ago.", "Then who answered me?", ""),
                ("> I did the sum three times.", "Oh. It is my own voice.", "> And it had kept the harmony free."),
            ),
        ),
    ),
)

COMICS: tuple[Comic, ...] = (LETTERS, TIDEWITCH, PERIGEE)
