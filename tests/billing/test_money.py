"""Money: parted without a rest, rounded once, and shown with the places that its currency has."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import BadMoney, exponent, in_major, minor_of, share, shown, split

AMOUNTS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_and_are_within_one_unit_of_their_share(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert part * amount >= 0
        assert weight or not part


def test_what_rounding_leaves_goes_to_the_largest_remainders_and_then_to_the_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(10, [70, 25, 5]) == [7, 3, 0]
    assert split(0, []) == []
    assert split(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize(("amount", "weights"), [(1, []), (1, [0]), (5, [2, -1])])
def test_what_cannot_be_parted_is_refused(amount: int, weights: list[int]) -> None:
    with pytest.raises(BadMoney):
        split(amount, weights)


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [(5, 1, 2, 2), (7, 1, 2, 4), (-5, 1, 2, -2), (-7, 1, 2, -4), (10, 1, 3, 3), (20, 1, 3, 7), (9, 0, 5, 0)],
)
def test_a_share_is_rounded_half_to_even(amount: int, numerator: int, denominator: int, expected: int) -> None:
    assert share(amount, numerator, denominator) == expected


@given(AMOUNTS, st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_a_share_is_what_fractions_round_to(amount: int, numerator: int, denominator: int) -> None:
    assert share(amount, numerator, denominator) == round(Fraction(amount * numerator, denominator))


def test_a_share_needs_parts() -> None:
    with pytest.raises(BadMoney):
        share(1, 1, 0)


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("RSD", 2), ("ISK", 0)]
)
def test_places_are_those_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places
    assert in_major(12_345, currency) == Decimal(12_345) / 10**places


@pytest.mark.parametrize("currency", ["XYZ", "eur", "", "EURO"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(BadMoney):
        exponent(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (-123_450, "EUR", "en", "-€1,234.50"),
        (123_450, "EUR", "de-DE", "1.234,50 €"),
        (1_234, "JPY", "en", "¥1,234"),
        (1_234, "KWD", "en", "KWD1.234"),
        (1_234_567, "RSD", "en", "RSD12,345.67"),
        (5, "USD", "xx-no-such-tongue", "$0.05"),
        (5, "USD", "", "$0.05"),
        (123_450, "EUR", "de-XX", "1.234,50 €"),
    ],
)
def test_amounts_are_shown_as_people_write_them(amount: int, currency: str, locale: str, text: str) -> None:
    assert shown(amount, currency, locale).replace("\xa0", " ") == text


@given(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_amount_comes_back_from_its_major_units(amount: int, currency: str) -> None:
    assert minor_of(in_major(amount, currency), currency) == amount


@pytest.mark.parametrize(
    "text", ["", "12,50", "1.234", "abc", "NaN", "1e3", "Infinity", " 1", "--1", "9" * 20, "\u0661", "1.", ".5"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadMoney):
        minor_of(text, "EUR")


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e40"), Decimal("0.001")])
def test_a_decimal_that_is_no_amount_is_refused(value: Decimal) -> None:
    with pytest.raises(BadMoney):
        minor_of(value, "EUR")


def test_text_becomes_minor_units() -> None:
    assert [minor_of(text, "EUR") for text in ("12.50", "12.5", "-0.05", "+3", "12.500")] == [1250, 1250, -5, 300, 1250]
    assert minor_of("1500", "JPY") == 1500
