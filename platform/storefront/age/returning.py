"""Where a form leads back to: a path of this site, whatever the request says."""

from __future__ import annotations

import re
from typing import Final

# No second slash or backslash: browsers read `//host` and `/\\host` as another site. No control characters either.
_OWN: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}", re.ASCII)


def own_path(text: str) -> str:
    """The path with its query if it is one of this site, else home."""
    return text if _OWN.fullmatch(text) else "/"
