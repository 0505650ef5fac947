"""The accounts of a tenant's books. A debit is positive: what we own and are owed; a credit is negative.

Cash and receivables grow by debits; incomes, taxes and what we owe (`credit`, `memberships`, `payable`) by credits.
"""

from __future__ import annotations

from typing import Final

RECEIVABLE: Final = "receivable"
"""What the tenant owes us by invoices."""
CREDIT: Final = "credit"
"""What the tenant has with us, and later invoices use up; a debit is what it owes from before."""
DEFERRED: Final = "deferred"
"""What was charged for a period that has not begun."""
CASH_STRIPE: Final = "cash.stripe"
CASH_BTCPAY: Final = "cash.btcpay"
CASH_BANK: Final = "cash.bank"
FEES_GATEWAY: Final = "fees.gateway"
TAX: Final = "tax"
INCOME_BASE: Final = "income.base"
INCOME_ADDONS: Final = "income.addons"
INCOME_CAPACITY: Final = "income.capacity"
INCOME_BANDWIDTH: Final = "income.bandwidth"
INCOME_SHARE: Final = "income.share"
INCOME_MINIMUM: Final = "income.minimum"
DISCOUNTS: Final = "discounts"
MEMBERSHIPS: Final = "memberships"
"""What viewers paid, without tax, until a statement settles it."""
PAYABLE: Final = "payable"
"""What we owe the operator by statements."""
PAYOUTS: Final = "payouts"
"""What is on its way to the operator."""
DISPUTES: Final = "disputes"
BAD_DEBT: Final = "bad_debt"
OPENING: Final = "opening"

ACCOUNTS: Final = frozenset(
    {
        RECEIVABLE,
        CREDIT,
        DEFERRED,
        CASH_STRIPE,
        CASH_BTCPAY,
        CASH_BANK,
        FEES_GATEWAY,
        TAX,
        INCOME_BASE,
        INCOME_ADDONS,
        INCOME_CAPACITY,
        INCOME_BANDWIDTH,
        INCOME_SHARE,
        INCOME_MINIMUM,
        DISCOUNTS,
        MEMBERSHIPS,
        PAYABLE,
        PAYOUTS,
        DISPUTES,
        BAD_DEBT,
        OPENING,
    }
)
