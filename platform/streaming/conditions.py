"""Conditional requests for GET and HEAD (RFC 9110 section 13), evaluated in the order of section 13.2.2: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import formatdate, mktime_tz, parsedate_tz

from msgspec import Struct

from streaming.ranges import Selection, Whole, parse_range

LONGEST_HEADER = 4096

_ENTITY_TAG = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
_ONE_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAG_LIST = re.compile(rf"[ \t,]*{_ONE_TAG}(?:[ \t]*,[ \t,]*{_ONE_TAG})*[ \t,]*")
_OBSOLETE_DATE = re.compile(
    r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}",
    re.ASCII,
)


class Conditions(Struct, frozen=True, kw_only=True):
    """The header fields that decide; None where the request has none. Repeated fields are joined by ", "."""

    range: str | None = None
    if_range: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


class NotModified(Struct, frozen=True):
    """The client's copy still holds (304)."""


class PreconditionFailed(Struct, frozen=True):
    """What the client insists on no longer holds (412)."""


Outcome = Selection | NotModified | PreconditionFailed

_FIELDS = {name.replace("_", "-").encode(): name for name in Conditions.__struct_fields__}


def conditions_of(headers: Iterable[tuple[bytes, bytes]]) -> Conditions:
    """Gather the conditional fields from raw ASGI headers (names in lower case)."""
    found: dict[str, str] = {}
    for name, value in headers:
        field = _FIELDS.get(name)
        if field is not None:
            text = value.decode("latin-1")
            found[field] = f"{found[field]}, {text}" if field in found else text
    return Conditions(**found)


def evaluate(
    method: str, conditions: Conditions, *, etag: str, last_modified: float | None, size_bytes: int
) -> Outcome:
    """Decide what a GET or HEAD is answered with.

    `etag` is the strong entity tag without its quotes, `last_modified` epoch seconds. Range counts for GET alone
    (section 14.2); the films do not change within a second, so their date is a strong validator for If-Range.
    """
    modified = None if last_modified is None else int(last_modified)
    if conditions.if_match is not None:
        if not _matches(conditions.if_match, etag, weakly=False):
            return PreconditionFailed()
    elif _changed_since(conditions.if_unmodified_since, modified) is True:
        return PreconditionFailed()
    if conditions.if_none_match is not None:
        if _matches(conditions.if_none_match, etag, weakly=True):
            return NotModified()
    elif _changed_since(conditions.if_modified_since, modified) is False:
        return NotModified()
    if method != "GET" or not _same_representation(conditions.if_range, etag, modified):
        return Whole()
    return parse_range(conditions.range, size_bytes)


def _matches(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags (or `*`) names `etag`; a malformed or overlong list names nothing."""
    if len(header) > LONGEST_HEADER:
        return False
    if header.strip(" \t") == "*":
        return True
    if _TAG_LIST.fullmatch(header) is None:
        return False
    return any(tag["opaque"] == etag and (weakly or not tag["weak"]) for tag in _ENTITY_TAG.finditer(header))


def _changed_since(header: str | None, modified: int | None) -> bool | None:
    """None where the field does not count: absent, no HTTP-date, or nothing to compare it with."""
    since = None if header is None else parse_http_date(header)
    return None if since is None or modified is None else modified > since


def _same_representation(if_range: str | None, etag: str, modified: int | None) -> bool:
    if if_range is None:
        return True
    validator = if_range.strip(" \t")
    tag = _ENTITY_TAG.fullmatch(validator)
    if tag is not None:
        return not tag["weak"] and tag["opaque"] == etag
    return modified is not None and parse_http_date(validator) == modified


def parse_http_date(value: str) -> int | None:
    """Epoch seconds of an HTTP-date (RFC 9110 section 5.6.7, the obsolete forms too), None for anything else."""
    text = value.strip(" \t")
    if len(text) > 40 or not text.isascii():
        return None
    try:
        fields = parsedate_tz(text)
        moment = None if fields is None else mktime_tz(fields)
        if moment is None or (formatdate(moment, usegmt=True) != text and _OBSOLETE_DATE.fullmatch(text) is None):
            return None
    except (ValueError, OverflowError, IndexError):
        return None
    return int(moment)
