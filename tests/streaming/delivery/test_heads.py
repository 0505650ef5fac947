"""Status and headers of a stream's answer."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.conditions import NotModified, PreconditionFailed
from streaming.heads import Head, content_disposition, head_of
from streaming.ranges import Part, Unsatisfiable, Whole
from tests.streaming.delivery.films import bucket


def headers(head: Head) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in head.headers}


def test_the_whole_film() -> None:
    head = head_of(bucket(1000), Whole(), "film.mp4")
    assert (head.status, head.part) == (200, Part(0, 1000))
    assert headers(head) == {
        "etag": '"e7a9"',
        "accept-ranges": "bytes",
        "cache-control": "private, no-transform",
        "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        "content-type": "video/mp4",
        "content-disposition": "inline; filename=\"film.mp4\"; filename*=UTF-8''film.mp4",
        "x-accel-buffering": "no",
        "content-length": "1000",
    }


def test_a_part() -> None:
    head = head_of(bucket(1000), Part(0, 1), "f")
    assert (head.status, head.part) == (206, Part(0, 1))
    assert headers(head)["content-range"] == "bytes 0-0/1000"
    assert headers(head)["content-length"] == "1"


def test_an_unsatisfiable_range_tells_the_size() -> None:
    head = head_of(bucket(1000), Unsatisfiable(), "f")
    assert (head.status, head.part) == (416, None)
    assert headers(head)["content-range"] == "bytes */1000"
    assert msgspec.json.decode(head.problem)["status"] == 416
    assert int(headers(head)["content-length"]) == len(head.problem)


def test_not_modified_has_validators_and_no_content() -> None:
    head = head_of(bucket(1000), NotModified(), "f")
    assert (head.status, head.part, head.problem) == (304, None, b"")
    assert headers(head)["etag"] == '"e7a9"'
    assert not {"content-length", "content-type", "content-range"} & headers(head).keys()


def test_a_failed_precondition_is_a_problem() -> None:
    head = head_of(bucket(1000), PreconditionFailed(), "f")
    assert head.status == 412
    assert headers(head)["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "mime", ["text/html", "video/mp4\r\nx: y", "image/svg+xml", "", "video/", "VIDEO", "video/mp4; x=y"]
)
def test_what_is_no_film_is_never_shown_as_a_page(mime: str) -> None:
    assert headers(head_of(bucket(1, mime), Whole(), "f"))["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("big-buck.mp4", "inline; filename=\"big-buck.mp4\"; filename*=UTF-8''big-buck.mp4"),
        ("Größe.mp4", "inline; filename=\"Gr__e.mp4\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.mp4"),
        ('a"; x="../../etc', "inline; filename=\"a_; x=_.._.._etc\"; filename*=UTF-8''a_%3B%20x%3D_.._.._etc"),
        ("..", "inline; filename=\"video\"; filename*=UTF-8''video"),
        ("100%", "inline; filename=\"100_\"; filename*=UTF-8''100%25"),
    ],
)
def test_file_names_have_both_spellings_and_no_way_out(name: str, disposition: str) -> None:
    assert content_disposition(name).decode() == disposition


@given(st.text())
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    value = content_disposition(name)
    assert value.isascii()
    assert value.count(b'"') == 2
    assert not {byte for byte in value if byte < 0x20}
