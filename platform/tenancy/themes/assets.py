"""The built files: which hashed name stands for a source name, and where it lies."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import msgspec

PREFIX: Final = "/assets/"

MIMES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


class AssetsNotBuilt(Exception):
    """There is no complete build of the pages' assets; the message says how to make one."""


class AssetFile(msgspec.Struct, frozen=True):
    """One built file as it is served; `etag` is strong and unquoted."""

    body: bytes
    mime: str
    etag: str


class Assets:
    """The files that the manifest names, and no others: a request's text is only ever compared with those names."""

    def __init__(self, directory: Path, files: Mapping[str, str]) -> None:
        self._directory = directory
        self._urls = {source: PREFIX + name for source, name in files.items()}
        self._names = frozenset(files.values())
        self._loaded: dict[str, AssetFile] = {}

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `manifest.json` of a build; AssetsNotBuilt without one."""
        try:
            manifest = json.loads((directory / "manifest.json").read_bytes())
        except (OSError, ValueError) as error:
            raise AssetsNotBuilt(f"no assets in {directory}: run `python hatch_build.py` in the checkout") from error
        return cls(directory, manifest["files"])

    def url(self, source: str) -> str:
        """The URL of `site.js`, `nocturne.css`, …; KeyError for a name that no build knows."""
        return self._urls[source]

    def __contains__(self, source: str) -> bool:
        return source in self._urls

    def file(self, name: str) -> AssetFile | None:
        """The built file of that hashed name, kept in memory once read; None when the build has no such file."""
        if name not in self._names:
            return None
        found = self._loaded.get(name)
        if found is None:
            path = self._directory / name
            # A later build has taken it away, or it is not the file that the build wrote.
            if path.is_symlink() or not path.is_file():
                return None
            found = self._loaded[name] = AssetFile(
                path.read_bytes(), MIMES[path.suffix], path.stem.rpartition("-")[2].lower()
            )
        return found
