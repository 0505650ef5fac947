"""What the API says of a title's files and mirrors."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from msgspec import Meta, Struct

from content.mirrors import embeds, mirrors
from content.model import Title
from content.playable import Playable, Quality
from content.units import PackUnit
from storefront.api.play_answers import LeaseAnswer


class FileDownload(Struct, kw_only=True):
    """A file of the site's own; `reason` says why it cannot be had. `size` is as its operator wrote it."""

    id: Annotated[str, Meta(description="The `download_id` to ask a link with")]
    kind: Annotated[str, Meta(description="`file`, or `season` for a whole season in one archive")]
    quality: str
    label: str
    season: int | None
    size: str
    size_bytes: int | None
    available: bool
    reason: str | None
    link_url: str


class Mirror(Struct, kw_only=True):
    """A download on another host. `kind` is `mirror` or `backup`, `status` `active`, `dead` or `unknown`."""

    kind: str
    quality: str
    label: str
    host: str
    url: str
    icon: str
    status: str


class EmbedAnswer(Struct, kw_only=True):
    """A player of another host, the best first. It is that host's: load it when the viewer asks for it."""

    quality: str
    label: str
    host: str
    url: str


class DownloadList(Struct, kw_only=True):
    """What can be had of a title. `allowed`: whoever asks may have links to the site's own files."""

    allowed: bool
    files: list[FileDownload]
    mirrors: list[Mirror]
    embeds: list[EmbedAnswer]


class DownloadAnswer(Struct, kw_only=True):
    """A link to the bytes, good for this session until `expires_at` (epoch seconds); takes Range."""

    url: str
    file_name: str
    size_bytes: int
    expires_at: int
    lease: LeaseAnswer


LIST: Final[dict[str, Any]] = {
    "allowed": False,
    "files": [
        {
            "id": "pack-1",
            "kind": "season",
            "quality": "",
            "label": "Season 1",
            "season": 1,
            "size": "25 GB",
            "size_bytes": None,
            "available": True,
            "reason": None,
            "link_url": "/api/v1/titles/2nvFIo9/downloads/pack-1",
        }
    ],
    "mirrors": [
        {
            "kind": "mirror",
            "quality": "2160p",
            "label": "4K HDR",
            "host": "Archive",
            "url": "https://archive.example/d/xyz",
            "icon": "icon_archive.png",
            "status": "active",
        }
    ],
    "embeds": [{"quality": "2160p", "label": "4K HDR", "host": "PeerTube", "url": "https://video.example/embed/xyz"}],
}
LINK: Final[dict[str, Any]] = {
    "url": "/stream/AAExAAFh",
    "file_name": "A Series S01.zip",
    "size_bytes": 25000000000,
    "expires_at": 1800000000,
    "lease": {"id": "9f2c", "ttl_seconds": 90, "heartbeat_url": "/api/v1/leases/9f2c"},
}


def download_list(title: Title, offered: list[Quality], seasons: list[PackUnit], *, allowed: bool) -> DownloadList:
    """The archive page of a title."""
    return DownloadList(
        allowed=allowed,
        files=[*(_quality(title, each) for each in offered), *(_pack(title, pack) for pack in seasons)],
        mirrors=[
            Mirror(
                kind=each.kind,
                quality=each.quality,
                label=each.label,
                host=each.host,
                url=each.url,
                icon=each.icon,
                status=each.status,
            )
            for each in mirrors(title)
        ],
        embeds=[
            EmbedAnswer(quality=each.quality, label=each.label, host=each.host, url=each.url) for each in embeds(title)
        ],
    )


def _quality(title: Title, offered: Quality) -> FileDownload:
    found = offered.verdict
    size = title.files[offered.place].size_human or ""
    return FileDownload(
        id=str(offered.place),
        kind="file",
        quality=offered.quality,
        label=offered.label,
        season=None,
        size=size,
        size_bytes=found.bucket.size_bytes if isinstance(found, Playable) else None,
        available=isinstance(found, Playable),
        reason=None if isinstance(found, Playable) else found.reason,
        link_url=_link_url(title, str(offered.place)),
    )


def _pack(title: Title, pack: PackUnit) -> FileDownload:
    download_id = pack.key.replace("/", "-")
    return FileDownload(
        id=download_id,
        kind="season",
        quality="",
        label=f"Season {pack.season}",
        season=pack.season,
        size=pack.size,
        size_bytes=None,
        available=pack.reason is None,
        reason=pack.reason,
        link_url=_link_url(title, download_id),
    )


def _link_url(title: Title, download_id: str) -> str:
    return f"/api/v1/titles/{quote(title.slug, safe='')}/downloads/{download_id}"
