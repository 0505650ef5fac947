"""The headers that every answer carries, unless the application set its own of the name."""

from collections.abc import Awaitable, Sequence
from typing import Final

from tenancy.answers import Message, Send
from tenancy.themes.policy import CONTENT_SECURITY_POLICY

Pair = tuple[bytes, bytes]

SECURITY_HEADERS: Final[tuple[Pair, ...]] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), browsing-topics=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# A year; without includeSubDomains, for the operator's other subdomains are not ours to speak for.
STRICT_TRANSPORT: Final[Pair] = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds the headers to the start of a response: precomputed lists, one look at the names that the app has set."""

    __slots__ = ("_names", "_plain", "_secure")

    def __init__(self, headers: Sequence[Pair] = SECURITY_HEADERS) -> None:
        self._plain = [*headers]
        self._secure = [*headers, STRICT_TRANSPORT]
        self._names = frozenset(name for name, _ in self._secure)

    def sending(self, send: Send, *, secure: bool) -> Send:
        """`send` with the headers added; Strict-Transport-Security only over https."""
        headers = self._secure if secure else self._plain
        names = self._names

        def send_start(message: Message) -> Awaitable[None]:
            if message["type"] != "http.response.start":
                return send(message)
            own: Sequence[Pair] = message.get("headers", ())
            for name, _ in own:
                if name in names:
                    return send({**message, "headers": [*own, *_missing(headers, own)]})
            return send({**message, "headers": [*own, *headers]})

        return send_start


def _missing(headers: Sequence[Pair], own: Sequence[Pair]) -> list[Pair]:
    given = {name for name, _ in own}
    return [each for each in headers if each[0] not in given]
