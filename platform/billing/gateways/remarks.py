"""What is seen of how a gateway is set up, as `marquee doctor` tells it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

Verdict = Literal["ok", "note", "bad"]


class Remark(Struct, frozen=True):
    """One thing that was seen. `note`: it works, but mind it; `bad`: money would not come in, or be told of late."""

    verdict: Verdict
    said: str


class Listener(Struct, frozen=True):
    """An address that a gateway posts news to; `events` is None where it is told of everything."""

    url: str
    enabled: bool
    events: frozenset[str] | None


def of_webhook(webhook: str, listeners: Collection[Listener], needed: frozenset[str]) -> Remark:
    """Whether somebody at our address is told of all that is needed."""
    here = [each for each in listeners if _is_at(each.url, webhook)]
    if not here:
        return Remark("bad", f"no webhook posts to {webhook}")
    enabled = [each for each in here if each.enabled]
    if not enabled:
        return Remark("bad", f"the webhook {webhook} is disabled")
    told = frozenset[str]().union(*(needed if each.events is None else each.events for each in enabled))
    if missing := needed - told:
        return Remark("bad", f"the webhook {webhook} is not told of {', '.join(sorted(missing))}")
    return Remark("ok", f"the webhook {webhook} is told of all that is needed")


def _is_at(url: str, webhook: str) -> bool:
    # A stand-in on this machine posts without encryption, and to a port.
    given, wanted = urlsplit(url), urlsplit(webhook)
    return (given.hostname, given.path) == (wanted.hostname, wanted.path)
