"""Which deed answers which path."""

import re
from collections.abc import Mapping
from typing import Generic, TypeVar

_Deed = TypeVar("_Deed")
_GAP = re.compile(r"\{(\w+)\}")


class Router(Generic[_Deed]):
    """Deeds by method and path; `{name}` in a path stands for one segment. Told first is asked first."""

    def __init__(self, routes: Mapping[str, _Deed]) -> None:
        self._routes = [self._compiled(place, deed) for place, deed in routes.items()]

    def find(self, method: str, path: str) -> tuple[str, _Deed, dict[str, str]] | None:
        """The route as it was told ("GET /v1/charges/{id}"), its deed and the segments, or None."""
        for place, wanted, pattern, deed in self._routes:
            if wanted == method and (match := pattern.fullmatch(path)):
                return place, deed, match.groupdict()
        return None

    @staticmethod
    def _compiled(place: str, deed: _Deed) -> tuple[str, str, re.Pattern[str], _Deed]:
        method, path = place.split(" ", 1)
        parts = _GAP.split(path)
        pattern = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
        return place, method, re.compile(pattern), deed
