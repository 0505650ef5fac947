"""What tables of the settings are made of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Secret = Annotated[str, Meta(extra={"secret": True})]
Positive = Annotated[int, Meta(ge=1)]
# A service's address: encrypted, or on this machine, where a stand-in may listen.
SafeAddress = Annotated[str, Meta(pattern=r"^(https://|http://(127\.0\.0\.1|\[::1\]|localhost)(:|/|$))[^?#]*[^/?#]$")]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file. An unknown name in it stops the start."""
