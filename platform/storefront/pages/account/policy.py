"""What the page of the ways of signing in may load and lead to, and no other page."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from tenancy.themes.policy import CONTENT_SECURITY_POLICY

_POPUPS: Final = "same-origin-allow-popups"


def sign_in_headers(issuer: str, widget_script: str | None) -> dict[str, str]:
    """The form may lead to the provider; the widget's script and frame are let in where the site offers it."""
    provider = _origin(issuer)
    policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {provider}")
    if widget_script is None:
        return {"content-security-policy": policy}
    policy = policy.replace("script-src 'self'", f"script-src 'self' {_origin(widget_script)}")
    return {
        "content-security-policy": f"{policy}; frame-src {provider}",
        # Telegram asks in a window of its own, which has to reach the frame that opened it.
        "cross-origin-opener-policy": _POPUPS,
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
