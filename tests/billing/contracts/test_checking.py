"""What may stand on a bill: words that are printed, and no more of them than a bill has room for."""

from __future__ import annotations

import msgspec
import pytest

from billing.contracts.checking import check_bill_to, check_coupon, check_tax
from billing.contracts.model import BadTerms, BillTo, Coupon, Tax
from tests.billing.documents.samples import TO, VAT


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "", "address": "", "email": "", "locale": ""},
        {"name": "株式会社 ランタン\N{ZERO WIDTH JOINER}", "address": "1 Road\n\nDublin 2", "locale": "zh-Hant-TW"},
        {"name": "=SUM(A1)", "address": "x" * 600},
    ],
)
def test_whom_a_bill_can_be_written_to(fields: dict[str, str]) -> None:
    check_bill_to(msgspec.structs.replace(TO, **fields))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a" * 201),
        ("name", "a" * 10**6),
        ("name", "Ann\r\nBcc: all@mail.example"),
        ("name", "\x00"),
        ("name", "\ud800"),
        ("name", "\ufffe"),
        ("address", "x" * 601),
        ("address", "\n" * 11),
        ("address", "1 Road\x1b[2J"),
        ("address", "\udcff"),
        ("email", "ann"),
        ("email", "ann@mail.example\nBcc: all@mail.example"),
        ("email", "\ud800@mail.example"),
        ("locale", "no such tag!"),
        ("locale", "de" * 10**5),
        ("locale", "../../etc"),
    ],
)
def test_whom_it_cannot(field: str, value: str) -> None:
    with pytest.raises(BadTerms, match=rf"^(?s:bill_to\.{field})"):
        check_bill_to(BillTo(**{field: value}))


@pytest.mark.parametrize("words", ["a" * 65, "a\nb", "\ud800", "\x00"])
def test_names_of_taxes_and_coupons_are_short_lines(words: str) -> None:
    for field in ("name", "country", "tax_id"):
        with pytest.raises(BadTerms):
            check_tax(msgspec.structs.replace(VAT, **{field: words}))
    with pytest.raises(BadTerms):
        check_coupon(Coupon(code=words, amount=1))
    check_tax(Tax())
