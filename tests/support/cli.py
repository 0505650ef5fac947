"""`marquee` as it is typed: a home over the suite's engines, and what a command says."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.cli import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands find the test's database. Drafts of invoices are issued at once."""
    for name, value in {
        "MARQUEE_HOME": str(tmp_path / "home"),
        "MONGODB_URI": mongodb_uri,
        "REDIS_URL": redis_url,
        "MARQUEE_MONGODB__DATABASE": database_name,
        "MARQUEE_BILLING__GRACE_SECONDS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "home"


def said(capsys: Capture, *arguments: str) -> Any:
    """What a command that succeeds says in JSON."""
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def refused(capsys: Capture, *arguments: str, code: int = 1) -> str:
    """What a command that fails says."""
    capsys.readouterr()
    assert run([*arguments]) == code
    return capsys.readouterr().err
