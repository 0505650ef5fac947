"""What an operation can answer because of what its handler names, declared once for all of them.

A handler declares its own failures; those of its dependencies, of its body and of the guards are added here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, Final

from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, Operation

from accounts.errors import SessionRequired, ViewerBanned
from storage.errors import StorageUnavailable
from storefront.api.responses import NOT_JSON, TOO_OFTEN, Declared, problems
from storefront.guards import MOST_BODY_BYTES
from storefront.members import NOBODY, NOT_A_TOKEN
from storefront.refusals import BadParameter, CrossSite
from storefront.staff import NO_TOKEN, NOT_STAFF

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_VIEWER: Final = (ViewerBanned("spam"),)
_DEPENDENCIES: Final[dict[str, tuple[Exception, ...]]] = {
    "viewer": _VIEWER,
    "audience": _VIEWER,
    "catalogue": _VIEWER,
    "discussions": _VIEWER,
    "member": (*_VIEWER, SessionRequired(NOT_A_TOKEN), TOO_OFTEN),
    "oneself": (*_VIEWER, SessionRequired(NOBODY)),
    "moderator": (*_VIEWER, NO_TOKEN, NOT_STAFF),
}
_CHANGING: Final = (
    CrossSite("The request comes from another origin."),
    HTTPException(status_code=413, detail=f"At most {MOST_BODY_BYTES} bytes."),
    NOT_JSON,
)
_UNREADABLE: Final = BadParameter("title_id: text")
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")


def declared(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """The same handlers, which now declare all that they can answer."""
    found = list(handlers)
    for handler in found:
        handler.responses = _merged(dict(handler.responses or {}), problems(*_usual(handler)))
        if handler.operation_class is Operation:
            handler.operation_class = Declared
    return found


def _usual(handler: HTTPRouteHandler) -> list[Exception]:
    named = inspect.signature(handler.fn).parameters
    usual = [failure for name in named for failure in _DEPENDENCIES.get(name, ())]
    if not handler.http_methods <= _SAFE:
        usual += _CHANGING
    return [_UNREADABLE, *usual, _AWAY]


def _merged(own: dict[int, ResponseSpec], usual: dict[int, ResponseSpec]) -> dict[int, ResponseSpec]:
    """Own declarations come first; a problem that is declared there already is not told twice."""
    for status, spec in usual.items():
        if status not in own:
            own[status] = spec
            continue
        before = own[status]
        told = {_kind(example) for example in before.examples or ()}
        new = [example for example in spec.examples or () if _kind(example) not in told]
        if new:
            titles = [before.description, *(str(example.summary) for example in new)]
            own[status] = ResponseSpec(
                data_container=before.data_container,
                description=" · ".join(titles),
                generate_examples=False,
                media_type=before.media_type,
                examples=[*(before.examples or ()), *new],
            )
    return own


def _kind(example: Example) -> Any:
    return example.value.get("title") if isinstance(example.value, dict) else example.summary
