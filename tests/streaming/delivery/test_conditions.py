"""Conditional requests in the order of RFC 9110 section 13.2.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.conditions import (
    LONGEST_HEADER,
    Conditions,
    NotModified,
    Outcome,
    PreconditionFailed,
    conditions_of,
    evaluate,
    parse_http_date,
)
from streaming.ranges import Part, Unsatisfiable, Whole

ETAG = "0a1b2c"
MODIFIED = 784111777
AT = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
OURS, WEAK, OTHER = f'"{ETAG}"', f'W/"{ETAG}"', '"other"'


def decide(method: str = "GET", **fields: str | None) -> Outcome:
    return evaluate(method, Conditions(**fields), etag=ETAG, last_modified=MODIFIED + 0.7, size_bytes=100)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"if_match": OURS}, Whole()),
        ({"if_match": f"{OTHER}, {OURS}"}, Whole()),
        ({"if_match": "*"}, Whole()),
        ({"if_match": OTHER}, PreconditionFailed()),
        ({"if_match": WEAK}, PreconditionFailed()),
        ({"if_match": "garbage"}, PreconditionFailed()),
        ({"if_match": ETAG}, PreconditionFailed()),
        ({"if_unmodified_since": AT}, Whole()),
        ({"if_unmodified_since": BEFORE}, PreconditionFailed()),
        ({"if_unmodified_since": "yesterday"}, Whole()),
        ({"if_match": OURS, "if_unmodified_since": BEFORE}, Whole()),
        ({"if_none_match": OURS}, NotModified()),
        ({"if_none_match": WEAK}, NotModified()),
        ({"if_none_match": "*"}, NotModified()),
        ({"if_none_match": f" , {OTHER} ,,{WEAK}, "}, NotModified()),
        ({"if_none_match": OTHER}, Whole()),
        ({"if_none_match": "garbage"}, Whole()),
        ({"if_none_match": OURS + "x"}, Whole()),
        ({"if_none_match": OTHER + "," * LONGEST_HEADER + OURS}, Whole()),
        ({"if_modified_since": AT}, NotModified()),
        ({"if_modified_since": AFTER}, NotModified()),
        ({"if_modified_since": BEFORE}, Whole()),
        ({"if_modified_since": "1994"}, Whole()),
        ({"if_none_match": OTHER, "if_modified_since": AFTER}, Whole()),
        ({"if_match": OTHER, "if_none_match": OURS}, PreconditionFailed()),
        ({"if_match": OURS, "if_none_match": OURS}, NotModified()),
        ({"if_match": OTHER, "range": "bytes=0-1"}, PreconditionFailed()),
        ({"if_none_match": OURS, "range": "bytes=500-"}, NotModified()),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_preconditions_decide_in_the_order_of_the_rfc(method: str, fields: dict[str, str], outcome: Outcome) -> None:
    assert decide(method, **fields) == outcome


@pytest.mark.parametrize("if_range", [None, OURS, f" {OURS} ", AT])
def test_a_range_of_the_same_representation_is_sent(if_range: str | None) -> None:
    assert decide(range="bytes=5-9", if_range=if_range) == Part(5, 10)
    assert decide(range="bytes=100-", if_range=if_range) == Unsatisfiable()


@pytest.mark.parametrize("if_range", [WEAK, OTHER, BEFORE, AFTER, "", "*", ETAG, f"{OURS}, {OTHER}"])
def test_if_range_that_does_not_hold_gives_the_whole(if_range: str) -> None:
    assert decide(range="bytes=5-9", if_range=if_range) == Whole()
    assert decide(range="bytes=100-", if_range=if_range) == Whole()


def test_head_ignores_ranges() -> None:
    assert decide("HEAD", range="bytes=5-9") == Whole()
    assert decide("HEAD", range="bytes=100-") == Whole()


def test_without_a_date_of_its_own_a_film_ignores_dates() -> None:
    conditions = Conditions(if_modified_since=AFTER, range="bytes=0-1", if_range=AT)
    assert evaluate("GET", conditions, etag=ETAG, last_modified=None, size_bytes=100) == Whole()
    assert (
        evaluate("GET", Conditions(if_unmodified_since=BEFORE), etag=ETAG, last_modified=None, size_bytes=1) == Whole()
    )


def test_repeated_fields_are_one_list() -> None:
    headers = [
        (b"if-none-match", b'"a"'),
        (b"host", b"x"),
        (b"if-none-match", b'"b"'),
        (b"range", b"bytes=0-1"),
        (b"range", b"bytes=2-3"),
    ]
    assert conditions_of(headers) == Conditions(if_none_match='"a", "b"', range="bytes=0-1, bytes=2-3")


@pytest.mark.parametrize("text", [AT, f" {AT}", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_the_three_forms_of_a_date_are_read(text: str) -> None:
    assert parse_http_date(text) == MODIFIED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT",
        "S\u0661n, 06 Nov 1994 08:49:37 GMT",
        AT + ", " + AT,
        "x" * 5000,
    ],
)
def test_what_is_no_http_date_counts_for_nothing(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.text(max_size=60))
def test_no_text_makes_a_date_or_a_list_raise(text: str) -> None:
    parse_http_date(text)
    for name in Conditions.__struct_fields__:
        decide(**{name: text})
