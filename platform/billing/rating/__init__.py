"""Reckoning what a period comes to: pure functions of a contract, its plans, time, usage and revenue."""

from billing.rating.model import Late, Line, LineKind, Rated, Span
from billing.rating.reckoning import charges, share_after
from billing.rating.shares import share_of
from billing.rating.spans import holds_within, metered
from billing.rating.tax import tax_on

__all__ = [
    "Late",
    "Line",
    "LineKind",
    "Rated",
    "Span",
    "charges",
    "holds_within",
    "metered",
    "share_after",
    "share_of",
    "tax_on",
]
