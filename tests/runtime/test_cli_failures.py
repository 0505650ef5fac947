from __future__ import annotations

import socket
from pathlib import Path

import click
import pytest

from runtime.cli import run
from runtime.cli.failures import exit_code_of, line_of
from runtime.cli.looks import choices_not_taken
from runtime.errors import Refused
from storage.errors import StorageUnavailable
from tenancy.model import Brand, Colours, Tenant


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    for name in ("MONGODB_URI", "REDIS_URL", "MARQUEE_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("marquee: ")
    assert captured.err.count("\n") == 1
    return code, captured.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["sevre"], 2, "No such command 'sevre'"),
        (["serve", "--role", "king"], 2, "'king' is not one of"),
        (["serve", "--port", "http"], 2, "'http' is not a valid integer"),
        (["tenant", "show"], 2, "(see marquee tenant show --help)"),
        (["tenant", "list"], 1, "is not a home of Marquee"),
        (["usage", "acme"], 1, "is not a home of Marquee"),
        (["tenant", "create", "a", "--domain", "a.test", "--theme", "noir"], 1, "no theme 'noir': base, folio, hanabi"),
    ],
)
def test_a_command_that_cannot_be_done_says_so_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert refusal(capsys, *arguments)[0] == code
    run(arguments)
    assert says in capsys.readouterr().err


def test_a_used_port_stops_serve_before_anything_starts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, line = refusal(capsys, "serve", "--port", str(port))
    assert (code, line) == (
        1,
        f"marquee: cannot listen on 127.0.0.1:{port} (setting listen): the port is already in use\n",
    )
    assert not (tmp_path / "home" / "run" / "engines.json").exists()


def test_a_bad_setting_stops_every_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_PLATFROM__HOST", "x")
    for command in (["serve"], ["doctor"], ["tenant", "list"]):
        assert "MARQUEE_PLATFROM__HOST is not a setting" in refusal(capsys, *command)[1]


@pytest.mark.usefixtures("driver_leftovers")
def test_engines_that_cannot_be_reached_are_named_without_their_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://me:hunter2@127.0.0.1:9/?serverSelectionTimeoutMS=50")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    code, line = refusal(capsys, "tenant", "list")
    assert (code, line) == (1, "marquee: MongoDB cannot be reached at 127.0.0.1:9 (setting mongodb.uri)\n")


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [[], ["serve"], ["doctor"], ["tenant"], ["import"], ["export"], ["usage"]]
    commands += [["tenant", verb] for verb in ("create", "list", "show", "set", "suspend", "resume")]
    for command in commands:
        assert run([*command, "--help"]) == 0
        captured = capsys.readouterr()
        assert captured.out.startswith("Usage: marquee")
        assert captured.err == ""


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (Refused("no\nsuch luck"), 1, "no such luck"),
        (
            ExceptionGroup("group", [ExceptionGroup("inner", [StorageUnavailable("MongoDB cannot be reached")])]),
            1,
            "MongoDB cannot be reached",
        ),
        (PermissionError(13, "Permission denied", "/x"), 1, "Permission denied: /x"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (SystemExit(3), 3, ""),
        (KeyError("k"), 1, "unexpected KeyError: 'k' (set MARQUEE_LOG__LEVEL=debug for the traceback)"),
    ],
)
def test_whatever_goes_wrong_is_one_line_and_a_code(error: BaseException, code: int, line: str) -> None:
    assert (exit_code_of(error), line_of(error)) == (code, line)


def test_a_choice_that_the_theme_does_not_take_is_said() -> None:
    brand = Brand(name="Kino", colours=Colours(accent="reddish"), radius="octagonal", density="compact")
    colour, corners = choices_not_taken(Tenant(id="a", domain="a.test", theme="nocturne", brand=brand))
    assert colour == "brand.colours.accent: not an opaque sRGB colour: 'reddish'; the theme's own is used"
    assert corners.startswith("brand.radius: 'octagonal' is not one of")
