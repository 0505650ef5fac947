"""What every room wants of the database: all indexes, in one place for every start."""

from __future__ import annotations

import accounts.repository
import content.indexes
import content.intro.repository
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
    *content.indexes.INDEXES,
    *content.intro.repository.INDEXES,
)
