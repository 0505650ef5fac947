"""GET /collections and /collections/{collection_id}; and how a site's own people keep theirs."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import delete, get, put
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta, Struct

from accounts.staff import Moderator
from content.catalogue import Catalogue, Page
from content.collections.model import LONGEST_NAME, MOST_TITLES, key_of
from content.collections.repository import CollectionRepository
from content.collections.shelves import MOST_COLLECTIONS, Shelf, Shelves
from content.cursors import CursorInvalid
from storage.audit import Audit
from storage.errors import StorageUnavailable
from storage.mongo import Database
from storefront.api.answers import TitleSummary, title_list
from storefront.api.examples import SUMMARY
from storefront.api.questions import AfterText, LimitText, limit_of
from storefront.api.responses import NOT_JSON, problems, shown
from storefront.refusals import BadParameter, CollectionNotFound, CrossSite
from storefront.staff import NO_TOKEN, NOT_STAFF
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_NO_STORE: Final = CacheControlHeader(no_store=True)
_BAD_CURSOR: Final = CursorInvalid("the cursor belongs to another question")
_BAD_LIMIT: Final = BadParameter("limit: a number from 1 to 100")
_NONE: Final = CollectionNotFound("This site has no collection 'x'.")
CollectionId = Annotated[str, PathParameter(max_length=200)]
TitleId = Annotated[str, Meta(min_length=1, max_length=200)]


class CollectionSummary(Struct, kw_only=True):
    """A collection in a list, with the first few of its titles that this site shows."""

    id: str
    name: str
    overview: str | None
    api_url: str
    titles: list[TitleSummary]


class CollectionList(Struct, kw_only=True):
    """Some collections, by name; a page may be shorter than asked for. `next` goes into `after`."""

    collections: list[CollectionSummary]
    next: str | None


class CollectionAnswer(Struct, kw_only=True):
    """A collection with its titles in their order. `next` goes into `after` for those that follow."""

    id: str
    name: str
    overview: str | None
    titles: list[TitleSummary]
    next: str | None


class CollectionBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A collection as a site's own people write it. Titles are named by id, shared ones too."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    overview: Annotated[str, Meta(max_length=2_000)] = ""
    titles: Annotated[list[TitleId], Meta(max_length=MOST_TITLES)]


_SHELF: Final[dict[str, Any]] = {
    "id": "peach",
    "name": "The Peach Project",
    "overview": "A film, a series and a comic.",
    "titles": [SUMMARY],
}
LIST: Final[dict[str, Any]] = {"collections": [{**_SHELF, "api_url": "/api/v1/collections/peach"}], "next": None}
ONE: Final[dict[str, Any]] = {**_SHELF, "next": None}


@get(
    "/collections",
    operation_id="listCollections",
    summary="The collections of this site",
    tags=["collections"],
    cache_control=_NO_STORE,
    operation_class=shown(LIST),
    responses=problems(_BAD_LIMIT, _BAD_CURSOR, _AWAY),
)
async def list_collections(
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    limit: LimitText = None,
    after: AfterText = None,
) -> CollectionList:
    """Collections of which the site shows anything."""
    wanted = min(limit_of(limit), MOST_COLLECTIONS)
    page = await Shelves(database, tenant, catalogue).page(after=after, limit=wanted)
    return CollectionList(collections=[_summary(shelf) for shelf in page.shelves], next=page.after)


@get(
    "/collections/{collection_id:str}",
    operation_id="getCollection",
    summary="One collection with its titles",
    tags=["collections"],
    cache_control=_NO_STORE,
    operation_class=shown(ONE),
    responses=problems(_BAD_LIMIT, _BAD_CURSOR, _NONE, _AWAY),
)
async def get_collection(
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    collection_id: FromPath[str],
    limit: LimitText = None,
    after: AfterText = None,
) -> CollectionAnswer:
    """The titles of it that this site shows, in its operator's order."""
    shelf = await Shelves(database, tenant, catalogue).open(collection_id, after=after, limit=limit_of(limit))
    if shelf is None:
        raise CollectionNotFound(f"This site has no collection {collection_id!r}.")
    return CollectionAnswer(
        id=key_of(shelf.collection.id),
        name=shelf.collection.title,
        overview=shelf.collection.overview,
        titles=title_list(Page(shelf.titles)).titles,
        next=shelf.after,
    )


@put(
    "/staff/collections/{collection_id:str}",
    operation_id="putCollection",
    summary="Make or change a collection of this site's own",
    tags=["staff"],
    status_code=204,
    responses=problems(
        BadParameter("name: text"), NO_TOKEN, CrossSite("The request comes from another origin."), NOT_STAFF,
        NOT_JSON, _AWAY,
    ),
)  # fmt: skip
async def put_collection(
    moderator: NamedDependency[Moderator],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    audit: NamedDependency[Audit],
    collection_id: CollectionId,
    data: JSONBody[CollectionBody],
) -> None:
    """Writes it whole. One of the same id in the shared catalogue is hidden by it."""
    _require_editor(moderator)
    repository = CollectionRepository(database, tenant.scope)
    if await repository.put(collection_id, data.name, data.overview, data.titles):
        detail = {"name": data.name, "titles": len(data.titles)}
        await audit.record(tenant.scope, moderator.actor, "collection.put", collection_id, detail)


@delete(
    "/staff/collections/{collection_id:str}",
    operation_id="deleteCollection",
    summary="Delete a collection of this site's own",
    tags=["staff"],
    responses=problems(
        BadParameter("collection_id: text"), NO_TOKEN, CrossSite("The request comes from another origin."), NOT_STAFF,
        _NONE, NOT_JSON, _AWAY,
    ),
)  # fmt: skip
async def delete_collection(
    moderator: NamedDependency[Moderator],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    audit: NamedDependency[Audit],
    collection_id: CollectionId,
) -> None:
    """The titles stay. A shared collection of the same id shows again."""
    _require_editor(moderator)
    repository = CollectionRepository(database, tenant.scope)
    found = await repository.named(collection_id)
    if found is None or not await repository.remove(found.id):
        raise CollectionNotFound(f"This site has no collection {collection_id!r} of its own.")
    await audit.record(tenant.scope, moderator.actor, "collection.delete", collection_id, {})


COLLECTION_ROUTES: Final[list[HTTPRouteHandler]] = [
    list_collections,
    get_collection,
    put_collection,
    delete_collection,
]


def _require_editor(moderator: Moderator) -> None:
    if moderator.role == "moderator":
        raise NOT_STAFF


def _summary(shelf: Shelf) -> CollectionSummary:
    key = key_of(shelf.collection.id)
    return CollectionSummary(
        id=key,
        name=shelf.collection.title,
        overview=shelf.collection.overview,
        api_url=f"/api/v1/collections/{quote(key, safe='')}",
        titles=title_list(Page(shelf.titles)).titles,
    )
