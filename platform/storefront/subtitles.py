"""`GET|HEAD /subtitles/{token}`: a soft subtitle of a film, as WebVTT.

Its link is a play link whose bucket also names the stream inside of the container: `0:3` is stream 3 of bucket 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Struct

from accounts.credentials import credential_of
from content.subtitles.library import MIME, SubtitleLibrary
from content.subtitles.offers import Holder, subtitle_offers
from storage.moments import Clock
from storefront.pages.request import file
from streaming.admission import Admission
from streaming.links import LinkInvalid, LinkSigner
from streaming.source import BucketLocator
from tenancy.resolver import ResolvedTenant

CACHING: Final = "private, max-age=86400"
_NAMED: Final = re.compile(r"(.{1,64}):([0-9]{1,3})", re.ASCII)


class SubtitleLink(Struct, kw_only=True):
    """A subtitle: `lang` is a BCP 47 tag, `label` the language's own name, `url` a path on this host (WebVTT)."""

    lang: str
    label: str
    url: str


def subtitle_links(holders: Iterable[Holder], sign: Callable[[str], str]) -> list[SubtitleLink]:
    """The subtitles on offer. `sign` makes the token of a link for the `bucket` that it is given."""
    return [
        SubtitleLink(lang=offer.lang, label=offer.label, url=f"/subtitles/{sign(f'{offer.bucket}:{offer.index}')}")
        for offer in subtitle_offers(holders)
    ]


@route(
    "/subtitles/{token:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False
)
async def subtitle(
    request: Request[Any, Any, Any],
    token: FromPath[str],
    tenant: NamedDependency[ResolvedTenant],
    links: NamedDependency[LinkSigner],
    clock: NamedDependency[SkipValidation[Clock]],
    locate: NamedDependency[SkipValidation[BucketLocator]],
    admission: NamedDependency[SkipValidation[Admission]],
    subtitles: NamedDependency[SubtitleLibrary],
) -> Response[bytes]:
    """The file. The first who asks for one of a film waits while its container is read, or is told to come again.

    Raises LinkInvalid, LinkExpired, NotAdmitted, ViewerBanned, SubtitleUnavailable, SubtitlePending, SourceError and
    StorageUnavailable.
    """
    claims = links.verify(token, tenant=tenant.id, host=tenant.host, now=clock())
    named = _NAMED.fullmatch(claims.bucket)
    if named is None or claims.purpose not in {"play", "external"}:
        raise LinkInvalid("no link to a subtitle")
    shown = credential_of(request)
    await admission(tenant, claims, None if shown is None else shown.secret)
    bucket = await locate(tenant, claims.title, named[1])
    found = await subtitles.file(tenant, bucket, int(named[2]))
    return file(request, found.body, MIME, found.etag, CACHING)


ROUTES: Final = [subtitle]
