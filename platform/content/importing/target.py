"""Where a dump goes, and which collections may go there."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from storage.scope import PlatformScope, TenantScope

Place = Literal["tenant", "shared", "platform"]
COLLECTIONS: Final[dict[Place, tuple[str, ...]]] = {
    "tenant": ("library", "users", "comments", "reports", "collections"),
    "shared": ("library", "collections"),
    "platform": ("tenants", "workers"),
}
_ENDINGS: Final = (".json", ".jsonl", ".ndjson")
_OPTIONS: Final[dict[Place, str]] = {"tenant": "--tenant", "shared": "--shared", "platform": "--platform"}


class ImportRefused(Exception):
    """The dump does not go there; the message is one line for people."""


class Target(Struct, frozen=True):
    """A tenant's own data, the shared catalogue, or the platform's collections; `scope` is whose they become."""

    place: Place
    scope: TenantScope | PlatformScope

    @classmethod
    def tenant(cls, scope: TenantScope) -> Target:
        """One tenant's own data."""
        return cls("tenant", scope)

    @classmethod
    def shared(cls, scope: PlatformScope) -> Target:
        """The catalogue that all tenants draw on."""
        return cls("shared", scope)

    @classmethod
    def platform(cls, scope: PlatformScope) -> Target:
        """The platform's own collections."""
        return cls("platform", scope)


def collection_of(path: Path) -> str:
    """The collection that a file's name says it holds: `library.json`, `users.jsonl`, `comments.ndjson.gz`.

    Raises ImportRefused.
    """
    name = path.name.removesuffix(".gz")
    stem = next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), None)
    known = {collection for collections in COLLECTIONS.values() for collection in collections}
    if stem not in known:
        raise ImportRefused(
            f"{path.name}: a dump is named by its collection ({', '.join(sorted(known))}) "
            f"and ends in {', '.join(_ENDINGS)}, with or without .gz"
        )
    return stem


def dump_files(path: Path) -> list[Path]:
    """The dumps at a path: itself, or those of a folder whose names say what they hold. Raises ImportRefused."""
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.is_file() and _names_collection(each))
    if not found:
        raise ImportRefused(f"{path}: no dumps in this folder")
    return found


def check_place(collection: str, target: Target) -> None:
    """Raises ImportRefused for a collection that does not go there, and says where it goes."""
    if collection in COLLECTIONS[target.place]:
        return
    places: list[Place] = [place for place, collections in COLLECTIONS.items() if collection in collections]
    if not places:
        raise ImportRefused(f"{collection}: not a collection that the platform knows")
    where = " or ".join(_OPTIONS[place] for place in places)
    raise ImportRefused(f"{collection} does not go into {_OPTIONS[target.place]}: import it with {where}")


def _names_collection(path: Path) -> bool:
    try:
        collection_of(path)
    except ImportRefused:
        return False
    return True
