"""`marquee takedown` and `marquee staff` with what nobody should type: one clear line, and never a traceback."""

from __future__ import annotations

import json

import pytest

from runtime.cli import run
from runtime.cli.lookup import who_asks
from tests.support.cli import Capture, home

__all__ = ["home"]

SITE = ("--tenant", "acme")
NOTICE = "TD-AAAAAAAAAAAA"
LONG = "x" * 5_000


def refused(capsys: Capture, *arguments: str) -> tuple[int, str]:
    """The exit code and the one line."""
    code = run(list(arguments))
    told = capsys.readouterr()
    assert told.out == "", arguments
    assert told.err.count("\n") == 1, (arguments, told.err)
    assert "Traceback" not in told.err
    assert "unexpected" not in told.err, (arguments, told.err)
    assert code in (1, 2), arguments
    return code, told.err


WRONG = {
    ("takedown", "list", *SITE, "--status", "burnt"): "'burnt' is not one of",
    ("takedown", "list", "--tenant", "nobody"): "there is no tenant 'nobody'",
    ("takedown", "list", "--tenant", ""): "there is no tenant ''",
    ("takedown", "list", "--tenant", "$ne"): "there is no tenant '$ne'",
    ("takedown", "list", "--tenant", "acme\x00"): "there is no tenant",
    ("takedown", "show", "acme"): "Missing argument",
    ("takedown", "show", "nobody", NOTICE): "there is no tenant",
    ("takedown", "show", "acme", NOTICE): f"acme has no notice {NOTICE}",
    ("takedown", "show", "acme", "../../etc/passwd"): "has no notice",
    ("takedown", "show", "acme", LONG): "has no notice",
    ("takedown", "decide", "acme", NOTICE, "burnt"): "'burnt' is not one of",
    ("takedown", "decide", "acme", NOTICE, "upheld"): "has no notice",
    ("takedown", "decide", "acme", NOTICE, "upheld", "--target", "film#s1"): "has no notice",
    ("takedown", "decide", "acme", NOTICE, "upheld", "--target", ""): "--target",
    ("takedown", "decide", "acme", NOTICE, "upheld", "--target", LONG): "--target",
    ("staff", "create", "Ann"): "name either --tenant ID or --platform",
    ("staff", "create", "Ann", *SITE, "--platform"): "name either --tenant ID or --platform",
    ("staff", "create", "Ann", "--role", "king", *SITE): "'king' is not one of",
    ("staff", "create", "", *SITE): "name:",
    ("staff", "create", "<script>", *SITE): "name:",
    ("staff", "create", "a\nb", *SITE): "name:",
    ("staff", "create", LONG, *SITE): "name:",
    ("staff", "create", "Ann", "--tenant", "nobody"): "there is no tenant",
    ("staff", "revoke", "nobody", *SITE): "there is no member of staff",
    ("staff", "revoke", "", *SITE): "there is no member of staff",
    ("staff", "revoke", "$ne", "--platform"): "there is no member of staff",
    ("staff", "list"): "name either --tenant ID or --platform",
    ("staff", "list", "--tenant", "nobody"): "there is no tenant",
}


@pytest.mark.usefixtures("home")
def test_what_cannot_be_done_is_told_in_a_line(capsys: Capture) -> None:
    assert run(["tenant", "create", "acme", "--domain", "acme.example"]) == 0
    capsys.readouterr()
    told = {arguments: refused(capsys, *arguments)[1] for arguments in WRONG}
    assert {arguments: line for arguments, line in told.items() if WRONG[arguments] not in line} == {}


@pytest.mark.usefixtures("home")
def test_a_token_of_one_site_is_revoked_by_no_other(capsys: Capture) -> None:
    for site in ("acme", "other"):
        assert run(["tenant", "create", site, "--domain", f"{site}.example"]) == 0
    capsys.readouterr()
    assert run(["staff", "create", "Ann", *SITE, "--json"]) == 0
    minted = json.loads(capsys.readouterr().out)
    for whose in (("--tenant", "other"), ("--platform",)):
        assert "there is no member of staff" in refused(capsys, "staff", "revoke", minted["id"], *whose)[1]
    assert run(["staff", "list", *SITE, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["revoked_at"] is None
    assert minted["token"] not in json.dumps(row)


def test_a_user_without_a_name_is_somebody_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a number of its own."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 1_234_567)
    assert who_asks().id == "1234567"
