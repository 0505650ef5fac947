"""`marquee demo` as its users meet it: lines, sites, a film, a stop, and everything still there the next time.

The films are stand-ins of a few bytes, so that no test has to draw and film them.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.demo.books import Comic
from runtime.demo.film import Film
from runtime.demo.media import film_files, page_files, pieces, place, screenshot_files
from runtime.demo.shows import Series
from runtime.demo.sites import everything

ROOT = Path(__file__).parents[3]
START_SECONDS, STOP_SECONDS = 60.0, 20.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Running:
    process: subprocess.Popen[str]
    lines: list[str]
    port: int

    def ask(self, host: str, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, headers={"Host": f"{host}:{self.port}", **headers})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextmanager
def marquee(*arguments: str) -> Generator[subprocess.Popen[str]]:
    path = os.pathsep.join((str(ROOT / "platform"), str(ROOT)))
    process = subprocess.Popen(
        [sys.executable, "-c", "from runtime.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def demo(home: Path) -> Generator[Running]:
    with marquee("demo", "--home", str(home), "--port", "0") as process:
        lines = _until_ready(process)
        yield Running(process, lines, int(lines[0].split(".localhost:")[1].split("/")[0]))


def _until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        if line == "ready\n":
            return lines
        lines.append(line.rstrip())
    raise AssertionError(f"ended before it was ready: {lines} {process.communicate()[1]}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    media = tmp_path / "demo" / "media"
    for work in everything():
        for piece in pieces(work):
            place(media, piece.name).mkdir(parents=True)
        for name in ("poster", "backdrop"):
            (place(media, work.slug) / f"{name}.webp").write_bytes(b"RIFF" + name.encode())
        films = [work] if isinstance(work, Film) else list(work.films().values()) if isinstance(work, Series) else []
        for film in films:
            for quality, file in film_files(film, media).items():
                file.path.write_bytes(f"{film.slug} {quality} ".encode() * 1000)
        shots = screenshot_files(work, media) if isinstance(work, Film) else []
        for shot in shots:
            shot.path.write_bytes(b"\xff\xd8\xff\xe0" + shot.key.encode())
        pages = [page_files(work, each, media) for each in work.chapters] if isinstance(work, Comic) else []
        for page in (page for chapter in pages for page in chapter):
            page.path.write_bytes(b"RIFF    WEBP" + page.key.encode())
    return tmp_path


def listed(running: Running, host: str) -> set[str]:
    answer = running.ask(host, "/api/v1/titles?limit=50", Accept="application/json")
    assert answer.status == 200, answer.text
    return set(_names(json.loads(answer.body)))


def _names(document: object) -> list[str]:
    if isinstance(document, dict):
        own = [document["id"]] if "id" in document and "slug" in document else []
        return own + [name for value in document.values() for name in _names(value)]
    return [name for value in document for name in _names(value)] if isinstance(document, list) else []


def played(running: Running, host: str, title_id: str) -> bytes:
    play = running.ask(host, f"/api/v1/titles/{title_id}/play", "POST", **{"Content-Length": "0"})
    assert play.status in (200, 201), play.text
    cookie = play.headers.get("set-cookie", "").split(";")[0]
    url = json.loads(play.body)["streams"][0]["url"]
    stream = running.ask(host, url.partition(f":{running.port}")[2] or url, Cookie=cookie)
    assert stream.status == 200, stream.text
    return stream.body


def assert_community(running: Running) -> None:
    """What people would do here: talk, sign in with the demo's own Telegram, open a collection."""
    for host, target in (
        ("kumo.localhost", "demo_paper_lights"),
        ("kumo.localhost", "demo_lamplighters%23s1e1"),
        ("papercut.localhost", "demo_letters_from_old_quay%23c1"),
        ("northlight.localhost", "demo_low_orbit_lullaby"),
    ):
        assert json.loads(running.ask(host, f"/api/v1/comments?target_id={target}").body)["count"] >= 2, target
    assert "One evening in Old Quay" in running.ask("kumo.localhost", "/collections", Accept="text/html").text
    play = running.ask("kumo.localhost", "/api/v1/titles/demo_paper_lights/play", "POST", **{"Content-Length": "0"})
    assert [each["at"] for each in json.loads(play.body)["previews"]] == [0, 3.33, 6.67, 10, 13.33, 16.67]
    assert "Telegram" in running.ask("kumo.localhost", "/sign-in", Accept="text/html").text


def left_behind(home: Path) -> list[str]:
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if str(home) in command:
            found.append(command)
    return found


@pytest.mark.timeout(300)
def test_four_sites_stream_their_films_and_a_second_start_finds_all_as_it_was(home: Path) -> None:
    with demo(home) as running:
        assert [line.split()[0] for line in running.lines] == ["Northlight", "Kumo", "Papercut", "Saltwind"]
        assert "suspended" in running.lines[3]
        northlight, kumo = listed(running, "northlight.localhost"), listed(running, "kumo.localhost")
        assert "demo_aurora_ledger" in northlight - kumo
        assert "demo_red_room" not in northlight, "it is behind the age gate"
        assert "demo_vesper_line" in northlight - kumo
        assert {"demo_lamplighters", "demo_letters_from_old_quay"} <= kumo
        assert len(listed(running, "papercut.localhost")) == 3
        assert "demo_ten_thousand_sparks" in kumo - northlight
        notice = running.ask("saltwind.localhost", "/", Accept="text/html")
        assert notice.status == 503
        assert "winter programme" in notice.text
        assert "Northlight Cinema" in running.ask("northlight.localhost", "/", Accept="text/html").text
        expected = b"low-orbit-lullaby 540p " * 1000
        assert played(running, "northlight.localhost", "demo_low_orbit_lullaby") == expected
        assert_community(running)
        running.process.send_signal(signal.SIGTERM)
        _, said = running.process.communicate(timeout=STOP_SECONDS)
        assert running.process.returncode == 0, said
        assert "uploading" in said
        assert "marquee staff create --tenant northlight" in said
    assert left_behind(home) == []

    with demo(home) as running:
        assert listed(running, "northlight.localhost") == northlight
        assert played(running, "kumo.localhost", "demo_ten_thousand_sparks") == b"ten-thousand-sparks 540p " * 1000
        running.process.kill()
        _, said = running.process.communicate(timeout=STOP_SECONDS)
        assert "uploading" not in said
    deadline = time.monotonic() + STOP_SECONDS
    while left_behind(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_behind(home) == []


def test_a_used_port_is_one_clear_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with marquee("demo", "--home", str(tmp_path / "home"), "--port", str(port)) as process:
            told, said = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert told == ""
    assert said.count("\n") == 1
    assert f"127.0.0.1:{port}" in said
    assert "already in use" in said
    assert not (tmp_path / "home" / "demo").exists()
