"""Tokens of pay pages: ours alone, in one spelling."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.paypage.addresses import BadToken, PayAddresses

KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}
OURS = PayAddresses("platform.example", KEYS, "k1")
TOKEN = OURS.token("north", "0")


@given(st.text(max_size=60), st.text(max_size=20))
def test_what_was_written_is_read(tenant: str, invoice: str) -> None:
    said = OURS.read(OURS.token(tenant, invoice))
    assert (said.tenant, said.invoice) == (tenant, invoice)


def test_an_address_stays_the_same_and_outlives_the_change_of_keys() -> None:
    assert OURS.of("north", "0") == f"https://platform.example/pay/{TOKEN}"
    changed = PayAddresses("platform.example", KEYS, "k2")
    assert changed.token("north", "0") != TOKEN
    assert changed.read(TOKEN).invoice == "0"
    retired = PayAddresses("platform.example", {"k2": KEYS["k2"]}, "k2")
    with pytest.raises(BadToken):
        retired.read(TOKEN)


def test_another_key_of_the_same_name_makes_none_of_ours() -> None:
    theirs = PayAddresses("platform.example", {"k1": b"x" * 32}, "k1")
    with pytest.raises(BadToken):
        OURS.read(theirs.token("north", "0"))


@pytest.mark.parametrize("place", range(0, len(TOKEN), 3))
def test_no_character_can_be_changed(place: int) -> None:
    other = "A" if TOKEN[place] != "A" else "B"
    with pytest.raises(BadToken):
        OURS.read(TOKEN[:place] + other + TOKEN[place + 1 :])


@pytest.mark.parametrize("bent", [TOKEN + "=", TOKEN[:-1], TOKEN + "A", TOKEN.replace(TOKEN[5], "%", 1), "", "é" * 90])
def test_there_is_one_spelling(bent: str) -> None:
    with pytest.raises(BadToken):
        OURS.read(bent)


@given(st.binary(max_size=200))
def test_anything_else_is_no_token(content: bytes) -> None:
    with pytest.raises(BadToken):
        OURS.read(base64.urlsafe_b64encode(content).rstrip(b"=").decode())


@given(st.text(max_size=600))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(BadToken):
        OURS.read(text)
