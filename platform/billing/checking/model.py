"""What checking gives."""

from __future__ import annotations

from msgspec import Struct


class Finding(Struct, frozen=True):
    """Something that is not as it should be: whose (a tenant's id, or `platform`), and what, in a line."""

    tenant: str
    what: str
