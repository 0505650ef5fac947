"""A mail server on loopback that keeps what it is given, and refuses what it is told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP


class Postbox:
    """What came in. `refusal` is answered to every recipient while it is set: `550 no such mailbox`."""

    def __init__(self) -> None:
        self.port = 0
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusal is not None:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.raw.append(envelope.content)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 OK"


@asynccontextmanager
async def postbox() -> AsyncGenerator[Postbox]:
    """A server on a port of its own."""
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        box.port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(box, hostname="postbox.example", loop=loop), sock=listener)
        async with server:
            yield box


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """A letter's text, plain or html."""
    body = letter.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content
