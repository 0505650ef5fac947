"""`marquee viewer`: what an operator does to the viewers of a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from runtime.cli import run
from tests.support.cli import Capture, said


@pytest.fixture
def acme(home: Path, cleaner: MongoClient[dict[str, Any]], database_name: str, capsys: Capture) -> Path:
    """A site with a viewer."""
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    user: dict[str, object] = {"_id": {"owner": "tenant:acme", "id": 42}, "type": "telegram", "role": "free"}
    cleaner[database_name]["users"].insert_one(user, comment="system")
    return home


@pytest.mark.usefixtures("acme")
def test_an_operator_lists_grants_bans_and_signs_out(capsys: Capture) -> None:
    tenant = ("--tenant", "acme")
    listed = said(capsys, "viewer", "list", *tenant)
    assert [(each["id"], each["role"], each["banned"]) for each in listed] == [(42, "free", False)]
    assert said(capsys, "viewer", "grant", "42", "premium", "--until", "30d", *tenant)["role"] == "premium"
    assert "premium until" in said(capsys, "viewer", "show", "42", *tenant)["grants"][0]
    assert said(capsys, "viewer", "grant", "42", "free", *tenant)["role"] == "free"
    said(capsys, "viewer", "ban", "42", "--reason", "spam", *tenant)
    assert said(capsys, "viewer", "show", "42", *tenant)["banned"]
    said(capsys, "viewer", "unban", "42", *tenant)
    assert said(capsys, "viewer", "sign-out", "42", *tenant)["ended"] == 0
    for wrong in (("show", "43"), ("show", "~42"), ("ban", "43", "--reason", "x"), ("sign-out", "43")):
        assert run(["viewer", *wrong, *tenant]) == 1
        assert "there is no viewer" in capsys.readouterr().err
    assert run(["viewer", "grant", "42", "premium", "--until", "soon", *tenant]) == 2
    assert run(["viewer", "list", "--tenant", "nobody"]) == 1
