"""What no schema thinks of: bodies, queries, paths and headers that are odd as bytes, sent to every operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx
from msgspec import Struct, field

from tests.journeys.contract_sites import MARKS, Sites
from tests.journeys.description import complaint_about

JSON: Final = {"content-type": "application/json"}
_CASES_BETWEEN: Final = 20
_KIB: Final = 1 << 10
BODIES: Final[Mapping[str, tuple[bytes, Mapping[str, str]]]] = {
    "nothing, announced as JSON": (b"", JSON),
    "nested arrays": (b"[" * (60 * _KIB), JSON),
    "nested objects": (b'{"a":' * (10 * _KIB) + b"1" + b"}" * (10 * _KIB), JSON),
    "a lone surrogate": (b'{"body":"\\ud800","name":"\\udfff","session":"\\ud800","at":1,"target_id":"\\ud800"}', JSON),
    "NUL": (b'{"body":"a\\u0000","name":"\\u0000","session":"\\u0000","at":1,"target_id":"\\u0000"}', JSON),
    "NaN": (b'{"position_seconds":NaN,"start":NaN,"session":"a","at":1}', JSON),
    "a number beyond everything": (b'{"at":%s,"session":"a","start":1e999,"end":1e999}' % (b"9" * 5_000), JSON),
    "2^63": (b'{"at":9223372036854775808,"page":9223372036854775807,"pages":18446744073709551615,"session":"a"}', JSON),
    "a byte order mark": (b"\xef\xbb\xbf{}", JSON),
    "no UTF-8": (b'{"name":"\xff\xfe","body":"\xc0\x80"}', JSON),
    "fields named like what handlers name": (b'{"session":"a","at":1,"pages":{},"limits":[],"body":1,"name":{}}', JSON),
    "a key twice": (b'{"name":"a","name":1,"body":"a","body":[]}', JSON),
    "null": (b"null", JSON),
    "a text": (b'"text"', JSON),
    "a list": (b"[1,{}]", JSON),
    "half of it": (b'{"name":', JSON),
    "too much": (b'{"name":"' + b"a" * (70 * _KIB) + b'"}', JSON),
    "a form": (b"name=a&body=b", {"content-type": "application/x-www-form-urlencoded"}),
    "plain text": (b"{}", {"content-type": "text/plain"}),
    "no type": (b"{}", {}),
    "a type of no kind": (b"{}", {"content-type": "\xff;;=//"}),
    "another charset": (b"{}", {"content-type": "application/json; charset=utf-7"}),
}
QUERIES: Final = (
    "limit=1&limit=2&after=a&after=b&q=x&q=y&media_type=movie&media_type=",
    "limit=1_0&year=1_0&season=1_0&at=1_0",
    "limit=%D9%A1%D9%A2&year=%D9%A1%D9%A2%D9%A3%D9%A4&season=%D9%A1&episode=s%D9%A1e1",
    "limit=%00&after=%00&q=%00&genre=%00&author=%00&target_id=%00&season=%00&episode=%00&sort=%00",
    "limit=%FF&after=%ED%A0%80&q=%FF%FE&genre=%ED%A0%80&target_id=%C0%80&episode=%FF",
    "after=" + "A" * 5_000,
    "q=" + "%F0%9F%8E%AC" * 500,
    "limit=" + "9" * 4_000,
    "&&==&=&%&%zz&limit&after",
    "limit=-0&year=+1&season=%2B1&after=",
    "limit[]=1&limit[$gt]=1&q[$ne]=&target_id[$regex]=.*",
)
NAMES: Final = ("%00", "%FF", "%ED%A0%80", "1_0", "%D9%A1", "$where", "%20", "a" * 3_000)
HEADERS: Final[tuple[Mapping[str, str], ...]] = (
    {"authorization": "Bearer mqv_nobodys"},
    {"authorization": "Bearer mqs_nobodys_token"},
    {"authorization": "Bearer"},
    {"authorization": "Basic !!!"},
    {"authorization": "\xff\xff"},
    {"cookie": "__Host-session=nobody; __Host-session=\xff; __Host-age=1"},
    {"cookie": '__Host-session="; \\\x80'},
    {"sec-fetch-site": "cross-site"},
    {"origin": "null"},
    {"origin": "http://[::1"},
    {"accept": "text/html"},
    {"accept": "image/png;q=x"},
    {"if-none-match": '"\xff"', "if-modified-since": "yesterday", "range": "bytes=9-1"},
    {"x-forwarded-for": "a, b, ::::", "forwarded": "for=_"},
    {"accept-language": "*;q=9", "accept-encoding": "identity;q=0"},
    {"x-http-method-override": "DELETE"},
)


class Odd(NamedTuple):
    """One request. `label` is its operation's."""

    label: str
    what: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


class Oddities(Struct):
    """How much was asked, and what should not have been answered."""

    cases: int = 0
    broken: list[str] = field(default_factory=list[str])


def oddities(sites: Sites, mark: str, known: Mapping[str, str]) -> Iterator[Odd]:
    """Everything odd, for every operation, by somebody who is known."""
    for path, item in sites.document["paths"].items():
        filled = re.sub(r"\{(\w+)\}", lambda found: quote(_own(sites, found[1], mark), safe=""), path)
        for lower in item:
            method, label = lower.upper(), f"{lower.upper()} {path}"
            for what, (body, headers) in BODIES.items():
                if method != "GET":
                    yield Odd(label, f"a body: {what}", method, filled, {**known, **headers}, body)
            for query in QUERIES:
                yield Odd(label, f"?{query[:60]}", method, f"{filled}?{query}", known, None)
            for name in NAMES if "{" in path else ():
                target = re.sub(r"\{(\w+)\}", name, path)
                yield Odd(label, f"the name {name[:20]}", method, target, known, None)
            for headers in HEADERS:
                yield Odd(label, f"headers {dict(headers)}", method, filled, {**known, **headers}, None)


def _own(sites: Sites, name: str, mark: str) -> str:
    values = sites.known.get(name, ["any"])
    return next((value for value in values if mark in value), values[0])


async def send_odd(sites: Sites, asked: Iterable[Odd]) -> Oddities:
    """What comes back to each, held against the description."""
    found = Oddities()
    async with httpx.AsyncClient(base_url=sites.address, timeout=30) as client:
        for odd in asked:
            found.cases += 1
            if found.cases % _CASES_BETWEEN == 0:
                sites.forget_limits()
            headers = [(b"host", f"{MARKS[0]}.example".encode())]
            headers += [(name.encode(), value.encode("latin-1")) for name, value in odd.headers.items()]
            request = client.build_request(odd.method, sites.address, headers=headers, content=odd.body)
            request.url = request.url.copy_with(raw_path=odd.target.encode())
            answer = await client.send(request)
            complaint = complaint_about(sites.document, odd.label, answer)
            if complaint is None and MARKS[1] in f"{answer.headers} {answer.text}".lower():
                complaint = f"tells of another site: {answer.text[:300]}"
            if complaint is not None:
                found.broken.append(f"{odd.label}, {odd.what}: {complaint}")
    return found
