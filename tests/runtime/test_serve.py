"""`marquee serve` as people run it: real processes, embedded engines, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from runtime.engines.process import Identity
from tests.content.samples import MOVIE, USER
from tests.runtime.test_engines import engines_of, until

ROOT = Path(__file__).parents[2]


class Serving:
    """A `marquee serve` that is ready."""

    def __init__(self, process: subprocess.Popen[str], said: dict[str, Any]) -> None:
        self.process = process
        self.sites: str = said.get("sites", "")
        self.internal: str = said["internal"]

    def is_suspended(self) -> bool:
        return self.get("acme.example").status_code == 503

    def get(self, host: str, path: str = "/") -> httpx.Response:
        return httpx.get(self.sites + path, headers={"Host": host, "Accept": "text/html"}, timeout=10)


def environment(home: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MARQUEE_", "MONGODB", "REDIS"))}
    return {
        **ours,
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "MARQUEE_HOME": str(home),
        "MARQUEE_LISTEN": "127.0.0.1:0",
        "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0",
    }


@contextmanager
def serve(home: Path, *arguments: str) -> Generator[Serving]:
    command = [sys.executable, "-m", "runtime", "serve", "--json", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            text = ""
            while not text.endswith("}\n"):
                line = process.stdout.readline()
                assert line, "serve ended before it was ready"
                text += line
            yield Serving(process, json.loads(text))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def marquee(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runtime", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False)


def test_commands_and_roles_work_with_the_engines_of_the_one_that_serves(tmp_path: Path) -> None:
    with serve(tmp_path) as owner:
        created = marquee(tmp_path, "tenant", "create", "acme", "--domain", "acme.example", "--json")
        assert json.loads(created.stdout)["id"] == "acme", created.stderr
        assert owner.get("acme.example").status_code == 200
        second = marquee(tmp_path, "serve")
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.startswith(f"marquee: home {tmp_path} is in use by process {owner.process.pid};")
        with serve(tmp_path, "--role", "web") as web, serve(tmp_path, "--role", "jobs") as jobs:
            assert web.get("acme.example").status_code == 200
            assert jobs.sites == ""
            assert marquee(tmp_path, "tenant", "suspend", "acme", "--reason", "Moving").returncode == 0
            for process in (owner, web):
                until(process.is_suspended, 2)
            assert httpx.get(f"{jobs.internal}/-/ready").status_code == 200
        assert owner.get("acme.example", "/-/ready").status_code == 200, "who attached took nothing along"
    assert owner.process.returncode == 0


def test_a_killed_serve_comes_back_with_everything_and_a_command_needs_none(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        assert marquee(tmp_path, "tenant", "create", "acme", "--domain", "acme.example").returncode == 0
        engines = engines_of(tmp_path)
        served.process.kill()
        served.process.wait(10)
        until(lambda: not any(engine.lives for engine in engines), 5)
    listed = marquee(tmp_path, "tenant", "list", "--json")
    assert [tenant["id"] for tenant in json.loads(listed.stdout)] == ["acme"], listed.stderr
    assert not (tmp_path / "run" / "mongod.json").exists(), "the command's engines ended with it"
    with serve(tmp_path) as again:
        assert again.get("acme.example").status_code == 200


def test_an_interrupt_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runtime", "serve"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until(lambda: (tmp_path / "run" / "mongod.json").exists())
        engine = msgspec.json.decode((tmp_path / "run" / "mongod.json").read_bytes(), type=Identity)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not engine.lives
    assert not (tmp_path / "run" / "engines.json").exists()


def test_an_unwritable_home_is_said_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    outcome = marquee(file / "home", "serve")
    assert outcome.returncode == 1
    assert outcome.stderr == f"marquee: home {file / 'home'} cannot be used: Not a directory ({file / 'home'})\n"


def test_export_gives_back_what_import_took(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "library.jsonl").write_text(json.dumps(MOVIE) + "\n{\n", encoding="utf-8")
    (dump / "users.json").write_text(json.dumps(USER) + "\n", encoding="utf-8")
    home = tmp_path / "home"
    with serve(home):
        assert marquee(home, "tenant", "create", "acme", "--domain", "acme.example").returncode == 0
        imported = marquee(home, "import", str(dump), "--tenant", "acme", "--rights", "own", "--declared-by", "Ann")
        assert imported.returncode == 1, "a line was bad"
        assert "library.jsonl line 2: " in imported.stderr
        exported = marquee(home, "export", "--tenant", "acme", str(tmp_path / "out"), "--json")
        counts = {report["collection"]: report["documents"] for report in json.loads(exported.stdout)}
        assert counts == {"library": 1, "users": 1, "comments": 0, "reports": 0, "collections": 0}
        assert json.loads((tmp_path / "out" / "library.jsonl").read_text(encoding="utf-8")) == MOVIE
        misplaced = marquee(home, "import", str(dump / "users.json"), "--shared")
        assert (misplaced.returncode, misplaced.stderr.count("\n")) == (1, 1)
        assert "users does not go into --shared" in misplaced.stderr
        used = marquee(home, "usage", "acme", "--json")
        assert json.loads(used.stdout)["bytes"] == 0
        unknown = marquee(home, "usage", "nobody")
        assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
