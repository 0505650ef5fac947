"""What every room wants of the database: all indexes, in one place for every start."""

from __future__ import annotations

import accounts.recovery
import accounts.referrals.repository
import accounts.repository
import accounts.session_repository
import accounts.sign_in.attempts
import billing.contracts.repository
import billing.dunning.repository
import billing.invoices.repository
import billing.ledger.repository
import billing.memberships.repository
import billing.payments.data
import billing.periods.repository
import billing.plans.repository
import billing.settlements.repository
import billing.webhooks.inbox
import content.comments.people
import content.comments.repository
import content.indexes
import content.intro.repository
import content.notices.repository
import content.progress.repository
import content.reports.repository
import content.takedowns.model
import content.watchlist.repository
import storage.audit
import storage.blobs
import storage.jobs
import tenancy.tenants
import tenancy.usage
from storage.indexes import Index

INDEXES: tuple[Index, ...] = (
    *storage.audit.INDEXES,
    *storage.blobs.INDEXES,
    *storage.jobs.INDEXES,
    *tenancy.tenants.INDEXES,
    *tenancy.usage.INDEXES,
    *accounts.repository.INDEXES,
    *accounts.referrals.repository.INDEXES,
    *accounts.session_repository.INDEXES,
    *accounts.recovery.INDEXES,
    *accounts.sign_in.attempts.INDEXES,
    *content.indexes.INDEXES,
    *content.comments.people.INDEXES,
    *content.reports.repository.INDEXES,
    *content.comments.repository.INDEXES,
    *content.intro.repository.INDEXES,
    *content.progress.repository.INDEXES,
    *content.notices.repository.INDEXES,
    *content.watchlist.repository.INDEXES,
    *content.takedowns.model.INDEXES,
    *billing.contracts.repository.INDEXES,
    *billing.plans.repository.INDEXES,
    *billing.ledger.repository.INDEXES,
    *billing.invoices.repository.INDEXES,
    *billing.dunning.repository.INDEXES,
    *billing.periods.repository.INDEXES,
    *billing.payments.data.INDEXES,
    *billing.memberships.repository.INDEXES,
    *billing.settlements.repository.INDEXES,
    *billing.webhooks.inbox.INDEXES,
)
