"""Addresses of the legal pages."""

from __future__ import annotations

from urllib.parse import urlencode


def status_url(receipt: str, secret: str) -> str:
    """Where the sender of a notice looks it up."""
    return f"/legal/takedown/{receipt}?{urlencode({'secret': secret})}"
