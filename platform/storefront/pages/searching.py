"""The search page: a form, what it found of every kind, and the kinds to narrow it to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import route
from litestar.params import QueryParameter

from content.browsing import Question
from content.facets import Facet
from content.model import MEDIA_TYPES
from content.search.finding import Kinds
from content.search.words import LONGEST_TEXT
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import View, card, row

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
PAGE_SIZE: Final = 36
SUGGESTED: Final = 14
KIND_NAMES: Final = {"movie": "Films", "series": "Series", "manga": "Comics"}

Text = Annotated[str, QueryParameter(max_length=2048)]


@route("/search", http_method=READ)
async def search(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    q: Text = "",
    kind: Text = "",
    after: Text = "",
) -> Response[str]:
    """What a text finds, the best first; `kind` narrows it, `after` continues where the page before ended."""
    words = " ".join(q.split())[:LONGEST_TEXT]
    chosen = kind if kind in MEDIA_TYPES else None
    question = Question(media_type=chosen)
    found, kinds = await asyncio.gather(
        catalogue.search(words, question, after=after or None, limit=PAGE_SIZE), catalogue.kinds(words)
    )
    suggested = [] if words else (await catalogue.browse(Question(sort="rating"), limit=SUGGESTED)).titles
    context = {
        "section": "search",
        "query": words,
        "kind": chosen or "",
        "kinds": _chips(words, kinds, chosen),
        "titles": [card(title) for title in found.titles],
        "count": _counted(kinds, chosen),
        "next_href": _url(words, chosen, found.after) if found.after else None,
        "suggestions": row("Top rated", suggested) if suggested else None,
    }
    return page(themes, tenant, "search.html", context)


def _chips(words: str, kinds: Kinds, chosen: str | None) -> list[View]:
    """Links to each kind that was found, and to all of them; none where there is but one."""
    if len(kinds.kinds) < 2 and not (chosen and kinds.kinds):
        return []
    every: View = {"name": "All", "count": _number(kinds.kinds, kinds), "href": _url(words), "active": chosen is None}
    return [every, *(_chip(words, each, kinds, active=each.key == chosen) for each in kinds.kinds)]


def _chip(words: str, kind: Facet, kinds: Kinds, *, active: bool) -> View:
    name = KIND_NAMES.get(kind.key, kind.name)
    return {"name": name, "count": _number([kind], kinds), "href": _url(words, kind.key), "active": active}


def _counted(kinds: Kinds, chosen: str | None) -> str:
    counted = [each for each in kinds.kinds if chosen in (None, each.key)]
    number = _number(counted, kinds)
    return "1 title" if number == "1" else f"{number} titles"


def _number(facets: Sequence[Facet], kinds: Kinds) -> str:
    return f"{sum(each.count for each in facets)}{'' if kinds.complete else '+'}"


def _url(words: str, kind: str | None = None, after: str | None = None) -> str:
    asked = {"q": words, "kind": kind, "after": after}
    return f"/search?{urlencode({name: value for name, value in asked.items() if value})}"
