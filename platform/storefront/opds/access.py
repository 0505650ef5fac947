"""Who asks for a feed: anybody, as on the site, or the viewer whose token stands as the password of HTTP Basic."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.di import NamedDependency

from accounts.model import Viewer

REALM: Final = 'Basic realm="Reader apps", charset="UTF-8"'


class TokenRequired(Exception):
    """Nobody is signed in, or the token that was shown opens nothing."""


def reader_of_feed(request: Request[Any, Any, Any], viewer: NamedDependency[Viewer | None]) -> Viewer | None:
    """The viewer. Raises TokenRequired for a password that opens nothing: an app would go on as nobody, unnoticed."""
    if viewer is None and "authorization" in request.headers:
        raise TokenRequired("The password is a token from your account's page; the name does not matter.")
    return viewer


def known_reader(viewer: Viewer | None) -> Viewer:
    """The viewer of a feed that is somebody's own. Raises TokenRequired."""
    if viewer is None:
        raise TokenRequired("The password is a token from your account's page; the name does not matter.")
    return viewer
