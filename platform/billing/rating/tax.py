"""The tax on a bill: reckoned once, on its sum."""

from __future__ import annotations

from billing.contracts.model import Tax
from billing.money import share


def tax_on(amount: int, tax: Tax) -> int:
    """The tax on prices of this sum, or the tax within them where they are inclusive; none under reverse charge.

    A negative sum gives a negative tax: what was charged too much goes back with its tax.
    """
    if tax.reverse_charge:
        return 0
    whole = 10_000 + tax.rate_bps if tax.inclusive else 10_000
    return share(amount, tax.rate_bps, whole)
