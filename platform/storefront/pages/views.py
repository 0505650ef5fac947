"""From titles to the plain dicts that templates get: text that is ready to be shown, and links."""

import hashlib
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from content.model import Title
from content.playable import NotPlayable, Quality
from storefront.pages.covers import REVISION, tone_of
from storefront.pages.kinds import kind_of
from storefront.pages.reasons import told

View = dict[str, object]

LONGEST_WORD: Final = 18
VOWELS: Final = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåæø")
SOFT_HYPHEN: Final = "\u00ad"
VOTES_FOR_AN_INTRO: Final = 3
FINE_QUALITIES: Final = {"4320p": "8K", "2160p": "4K", "4k": "4K"}


def card(title: Title) -> View:
    """What a card shows."""
    slug, derived = title.slug, title.derived
    return {
        "id": str(title.id),
        "title": title.name,
        "href": f"/title/{slug}",
        "watch": f"/title/{slug}" if derived.media_type == "manga" else f"/watch/{slug}",
        "media_type": derived.media_type,
        "is_read": derived.media_type == "manga",
        "poster": picture_url(title, "poster"),
        "backdrop": picture_url(title, "backdrop"),
        "drawn": derived.visuals.poster is None and derived.pictures.poster is None,
        "drawn_wide": derived.visuals.backdrop is None and derived.pictures.backdrop is None,
        "tone": tone_of(slug),
        "cover": _breakable(title.name),
        "fit": _fit(title.name),
        "badge": _badge(title),
        "meta": _meta(title),
        "playable": derived.playable,
    }


def film(title: Title, offered: Sequence[Quality] = ()) -> View:
    """What the hero, the title page and the player show; `offered` are its buckets, if the page lists them."""
    derived = title.derived
    names = list(dict.fromkeys(file.quality for file in title.files if file.quality))
    return card(title) | {
        "year": derived.year,
        "rating": f"{derived.rating:.1f}" if derived.rating is not None and 0 < derived.rating <= 10 else "",
        "length": "",
        "age": "18+" if derived.content_rating == "18+" else "",
        "qualities": names[:4],
        "overview": " ".join((title.overview or "").split()),
        "genres": [{"name": name, "href": browse_url(genre=name)} for name in derived.genre_names[:6]],
        "genre_line": " · ".join(derived.genre_names[:3]),
        "buckets": [_bucket(title, quality) for quality in offered],
        "why_not": _why_not(title, offered),
        "intro": _intro(title),
    }


def row(heading: str, titles: Sequence[Title], href: str | None = None) -> View:
    """A strip of cards under a heading."""
    return {"title": heading, "href": href, "titles": [card(title) for title in titles]}


def browse_url(**filters: object) -> str:
    """The browse page with those filters that are set."""
    chosen = {name: value for name, value in filters.items() if value not in (None, "")}
    return "/browse" + (f"?{urlencode(chosen)}" if chosen else "")


def play_url(title: Title) -> str:
    """Where the player asks for its streams."""
    return f"/api/v1/titles/{title.slug}/play"


def picture_url(title: Title, kind: str) -> str:
    """A URL that changes with the picture, so that it may be cached for good."""
    return f"/art/{title.slug}/{kind}?v={picture_version(*picture_sources(title, kind))}"


def screenshot_urls(title: Title) -> list[str]:
    """The title's screenshots in their order."""
    visuals, pictures = title.derived.visuals, title.derived.pictures
    count = len(visuals.screenshots or pictures.screenshots)
    return [picture_url(title, f"screenshot-{number}") for number in range(1, count + 1)]


def picture_sources(title: Title, kind: str) -> tuple[str | None, str | None]:
    """The blob of a poster, a backdrop or a `screenshot-1`, or the Telegram file id of it where there is no blob."""
    visuals, pictures = title.derived.visuals, title.derived.pictures
    if kind == "poster":
        blob, file_id = visuals.poster, pictures.poster
    elif kind == "backdrop":
        blob, file_id = visuals.backdrop, pictures.backdrop
    else:
        place = int(kind.removeprefix("screenshot-")) - 1
        blob = visuals.screenshots[place] if place < len(visuals.screenshots) else None
        shots = [] if visuals.screenshots else pictures.screenshots
        file_id = shots[place] if place < len(shots) else None
    return blob, None if blob else file_id


def picture_version(blob: str | None, file_id: str | None = None) -> str:
    """What stands for a picture's content in its URL."""
    if file_id:
        return f"t{hashlib.blake2b(file_id.encode(), digest_size=8).hexdigest()}"
    return quote(blob, safe="")[-12:] if blob else f"d{REVISION}"


def human_size(size_bytes: int) -> str:
    """Decimal units, as people know them from stores: 1.4 GB."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.1f} {unit}" if unit == "GB" else f"{size:.0f} {unit}"


def _fit(name: str) -> str:
    """The class that makes a title fit on its cover: by its longest word, or by its length."""
    longest = max(map(len, name.split()), default=0)
    if longest > 14 or len(name) > 44:
        return " tiny"
    return " tight" if longest > 10 or len(name) > 24 else ""


def _breakable(name: str) -> str:
    """Soft hyphens in words that fit on no cover: they break into even parts instead of losing a last letter."""
    return " ".join(_hyphenated(word) if len(word) > LONGEST_WORD else word for word in name.split())


def _hyphenated(word: str) -> str:
    """Even parts, each cut moved to the nearest place where a consonant opens a syllable."""
    count = -(-len(word) // LONGEST_WORD)
    openings = [
        place
        for place in range(2, len(word) - 2)
        if word[place].lower() not in VOWELS and word[place + 1].lower() in VOWELS
    ]
    cuts = [round(len(word) * part / count) for part in range(1, count)]
    places = sorted({min(openings, key=lambda opening: abs(opening - cut), default=cut) for cut in cuts})
    return SOFT_HYPHEN.join(word[start:end] for start, end in zip([0, *places], [*places, len(word)], strict=True))


def _meta(title: Title) -> str:
    """The line under a card; what is no film says so."""
    derived = title.derived
    kind = kind_of(derived.media_type) if derived.media_type != "movie" else None
    words = [kind.one] if kind else []
    return " · ".join(words + [str(derived.year)] * bool(derived.year) + derived.genre_names[: 2 - len(words)])


def _badge(title: Title) -> str:
    return next(
        (FINE_QUALITIES[name] for file in title.files if (name := (file.quality or "").lower()) in FINE_QUALITIES), ""
    )


def _bucket(title: Title, offered: Quality) -> View:
    verdict = offered.verdict
    playable = not isinstance(verdict, NotPlayable)
    size = title.files[offered.place].size_human or (
        "" if isinstance(verdict, NotPlayable) else human_size(verdict.bucket.size_bytes)
    )
    name = offered.quality or "Film"
    return {
        "quality": name,
        "label": offered.label if offered.label != offered.quality else "",
        "size": size,
        "playable": playable,
        "why_not": f"Not ready: {told(verdict.reason)}" if isinstance(verdict, NotPlayable) else "",
        "watch": f"/watch/{title.slug}?{urlencode({'q': name})}",
    }


def _why_not(title: Title, offered: Sequence[Quality]) -> str:
    if title.derived.status == "repairing":
        return "It is being repaired and will be back soon."
    if not offered:
        return "No version of it has arrived yet."
    return "None of its versions is ready yet."


def _intro(title: Title) -> View | None:
    timings = title.intro_timings
    if timings is None or timings.start is None or timings.end is None or (timings.votes or 0) < VOTES_FOR_AN_INTRO:
        return None
    return {"start": timings.start, "end": timings.end} if 0 <= timings.start < timings.end else None
