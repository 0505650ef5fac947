"""Money as whole minor units beside an ISO 4217 currency: parting it, rounding it once, and showing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from decimal import Decimal, InvalidOperation
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency

Minor = int
"""An amount in a currency's smallest unit: 1250 is 12.50 EUR, or 1250 JPY."""

# ISO 4217's exponents where they are not 2. CLDR's digits are those of everyday prices: RSD has 0 there, and 2 here.
_WHOLE: Final = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_EXPONENTS: Final = {
    **dict.fromkeys(_WHOLE, 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_MOST: Final = 10**15


class BadMoney(ValueError):
    """An amount or a currency that is none."""


def split(amount: Minor, weights: Sequence[int]) -> list[Minor]:
    """Parts in proportion to the weights that add up to the amount. Raises BadMoney.

    Each part is within one unit of its exact share; what rounding leaves goes to the largest remainders, of equal ones
    to the first. Weights are not negative; where all are 0 there must be nothing to part.
    """
    whole = sum(weights)
    if any(weight < 0 for weight in weights) or (whole == 0 and amount != 0):
        raise BadMoney(f"{amount} cannot be parted by the weights {list(weights)}")
    if whole == 0:
        return [0] * len(weights)
    sign = -1 if amount < 0 else 1
    floors = [divmod(abs(amount) * weight, whole) for weight in weights]
    missing = abs(amount) - sum(part for part, _ in floors)
    favoured = sorted(range(len(weights)), key=lambda place: -floors[place][1])[:missing]
    parts = [part for part, _ in floors]
    for place in favoured:
        parts[place] += 1
    return [sign * part for part in parts]


def share(amount: int, numerator: int, denominator: int) -> Minor:
    """`amount * numerator / denominator`, rounded once, half to even. Raises BadMoney for a denominator below 1."""
    if denominator < 1:
        raise BadMoney(f"{denominator} parts")
    part, remainder = divmod(amount * numerator, denominator)
    if 2 * remainder > denominator or (2 * remainder == denominator and part % 2):
        part += 1
    return part


def exponent(currency: str) -> int:
    """How many decimal places the currency's minor unit has by ISO 4217. Raises BadMoney for an unknown currency."""
    if not is_currency(currency):
        raise BadMoney(f"{currency!r} is no ISO 4217 currency")
    return _EXPONENTS.get(currency, 2)


def in_major(amount: Minor, currency: str) -> Decimal:
    """The amount in major units, with all of its places: 1250 EUR is 12.50. Raises BadMoney."""
    return Decimal(amount).scaleb(-exponent(currency))


def shown(amount: Minor, currency: str, locale: str = "en") -> str:
    """The amount as people of the locale (BCP 47; English if unknown) write it. Raises BadMoney."""
    places, spoken = exponent(currency), _locale(locale)
    pattern = copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return str(pattern.apply(in_major(amount, currency), spoken, currency=currency, currency_digits=False))


def minor_of(value: str | Decimal, currency: str) -> Minor:
    """Major units as minor ones: "12.50" EUR is 1250. Raises BadMoney for what is none, or finer than the currency."""
    places = exponent(currency)
    if isinstance(value, str) and _AMOUNT.fullmatch(value) is None:
        raise BadMoney(f"{value!r} is no amount: digits, and a point before the decimals")
    try:
        exact = Decimal(value).scaleb(places)
    except InvalidOperation as error:
        raise BadMoney(f"{value!r} is no amount") from error
    if not exact.is_finite() or abs(exact) > _MOST:
        raise BadMoney(f"{value!r} is no amount")
    if exact != exact.to_integral_value():
        raise BadMoney(f"{value} {currency} is finer than the currency, which has {places} places")
    return int(exact)


def _locale(tag: str) -> Locale:
    for candidate in (tag, tag.partition("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")
