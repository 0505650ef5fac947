"""The languages of documents and letters: gettext catalogues kept as data, and figures as Babel writes them.

A language without a catalogue is English, in the English of its country where there is one (`nl-NL` gets `en-NL`).
"""

from __future__ import annotations

import gettext
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from billing.money import Minor, shown

_CATALOGUES: Final = Path(__file__).with_name("catalogues")
_SOURCE: Final = "en"
LANGUAGES: Final = (_SOURCE, *sorted(path.stem for path in _CATALOGUES.glob("*.po")))
_MICROSECOND: Final = timedelta(microseconds=1)
_SECONDS_A_DAY: Final = 86_400
_CLOCK_CHANGE: Final = Decimal("0.05")
_GB: Final = 10**9
_CODE_AND_FIGURE: Final = re.compile(r"([A-Z]{3})(?=[0-9])")


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated elsewhere
    """The text itself, marked for the catalogues."""
    return text


@final
class Language:
    """How one tenant is written to. `zone` (IANA) decides on which day something was."""

    def __init__(self, locale: Locale, zone: str) -> None:
        self._locale = locale
        self._zone = ZoneInfo(zone)
        self._catalogue = _catalogue(locale.language)
        self.tag: Final = str(locale).replace("_", "-")

    def say(self, text: str, **values: object) -> str:
        """The text in this language, with the values in the places that it names."""
        spoken = self._catalogue.gettext(text)
        return spoken.format(**values) if values else spoken

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """The text for so many; `{number}` is the figure."""
        return self._catalogue.ngettext(one, many, number).format(number=self.number(number), **values)

    def money(self, amount: Minor, currency: str) -> str:
        """An amount with its currency."""
        # CLDR keeps letters and digits apart, which Babel leaves undone: CHF 5, not CHF5.
        return _CODE_AND_FIGURE.sub("\\1\N{NO-BREAK SPACE}", shown(amount, currency, self.tag))

    def number(self, value: int | Decimal, places: int = 2) -> str:
        """A number with at most so many decimal places."""
        pattern = "#,##0." + "#" * places if places else "#,##0"
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def percent(self, basis_points: int) -> str:
        """1 950 basis points are 19.5 %."""
        return str(format_percent(Decimal(basis_points) / 10_000, format=self._percent_pattern(), locale=self._locale))

    def day(self, moment: datetime) -> str:
        """The day of a naive UTC moment, where the tenant is."""
        return self._day(self._there(moment).date())

    def span(self, start: datetime, end: datetime) -> str:
        """`[start, end)`, naive UTC, as the days that it is of."""
        first, last = self._there(start).date(), self._there(end - _MICROSECOND).date()
        return self._day(first) if first == last else f"{self._day(first)} – {self._day(last)}"  # noqa: RUF001 - the dash of ranges

    def gigabytes(self, size_bytes: int) -> str:
        """Decimal GB."""
        return f"{self.number(Decimal(size_bytes) / _GB)} GB"

    def days(self, seconds: int) -> str:
        """So much time in days, at most two decimal places; the hour of a change of clocks is not told of."""
        exact = Decimal(seconds) / _SECONDS_A_DAY
        whole = round(exact)
        return self.number(whole if abs(exact - whole) < _CLOCK_CHANGE else exact)

    def _there(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(self._zone)

    def _day(self, day: date) -> str:
        # A day is not broken over two lines.
        return str(format_date(day, format="long", locale=self._locale)).replace(" ", "\N{NO-BREAK SPACE}")

    def _percent_pattern(self) -> str:
        pattern = str(self._locale.percent_formats[None].pattern)
        return pattern.replace("#,##0", "#,##0.##")


def language_of(tag: str, *, zone: str = "UTC") -> Language:
    """The language for a BCP 47 tag, whatever it says; times are told in `zone`."""
    return Language(_locale(tag), zone)


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale:
    wanted = _parsed(tag.replace("_", "-"))
    if wanted is None:
        return Locale(_SOURCE)
    if wanted.language in LANGUAGES:
        return Locale(wanted.language, wanted.territory)
    regional = _parsed(f"{_SOURCE}-{wanted.territory}") if wanted.territory else None
    return regional or Locale(_SOURCE)


def _parsed(tag: str) -> Locale | None:
    for candidate in (tag, tag.partition("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return None


@lru_cache(maxsize=16)
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == _SOURCE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (_CATALOGUES / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
