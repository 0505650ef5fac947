"""`marquee billing pay`, `refund`, `link`, `payments`, `reconcile`: what staff do about money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runtime.cli import run
from tests.support.cli import Capture, refused, said


@pytest.mark.usefixtures("home")
def test_staff_mark_an_invoice_as_paid_and_give_back_what_was_too_much(capsys: Capture) -> None:
    months_ago = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    said(capsys, "billing", "contract", "acme", "--json", "begin", "starter@1", "--anchor", months_ago)
    said(capsys, "billing", "run")
    paid = said(capsys, "billing", "pay", "acme", "0", "--reference", "RF-1", "--amount", "50.00")
    assert (paid["id"], paid["state"], paid["received"]) == ("acme:0:hand:RF-1", "succeeded", "$50.00")
    said(capsys, "billing", "pay", "acme", "0", "--reference", "RF-1", "--amount", "50.00")
    assert said(capsys, "billing", "invoice", "acme", "0")["state"] == "paid"
    assert "by hand" in refused(capsys, "billing", "refund", "acme", paid["id"], "--amount", "1.00")
    back = said(capsys, "billing", "refund", "acme", paid["id"], "--amount", "1.00", "--reference", "BACK-1")
    assert back["refunded"] == "$1.00"
    assert [each["id"] for each in said(capsys, "billing", "payments", "acme")] == [paid["id"]]
    assert run(["billing", "payments", "acme"]) == 0
    assert "$50.00" in capsys.readouterr().out
    report = said(capsys, "billing", "reconcile", "--days", "1")
    assert (report["orphans"], report["unreachable"]) == ([], [])
    assert said(capsys, "billing", "check")["findings"] == []


@pytest.mark.usefixtures("home")
def test_what_cannot_be_is_told_in_a_line(capsys: Capture) -> None:
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    assert "no invoice 7" in refused(capsys, "billing", "pay", "acme", "7", "--reference", "x")
    assert "no payment" in refused(capsys, "billing", "refund", "acme", "acme:0")
    assert "no invoice 7" in refused(capsys, "billing", "link", "acme", "7")
    assert "nobody" in refused(capsys, "billing", "payments", "nobody")


@pytest.mark.usefixtures("home")
def test_an_issued_invoice_has_an_address_for_good(capsys: Capture) -> None:
    months_ago = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    said(capsys, "billing", "contract", "acme", "--json", "begin", "starter@1", "--anchor", months_ago)
    assert "no invoice 0" in refused(capsys, "billing", "link", "acme", "0")
    said(capsys, "billing", "run")
    number = said(capsys, "billing", "invoice", "acme", "0")["number"]
    address = said(capsys, "billing", "link", "acme", "0")["url"]
    assert address.startswith("https://platform.localhost/pay/")
    assert run(["billing", "link", "acme", number]) == 0
    assert capsys.readouterr().out.strip() == address


def test_prices_that_cannot_be_charged_are_refused_where_stripe_is_set_up(
    home: object, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    said(capsys, "tenant", "create", "acme", "--domain", "acme.example")
    said(capsys, "tenant", "set", "acme", "membership.monthly=30")
    monkeypatch.setenv("MARQUEE_STRIPE__SECRET_KEY", "sk_test_1")
    monkeypatch.setenv("MARQUEE_STRIPE__WEBHOOK_SECRETS", '["whsec_1"]')
    for name, value, least in (("monthly", "49", r"$0.50"), ("yearly", "1", r"$0.50")):
        why = refused(capsys, "tenant", "set", "acme", "membership.monthly=0", f"membership.{name}={value}")
        assert f"membership.{name}" in why
        assert f"less than can be charged, {least}" in why
    said(capsys, "tenant", "set", "acme", "membership.monthly=50", "membership.yearly=0")
    assert "HK$4.00" in refused(capsys, "tenant", "set", "acme", "currency=HKD")
