"""GET /titles/{title_id}/chapters/{chapter_id}/pages: what a reader shows."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, SkipValidation
from msgspec import Meta, Struct

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.takedowns.bans import TitleBanned
from content.targets import Target
from content.units import ChapterUnit
from storage.errors import StorageUnavailable
from storage.moments import Clock
from storefront.api.responses import BAD_ID, NO_TITLE, problems, shown
from storefront.reading.chapters import ChapterNotFound, place_of, require_readable
from storefront.reading.links import page_links, reader_of
from streaming.links import LinkSigner
from streaming.pages.errors import PageUnreadable
from streaming.pages.pictures import Picture
from streaming.pages.reading import PageReader
from tenancy.resolver import ResolvedTenant

_EXAMPLE: Final[dict[str, Any]] = {
    "target_id": "manga_sample#c12.5",
    "number": "12.5",
    "title": "A short walk",
    "pages": [{"number": 1, "url": "/pages/AAExAAFh/0", "width": 1000, "height": 1400}],
    "expires_at": 1800000000,
    "previous": {"number": "12", "title": "Rain", "pages_url": "/api/v1/titles/v7K1wP2/chapters/12/pages"},
    "next": None,
}
ChapterId = Annotated[str, PathParameter(max_length=32, description="`12.5`, or `c12.5` as in targets")]


class PageAnswer(Struct, kw_only=True):
    """One page, counted from 1. Pixels where they are known, to reserve space with."""

    number: int
    url: Annotated[str, Meta(description="Path on this host; takes GET, HEAD, Range, and `width` for a smaller JPEG")]
    width: int | None = None
    height: int | None = None


class ChapterBeside(Struct, kw_only=True):
    """The chapter before or after."""

    number: str
    title: str
    pages_url: str


class PagesAnswer(Struct, kw_only=True):
    """The pages of a chapter, their links good until `expires_at` (epoch seconds)."""

    target_id: str
    number: str
    title: str
    pages: list[PageAnswer]
    expires_at: int
    previous: ChapterBeside | None
    next: ChapterBeside | None


@get(
    "/titles/{title_id:str}/chapters/{chapter_id:str}/pages",
    operation_id="listPages",
    summary="The pages of a chapter, as signed links",
    description="Opens no session. A session's links end with it; links of nobody work for whoever has them.",
    tags=["reading"],
    operation_class=shown(_EXAMPLE),
    responses=problems(
        BAD_ID,
        ViewerBanned(""),
        AgeGateClosed(),
        NO_TITLE,
        ChapterNotFound("Rain has no such chapter."),
        PageUnreadable("It has no pages."),
        TitleBanned(""),
        StorageUnavailable("MongoDB cannot be reached"),
    ),
)
async def list_pages(
    request: Request[Any, Any, Any],
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    links: NamedDependency[LinkSigner],
    pages: NamedDependency[PageReader],
    clock: NamedDependency[SkipValidation[Clock]],
    title_id: FromPath[str],
    chapter_id: ChapterId,
) -> Response[PagesAnswer]:
    """Every page of the chapter, those that cannot be read too: asking for one tells why."""
    place = await place_of(catalogue, tenant, title_id, chapter_id)
    unit, title = place.unit, place.title
    require_readable(unit)
    signed = page_links(links, tenant, reader_of(request, viewer), title.slug, unit.key, now=clock())
    seen = pages.seen_of((tenant.scope.owner, title.slug, unit.key))
    answer = PagesAnswer(
        target_id=str(Target(title_id=str(title.id), chap=unit.chap)),
        number=unit.number,
        title=unit.title,
        pages=[_page(number, signed.page(number), seen.get(number)) for number in range(unit.page_count)],
        expires_at=signed.expires_at,
        previous=_beside(title.slug, place.previous),
        next=_beside(title.slug, place.next),
    )
    return Response(answer, headers={"Cache-Control": "no-store"})


def _page(place: int, url: str, seen: Picture | None) -> PageAnswer:
    if seen is None:
        return PageAnswer(number=place + 1, url=url)
    return PageAnswer(number=place + 1, url=url, width=seen.width, height=seen.height)


def _beside(slug: str, unit: ChapterUnit | None) -> ChapterBeside | None:
    if unit is None:
        return None
    pages_url = f"/api/v1/titles/{quote(slug, safe='')}/chapters/{unit.number}/pages"
    return ChapterBeside(number=unit.number, title=unit.title, pages_url=pages_url)
