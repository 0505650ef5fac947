"""The headers that every answer carries, unless the application set its own of the name."""

from collections.abc import Awaitable, Callable, Sequence
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
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), browsing-topics=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# A year; without includeSubDomains, for the operator's other subdomains are not ours to speak for.
STRICT_TRANSPORT: Final[Pair] = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds the headers to the start of a response; `secure` does so for https, with Strict-Transport-Security."""

    __slots__ = ("plain", "secure")

    def __init__(self, headers: Sequence[Pair] = SECURITY_HEADERS) -> None:
        self.plain: Final = _adding([*headers])
        self.secure: Final = _adding([*headers, STRICT_TRANSPORT])


def _adding(headers: list[Pair]) -> Callable[[Send], Send]:
    names = frozenset(name for name, _ in headers)

    def around(send: Send) -> Send:
        # Gives back what `send` gives instead of awaiting it: a stream passes thousands of messages through here.
        def adding(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                own: Sequence[Pair] = message.get("headers", ())
                for name, _ in own:
                    if name in names:
                        message["headers"] = [*own, *_missing(headers, own)]
                        break
                else:
                    message["headers"] = [*own, *headers]
            return send(message)

        return adding

    return around


def _missing(headers: Sequence[Pair], own: Sequence[Pair]) -> list[Pair]:
    given = {name for name, _ in own}
    return [each for each in headers if each[0] not in given]
