"""What a request shows of who sends it: the session's cookie, or a token as Bearer or as the password of Basic.

https://www.rfc-editor.org/rfc/rfc6750, https://www.rfc-editor.org/rfc/rfc7617
"""

import base64
import binascii
import re
from typing import Any, Final, Literal, NamedTuple

from litestar.connection import ASGIConnection

from accounts.sessions import COOKIE, TOKEN_PREFIX

_LONGEST: Final = 1024
# Shown in its header alone: as a cookie it would pass for a browser, which may make more of them.
_TOKEN: Final = re.compile(re.escape(TOKEN_PREFIX) + r"[A-Za-z0-9_-]{43}", re.ASCII)


class Credential(NamedTuple):
    """A secret as shown. Nothing says yet that it opens anything."""

    secret: str
    kind: Literal["cookie", "bearer", "basic"]


def credential_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Credential | None:
    """What the request shows. A token in its header counts before the cookie; a token of another kind is not ours."""
    header = connection.headers.get("authorization")
    if header is not None:
        token = token_in(header)
        if token is not None:
            return token
    cookie = connection.cookies.get(COOKIE)
    return None if cookie is None or _TOKEN.fullmatch(cookie) else Credential(cookie, "cookie")


def token_in(authorization: str) -> Credential | None:
    """The viewer's token in an Authorization header."""
    scheme, _, rest = authorization.partition(" ")
    given = rest.strip()
    if len(given) > _LONGEST:
        return None
    match scheme.lower():
        case "bearer" if given.startswith(TOKEN_PREFIX):
            return Credential(given, "bearer")
        case "basic":
            password = _password(given)
            return Credential(password, "basic") if password.startswith(TOKEN_PREFIX) else None
        case _:
            return None


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
