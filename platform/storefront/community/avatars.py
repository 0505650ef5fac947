"""Faces of those who comment: drawn here from a seed, the same for the same seed, by DiceBear's style Moods (CC0 1.0).

https://www.dicebear.com/licenses/
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from anyio import to_thread
from dicebear import Avatar, Style
from litestar import Request, Response
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import route
from litestar.params import FromPath

from storefront.pages.files import SANDBOXED
from storefront.pages.request import FOR_GOOD, file

STYLE: Final = "moods"
NOBODYS: Final = "former"
_REVISION: Final = "1"
_NAME: Final = re.compile(r"([A-Za-z0-9_-]{1,64})\.svg", re.ASCII)
_SEED: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_METADATA: Final = re.compile(r"<!--.*?-->|<metadata.*?</metadata>", re.DOTALL)
SVG: Final = "image/svg+xml"


def avatar_url(seed: str) -> str:
    """Where the face of a seed is. A brought seed that cannot stand in a URL has a stand-in, always the same one."""
    if not seed:
        seed = NOBODYS
    elif _SEED.fullmatch(seed) is None:
        seed = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"/avatars/{seed}.svg"


@route("/avatars/{avatar_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def avatar(request: Request[Any, Any, Any], avatar_id: FromPath[str]) -> Response[bytes]:
    """The picture; it runs nothing and is framed by nothing, also where somebody opens it as a page."""
    found = _NAME.fullmatch(avatar_id)
    if found is None:
        raise NotFoundException(detail="There is no such picture.")
    body = await to_thread.run_sync(drawn, found[1])
    return file(request, body, SVG, f"{STYLE}{_REVISION}-{found[1]}", FOR_GOOD, SANDBOXED)


@lru_cache(maxsize=2_048)
def drawn(seed: str) -> bytes:
    """The SVG of a seed, without the metadata that says for each picture who drew the style."""
    svg = Avatar(_style(), {"seed": seed, "size": 96}).to_string()
    return _METADATA.sub("", svg).encode()


@cache
def _style() -> Style:
    """Reading and checking the style takes most of a second: once a process, when somebody has commented."""
    return Style(json.loads((files("dicebear_styles") / f"{STYLE}.json").read_text("utf-8")))
