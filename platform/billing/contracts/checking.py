"""Which terms, and which words of a bill, a contract can have. Whatever is refused is told by BadTerms."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from billing.contracts.model import BadTerms, BillTo, Coupon, Tax
from tenancy.mail.letters import BadAddress, address_of

_LINE: Final = 200
_ADDRESS: Final = 600
_ADDRESS_LINES: Final = 10
_CODE: Final = 64
_LOCALE: Final = re.compile(r"([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?", re.ASCII)
_UNWRITABLE: Final = frozenset({"Cc", "Cs", "Cn"})
"""Control characters, halves of characters, and what is none."""


def check_bill_to(to: BillTo) -> None:
    """Raises BadTerms for what cannot stand on a bill, or be written to."""
    _check_line("bill_to.name", to.name)
    lines = to.address.splitlines()
    if len(to.address) > _ADDRESS or len(lines) > _ADDRESS_LINES:
        raise BadTerms(f"bill_to.address: at most {_ADDRESS_LINES} lines of {_ADDRESS} characters in all")
    for line in lines:
        _check_line("bill_to.address", line, _ADDRESS)
    if _LOCALE.fullmatch(to.locale) is None:
        raise BadTerms(f"bill_to.locale {to.locale[:40]!r}: a BCP 47 tag such as de or es-MX")
    if to.email:
        try:
            address_of(to.email)
        except BadAddress as error:
            raise BadTerms(f"bill_to.{error}") from None


def reachable_at(to: BillTo) -> str | None:
    """Where letters go, and what gateways are told; None where a tenant's document brought what is no address."""
    try:
        return address_of(to.email)
    except BadAddress:
        return None


def check_coupon(coupon: Coupon) -> None:
    """Raises BadTerms for a coupon of neither or both kinds, or out of range."""
    _check_line("code", coupon.code, _CODE)
    if (coupon.percent_bps is None) == (coupon.amount is None):
        raise BadTerms("a coupon has either percent_bps or amount")
    if coupon.percent_bps is not None and not 1 <= coupon.percent_bps <= 10_000:
        raise BadTerms(f"percent_bps {coupon.percent_bps}: 1 to 10000")
    if coupon.amount is not None and coupon.amount < 1:
        raise BadTerms(f"amount {coupon.amount}: 1 or more")
    if coupon.periods is not None and coupon.periods < 1:
        raise BadTerms(f"periods {coupon.periods}: 1 or more, or none for all")


def check_tax(tax: Tax) -> None:
    """Raises BadTerms for a rate that is none, and for names that no bill has room for."""
    if not 0 <= tax.rate_bps <= 10_000:
        raise BadTerms(f"tax rate_bps {tax.rate_bps}: 0 to 10000")
    for name in ("name", "country", "tax_id"):
        _check_line(f"tax.{name}", getattr(tax, name), _CODE)


def _check_line(name: str, text: str, longest: int = _LINE) -> None:
    if len(text) > longest:
        raise BadTerms(f"{name}: at most {longest} characters")
    if any(unicodedata.category(letter) in _UNWRITABLE for letter in text):
        raise BadTerms(f"{name}: one line of text, without control characters")
