"""Every route of an app, asked for by somebody who knows another tenant's ids, links and cookies."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from http.cookies import SimpleCookie
from typing import Any, Final, NamedTuple, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec
from litestar import Litestar
from litestar.types import ASGIApp
from msgspec import json as msgspec_json

from tests.journeys.asking import Answer, ask
from tests.journeys.crawling import Template, Visit, templates
from tests.journeys.values import Values

Cookies = Mapping[str, str]
FORM: Final = "application/x-www-form-urlencoded"
NOBODY: Final[Cookies] = {}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# What names a whole thing: whatever stands in addresses and cookies, and every id, slug, code, token and cursor.
_THING: Final = re.compile(r"^(path|query|cookie) |\b(_?id|slug|short_id|code|\w*token\w*|next|after)$")
_COOKIE: Final = re.compile(r"(__Host-[\w-]+)=[^;]*")
_LEAST_NAME: Final = 5
_TOO_MANY: Final = 429


class Probe(NamedTuple):
    """One request. `about` says what is tried where; it is the same for every tenant whose values are tried."""

    about: tuple[str, ...]
    method: str
    address: str
    tried: tuple[str, ...]
    cookies: Cookies
    body: bytes | None = None


class Told(NamedTuple):
    """What came back: the status, and everything said with what was asked taken out of it."""

    probe: Probe
    status: int
    text: str


def things_of(values: Values) -> Values:
    """Those of the values that name a whole thing."""
    return {where: value for where, value in values.items() if _THING.search(where)}


def probes(app: Litestar, values: Values, theirs: Visit, own: Visit) -> Iterator[Probe]:
    """Each address that `theirs` was led to, before the own visitor says anything; then each value in each parameter of
    each route.

    Names of whole things are tried everywhere, in queries and bodies too, by the site's own visitor and by theirs, who
    is nobody here: one name each shows that nobody is told the same. Other values are tried by the own visitor in
    paths, by one method of one of the routes that call a parameter alike: one verb looks up what is called so. HEAD is
    GET's handler, OPTIONS nobody's: one name each. Further parameters of a route are filled in from both visits.
    """
    things = things_of(values)
    first = dict(list(things.items())[:1])
    shares = _Shares(app, {where: value for where, value in values.items() if where not in things})
    visitors: dict[str, Cookies] = {"own": own.cookies, "theirs": theirs.cookies, "nobody": NOBODY}
    for number, address in enumerate(theirs.addresses):
        for who in ("theirs",) if address in own.addresses else ("own", "theirs"):
            yield Probe(("address", str(number), who), "GET", address, _said_in(address), visitors[who])
    for template in templates(app):
        examples = [*theirs.examples.get(template.format, ())[:1], *own.examples.get(template.format, ())[:1]]
        methods = sorted(template.route.methods)
        looking = next((method for method in ("GET", *methods) if method in methods and method != "OPTIONS"), None)
        for method in methods:
            for who, cookies in visitors.items():
                if who == "nobody" and method not in _SAFE:
                    continue
                tried = first if who == "nobody" or method in {"HEAD", "OPTIONS"} else things
                for name in template.names:
                    more = shares.next(name) if who == "own" and method == looking else {}
                    yield from _named(template, name, method, {**tried, **more}, examples, who, cookies)
            yield from _asked(template, method, things, own, visitors["own"])


class _Shares:
    """Values dealt out to the routes that have a parameter of a name: each of them to one."""

    def __init__(self, app: Litestar, values: Values) -> None:
        self._values = list(values.items())
        self._routes = Counter(name for template in templates(app) for name in template.names)
        self._dealt: Counter[str] = Counter()

    def next(self, name: str) -> Values:
        """What the next of the routes is asked for."""
        number = self._dealt[name]
        self._dealt[name] += 1
        return dict(self._values[number :: self._routes[name]])


def _said_in(address: str) -> tuple[str, ...]:
    """What the address itself names."""
    parts = urlsplit(address)
    said = [unquote(part) for part in parts.path.split("/")] + [value for _, value in parse_qsl(parts.query)]
    return tuple(part for part in said if len(part) > _LEAST_NAME)


def _named(
    template: Template,
    name: str,
    method: str,
    values: Values,
    examples: Sequence[dict[str, str]],
    who: str,
    cookies: Cookies,
) -> Iterator[Probe]:
    """Values in a path parameter."""
    for number, others in enumerate(_others(template, name, examples)):
        for where, value in values.items():
            path = {key: quote(text, safe="") for key, text in {**others, name: value}.items()}
            about = (method, template.format, name, where, who, f"example {number}")
            address = template.format.format(**path)
            body = body_of(template, method, value)
            yield Probe(about, method, address, (value, *others.values()), cookies, body)


def _others(template: Template, name: str, examples: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """What the other parameters of the route may be, each set once."""
    found: list[dict[str, str]] = []
    for example in examples or [dict.fromkeys(template.names, "any")]:
        others = {key: value for key, value in example.items() if key != name}
        if others not in found:
            found.append(others)
    return found


def _asked(template: Template, method: str, values: Values, own: Visit, cookies: Cookies) -> Iterator[Probe]:
    """Values in query parameters and in bodies, at the visitor's own addresses."""
    if method in {"HEAD", "OPTIONS"}:
        return
    example = next(iter(own.examples.get(template.format, ())), None)
    if template.names and example is None:
        return
    path = template.format.format(**{key: quote(text, safe="") for key, text in (example or {}).items()})
    kwargs = template.route.route_handler_map[cast("Any", method)][1]
    for name in sorted(definition.field_alias for definition in kwargs.expected_query_params):
        for where, value in values.items():
            address = f"{path}?{urlencode({name: value})}"
            yield Probe((method, template.format, f"?{name}", where), method, address, (value,), cookies)
    if _data_type(template, method) is not None:
        for where, value in values.items():
            body = body_of(template, method, value)
            yield Probe((method, template.format, "body", where), method, path, (value,), cookies, body)


