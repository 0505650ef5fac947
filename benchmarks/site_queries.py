"""What each measured answer asks of storage: the same verbs without HTTP, without a template, without JSON.

What the process remembers between requests (facets, the rows of the home page) is remembered here as well.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from benchmarks.site_library import COMIC, FILM, SERIES
from benchmarks.site_load import CONNECTIONS, Load, load_of
from content.browsing import Question
from content.catalogue import Catalogue
from content.comments.reading import Reading
from content.derive import derived_slug
from content.model import Title

Query = Callable[[], Awaitable[object]]
MakeCatalogue = Callable[[], Catalogue]


def paths(words: str) -> dict[str, str]:
    """The measured answers by name."""
    asked = quote(words)
    return {
        "page home": "/",
        "page browse": "/browse",
        "page search": f"/search?q={asked}",
        "page film": f"/title/{derived_slug(FILM)}",
        "page series": f"/title/{derived_slug(SERIES)}",
        "page comic": f"/title/{derived_slug(COMIC)}",
        "API browse": "/api/v1/titles",
        "API search": f"/api/v1/titles?q={asked}",
        "API film": f"/api/v1/titles/{FILM}",
        "API series": f"/api/v1/titles/{SERIES}",
        "API comic": f"/api/v1/titles/{COMIC}",
    }


def queries(catalogue_of: MakeCatalogue, comments: Reading, words: str) -> dict[str, Query]:
    """By the names of `paths`."""

    async def home() -> None:
        catalogue = catalogue_of()
        rows = await catalogue.rows()
        await catalogue.by_slug(rows[0].titles[0].slug)

    async def browse() -> None:
        catalogue = catalogue_of()
        await asyncio.gather(catalogue.browse(Question(), limit=36), catalogue.facets())

    async def search() -> None:
        catalogue = catalogue_of()
        await asyncio.gather(catalogue.search(words, limit=36), catalogue.kinds(words))

    def title(title_id: str) -> Query:
        async def whole() -> None:
            catalogue = catalogue_of()
            found = await _found(catalogue, derived_slug(title_id))
            await asyncio.gather(
                catalogue.browse(Question(franchise=found.derived.franchise, sort="year"), limit=13),
                catalogue.related(found, limit=12),
                comments.threads(title_id, "top", viewer=None, limit=10),
                comments.count(title_id),
            )

        return whole

    titles = {"film": FILM, "series": SERIES, "comic": COMIC}
    return {
        "page home": home,
        "page browse": browse,
        "page search": search,
        **{f"page {kind}": title(slug) for kind, slug in titles.items()},
        "API browse": lambda: catalogue_of().browse(Question()),
        "API search": lambda: catalogue_of().search(words),
        **{f"API {kind}": _one(catalogue_of, slug) for kind, slug in titles.items()},
    }


def _one(catalogue_of: MakeCatalogue, slug: str) -> Query:
    return lambda: catalogue_of().get(slug)


async def _found(catalogue: Catalogue, slug: str) -> Title:
    found = await catalogue.by_slug(slug)
    assert found is not None
    return found


async def repeat(query: Query, *, lasting: float) -> Load:
    """As many of the query at a time as the load has connections, for that many seconds."""
    seconds: list[float] = []
    started = time.perf_counter()

    async def one() -> None:
        began = time.perf_counter()
        while began < started + lasting:
            await query()
            ended = time.perf_counter()
            seconds.append(ended - began)
            began = ended

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return load_of(seconds, time.perf_counter() - started)
