"""The walk finds what it is for: routes that answer to another tenant's names, wherever those may be given."""

from collections import Counter
from typing import Any, cast

import httpx
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody
from msgspec import Struct

from tests.journeys.crawling import Visit
from tests.journeys.values import Values
from tests.journeys.walking import Told, probes, walk

THEIRS: Values = {".notes[]._id.id": "zqalph-note-1"}
GONE: Values = {".notes[]._id.id": "zqgone-note-1"}


class Question(Struct):
    about: str


@get("/notes/{note_id:str}")
async def note(note_id: FromPath[str]) -> str:
    if note_id != "zqalph-note-1":
        raise NotFoundException
    return "zqalph's secret"


@get("/notes/{note_id:str}/exists")
async def exists(note_id: FromPath[str]) -> None:
    if note_id != "zqalph-note-1":
        raise NotFoundException


@get("/search")
async def search(q: FromQuery[str] = "") -> list[str]:
    return ["zqalph's secret"] if q == "zqalph-note-1" else []


@post("/ask")
async def ask(data: JSONBody[Question]) -> str:
    return "zqalph's secret" if data.about == "zqalph-note-1" else "nothing"


@post("/form")
async def form(data: URLEncodedBody[Question]) -> str:
    return "zqalph's secret" if data.about == "zqalph-note-1" else "nothing"


@get("/echo/{note_id:str}")
async def echo(note_id: FromPath[str]) -> str:
    return f"there is no {note_id}"


async def told_by(values: Values) -> list[Told]:
    app = Litestar([note, exists, search, ask, form, echo], openapi_config=None)
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://own") as client:
        nobody = Visit(client, app)
        asked = probes(app, values, nobody, nobody)
        return [told async for told in walk(cast("Any", app), "own", asked, lambda: None, nobody.cookies)]


async def test_a_leak_is_found_in_paths_queries_and_bodies() -> None:
    leaking = {told.probe.about[:3] for told in await told_by(THEIRS) if "zqalph" in told.text}
    assert leaking == {
        ("GET", "/notes/{note_id}", "note_id"),
        ("GET", "/search", "?q"),
        ("POST", "/ask", "body"),
        ("POST", "/form", "body"),
    }


async def test_a_route_that_only_admits_that_a_name_exists_is_found() -> None:
    gone = {told.probe.about: told.status for told in await told_by(GONE)}
    admitting = {told.probe.about[1] for told in await told_by(THEIRS) if told.status != gone[told.probe.about]}
    assert admitting == {"/notes/{note_id}", "/notes/{note_id}/exists"}


async def test_a_name_that_is_no_id_is_tried_once_by_each_name_of_a_parameter() -> None:
    plain = {f".notes[].{word}": f"zqalph-{word}" for word in ("title", "author", "place", "colour")}
    tried = [told.probe.about for told in await told_by(THEIRS | plain)]
    looked_up = [about for about in tried if about[2:5:2] == ("note_id", "own") and about[0] == "GET"]
    assert Counter(about[3] for about in looked_up) == dict.fromkeys(plain, 1) | dict.fromkeys(THEIRS, 3)
    assert {about[1] for about in looked_up if about[3] in plain} == {
        "/notes/{note_id}",
        "/notes/{note_id}/exists",
        "/echo/{note_id}",
    }