def _data_type(template: Template, method: str) -> Any:
    field = template.route.route_handler_map[cast("Any", method)][0].parsed_data_field
    return None if field is None else field.annotation


def body_of(template: Template, method: str, value: str) -> bytes | None:
    kind = None if method in _SAFE else _data_type(template, method)
    if kind is None:
        return None
    schema = _schema_of(kind)
    document = plausible(schema, value, schema.get("$defs", {}))
    kwargs = template.route.route_handler_map[cast("Any", method)][1]
    if kwargs.expected_form_data is not None and isinstance(document, dict):
        return urlencode(cast("dict[str, object]", document), doseq=True).encode()
    return msgspec_json.encode(document)


@cache
def _schema_of(kind: Any) -> dict[str, Any]:
    try:
        return msgspec_json.schema(kind)
    except TypeError:
        return {"type": "object"}


def plausible(schema: Mapping[str, Any], value: str, defs: Mapping[str, Any]) -> Any:
    """A document of the JSON schema with the value wherever text may stand."""
    if "$ref" in schema:
        return plausible(defs[str(schema["$ref"]).rsplit("/", 1)[-1]], value, defs)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return plausible(schema["anyOf"][0], value, defs)
    match schema.get("type"):
        case "object":
            inner = schema.get("properties", {"id": {"type": "string"}})
            return {name: plausible(each, value, defs) for name, each in inner.items()}
        case "array":
            return [plausible(schema.get("items") or {"type": "string"}, value, defs)]
        case "integer" | "number":
            return int(value) if value.lstrip("-").isdigit() else 1
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return value


async def walk(
    app: ASGIApp, host: str, asked: Iterable[Probe], forget_limits: Callable[[], None], jar: dict[str, str]
) -> AsyncIterator[Told]:
    """The answers, in the order of the probes. `forget_limits` is called when a rate limit says that it is enough.

    Whoever brings `jar` keeps the cookies that answers set, as a browser would: an account that a probe deletes does
    not leave the others without a visitor.
    """
    for probe in asked:
        answer = await _send(app, host, probe)
        if answer.status == _TOO_MANY:
            forget_limits()
            answer = await _send(app, host, probe)
        if probe.cookies is jar:
            _keep(jar, answer)
        headers = "\n".join(f"{name}: {_unbaked(text)}" for name, text in answer.headers if name != "content-length")
        yield Told(probe, answer.status, _without(f"{headers}\n\n{answer.text}", probe))


async def _send(app: ASGIApp, host: str, probe: Probe) -> Answer:
    headers = {"accept": "application/json"}
    if probe.cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in probe.cookies.items())
    if probe.body is not None:
        headers["content-type"] = "application/json" if probe.body.startswith((b"{", b"[", b'"')) else FORM
    return await ask(app, host, probe.method, probe.address, headers, probe.body or b"")


def _keep(jar: dict[str, str], answer: Answer) -> None:
    for name, text in answer.headers:
        if name == "set-cookie":
            jar.update({key: morsel.value for key, morsel in SimpleCookie(text).items()})


def _unbaked(header: str) -> str:
    """A cookie without its value, which is another one each time."""
    return _COOKIE.sub(r"\1=…", header)


def _without(text: str, probe: Probe) -> str:
    """The text without what the request itself said: `name.svg` asks for `name`."""
    asked = {probe.address, *probe.tried, *(tried.rpartition(".")[0] for tried in probe.tried)}
    for tried in sorted(asked, key=len, reverse=True):
        if len(tried) <= _LEAST_NAME:
            continue
        for spelled in {tried, quote(tried, safe=""), html.escape(tried), msgspec.json.encode(tried).decode()[1:-1]}:
            text = text.replace(spelled, "…")
    return text
