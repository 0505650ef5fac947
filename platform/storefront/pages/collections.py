"""Collections: the list of them, and one with its titles in its operator's order."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from litestar import Response
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath

from content.collections.model import Collection
from content.collections.shelves import Shelves
from storage.mongo import Database
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheCatalogue, TheTenant, TheThemes, page
from storefront.pages.views import card, row
from storefront.refusals import CollectionNotFound

AT_ONCE: Final = 12
PAGE_SIZE: Final = 36


@route("/collections", http_method=READ)
async def collections_page(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    database: NamedDependency[Database],
    after: Text = "",
) -> Response[str]:
    """Every collection with its first titles; `after` continues where the page before ended."""
    found = await Shelves(database, tenant, catalogue).page(after=after or None, limit=AT_ONCE)
    context = {
        "section": "browse",
        "rows": [row(shelf.collection.title, shelf.titles, _url(shelf.collection)) for shelf in found.shelves],
        "next_href": f"/collections?after={quote(found.after)}" if found.after else None,
    }
    return page(themes, tenant, "collections.html", context)


@route("/collections/{collection_id:str}", http_method=READ)
async def collection_page(
    tenant: TheTenant,
    catalogue: TheCatalogue,
    themes: TheThemes,
    database: NamedDependency[Database],
    collection_id: FromPath[str],
    after: Text = "",
) -> Response[str]:
    """One collection. Raises CollectionNotFound."""
    shelf = await Shelves(database, tenant, catalogue).open(collection_id, after=after or None, limit=PAGE_SIZE)
    if shelf is None:
        raise CollectionNotFound("It may have been taken apart, or the address has a typing error.")
    here = _url(shelf.collection)
    context = {
        "section": "browse",
        "heading": shelf.collection.title,
        "overview": " ".join((shelf.collection.overview or "").split()),
        "titles": [card(title) for title in shelf.titles],
        "next_href": f"{here}?after={quote(shelf.after)}" if shelf.after else None,
    }
    return page(themes, tenant, "collection.html", context)


def _url(collection: Collection) -> str:
    return f"/collections/{quote(collection.derived.key, safe='')}"
