"""What an import of the library adds to each document: the derived half of a title."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from content.derive import derive, derived_slug, stored, usable_slug
from content.lenient import read
from content.model import Derived, Rights
from storage.scope import Owner


class TitleDeriver:
    """Derives for one import into one owner's library. `rights` is None where nobody declared any."""

    def __init__(self, owner: Owner, rights: Rights | None, now: datetime) -> None:
        self._owner = owner
        self._rights = rights
        self._now = now

    def is_current(self, held: Mapping[str, Any]) -> bool:
        """Whether what is held of an unchanged document needs no new derivation: its rights stay as they are."""
        known = read(held, Derived)
        return known.slug != "" and self._rights_of(known) == known.rights

    def derive(self, document: Mapping[str, Any], held: Mapping[str, Any], attempt: int = 0) -> dict[str, Any]:
        """The platform's fields; an `attempt` beyond 0 takes another slug than the one that was taken."""
        known = read(held, Derived)
        derived = derive(
            document,
            owner=self._owner,
            slug=self._slug(document, known, attempt),
            rights=self._rights_of(known),
            added_at=known.added_at or self._now,
            earlier=known.files,
            ban=known.ban,
        )
        return stored(derived)

    def _slug(self, document: Mapping[str, Any], known: Derived, attempt: int) -> str:
        if attempt:
            return derived_slug(document["_id"], attempt)
        return usable_slug(document.get("short_id")) or known.slug or derived_slug(document["_id"])

    def _rights_of(self, known: Derived) -> Rights | None:
        """A declaration made once is not made again by the same people on the same ground."""
        if self._rights is None:
            return known.rights
        same = known.rights and (known.rights.basis, known.rights.by) == (self._rights.basis, self._rights.by)
        return known.rights if same else self._rights


def to_resolve(ours: Mapping[str, Any]) -> list[int]:
    """Places of the buckets that a worker should look into."""
    files = cast("list[dict[str, Any]]", ours["files"])
    return [place for place, state in enumerate(files) if state["reason"] is not None and state["resolvable"]]
