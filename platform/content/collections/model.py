"""What a collection is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from content.derive import clean
from storage.repository import TenantDocument

MOST_TITLES: Final = 1_000
LONGEST_NAME: Final = 200
_LONGEST_KEY: Final = 200


class Shelved(Struct, kw_only=True):
    """What the platform adds: one value of one type to sort by, and the id as text."""

    sort: str = ""
    key: str = ""


class Collection(TenantDocument, kw_only=True):
    """A named list of titles by their ids, in its operator's order."""

    name: str | None = None
    overview: str | None = None
    titles: list[Any] = field(default_factory=list[Any])
    derived: Shelved = field(name="_marquee", default_factory=Shelved)

    @property
    def title(self) -> str:
        """What the collection is called on a page."""
        return " ".join((self.name or "").split())[:LONGEST_NAME] or str(self.id)

    @property
    def title_ids(self) -> list[Any]:
        """The ids, each once; the first thousand of them. What can be no id is passed over."""
        plain = [each for each in self.titles if not isinstance(each, dict | list | float) and each is not None]
        return list(dict.fromkeys(plain))[:MOST_TITLES]


def shelved(document: Mapping[str, Any]) -> dict[str, Any]:
    """The platform's fields of a collection as its operator brings it. Never raises."""
    name = document.get("name")
    text = name if isinstance(name, str) and name.strip() else str(document.get("_id"))
    return {"sort": clean(text)[:LONGEST_NAME] or text.casefold()[:LONGEST_NAME], "key": key_of(document.get("_id"))}


def key_of(collection_id: Any) -> str:
    """The id as text, as it stands in cursors and in URLs."""
    return str(collection_id)[:_LONGEST_KEY]
