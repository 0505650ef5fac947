"""What a stream's response says before its bytes: status and headers, pure."""

from __future__ import annotations

import re
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from msgspec import Struct

from streaming.conditions import NotModified, Outcome, PreconditionFailed
from streaming.model import Bucket
from streaming.ranges import Part, Unsatisfiable

_PLAYABLE = re.compile(r"(?:video|audio)/[A-Za-z0-9][A-Za-z0-9.+-]{0,60}", re.ASCII)
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
_LONGEST_NAME = 120


class Head(Struct, frozen=True):
    """Status, headers and the bytes `[start, end)` of the bucket that follow; `problem` stands in for them."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    part: Part | None = None
    problem: bytes = b""


def head_of(bucket: Bucket, outcome: Outcome, file_name: str, *, is_download: bool = False) -> Head:
    """The head of the answer to a GET; a HEAD is told the same and no body follows. A download is kept, not shown."""
    if isinstance(outcome, NotModified):
        return Head(HTTPStatus.NOT_MODIFIED, tuple(_validators(bucket)))
    if isinstance(outcome, PreconditionFailed):
        return _problem(HTTPStatus.PRECONDITION_FAILED)
    if isinstance(outcome, Unsatisfiable):
        extent = (b"content-range", b"bytes */%d" % bucket.size_bytes)
        return _problem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, extent)
    headers = [
        *_validators(bucket),
        (b"content-type", _media_type(bucket.mime)),
        (b"content-disposition", content_disposition(file_name, is_download=is_download)),
        # nginx would otherwise buffer the film, and the meter would see nginx's kernel and not the viewer's.
        (b"x-accel-buffering", b"no"),
    ]
    if isinstance(outcome, Part):
        extent = (b"content-range", b"bytes %d-%d/%d" % (outcome.start, outcome.end - 1, bucket.size_bytes))
        length = (b"content-length", b"%d" % outcome.size_bytes)
        return Head(HTTPStatus.PARTIAL_CONTENT, (*headers, extent, length), outcome)
    length = (b"content-length", b"%d" % bucket.size_bytes)
    return Head(HTTPStatus.OK, (*headers, length), Part(0, bucket.size_bytes))


def content_disposition(file_name: str, *, is_download: bool = False) -> bytes:
    """A disposition with the name in RFC 6266's two spellings, safe as a header and as a file name."""
    name = _UNSAFE_IN_NAMES.sub("_", file_name).strip(". ")[:_LONGEST_NAME] or "video"
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    extended = quote(name.encode("utf-8", "replace"), safe="")
    kind = "attachment" if is_download else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{extended}".encode()


def _validators(bucket: Bucket) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"etag", b'"%s"' % bucket.etag.encode("ascii")),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"private, no-transform"),
    ]
    if bucket.last_modified is not None:
        headers.append((b"last-modified", formatdate(int(bucket.last_modified), usegmt=True).encode()))
    return headers


def _media_type(mime: str) -> bytes:
    """Only what plays: an imported `text/html` would run as the site's own page."""
    return (mime if _PLAYABLE.fullmatch(mime) else "application/octet-stream").encode()


def _problem(status: HTTPStatus, *headers: tuple[bytes, bytes]) -> Head:
    problem = msgspec.json.encode({"type": "about:blank", "title": status.phrase, "status": status.value})
    described = (
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(problem)),
        (b"cache-control", b"no-store"),
        (b"accept-ranges", b"bytes"),
    )
    return Head(status, (*described, *headers), problem=problem)
