"""Who carries letters: a server over SMTP, or the log where none is configured."""

from __future__ import annotations

import logging
from email.message import EmailMessage
from typing import Final, Literal, Protocol, final

import aiosmtplib
from msgspec import Struct

Security = Literal["starttls", "tls", "none"]
_PERMANENT: Final = 500
_log: Final = logging.getLogger("marquee.mail")


class MailUnavailable(Exception):
    """The server cannot be reached or asks to come back later."""


class MailRefused(Exception):
    """The server will never take this letter: the address is not there, or the letter is not wanted."""


class Carrier(Struct, frozen=True, kw_only=True):
    """A mail server (RFC 5321). `sender` is the address that all letters come from."""

    host: str
    port: int
    security: Security
    sender: str
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = 15.0


class Mailer(Protocol):
    """Carries a message. `sender` is where its letters come from."""

    @property
    def sender(self) -> str:
        """An e-mail address."""
        ...

    async def send(self, message: EmailMessage) -> None:
        """Raises MailUnavailable and MailRefused."""
        ...


@final
class SmtpMailer:
    """Hands messages to a server, a connection each."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.sender: Final = carrier.sender

    async def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        carrier = self._carrier
        try:
            await aiosmtplib.send(
                message,
                hostname=carrier.host,
                port=carrier.port,
                username=carrier.username,
                password=carrier.password,
                use_tls=carrier.security == "tls",
                start_tls=carrier.security == "starttls",
                timeout=carrier.timeout_seconds,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            if codes and min(codes) >= _PERMANENT:
                raise MailRefused("the server refuses the address") from error
            raise MailUnavailable("the server does not take the address now") from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError, aiosmtplib.SMTPHeloError) as error:
            kind = MailRefused if error.code >= _PERMANENT else MailUnavailable
            raise kind(f"the server answers {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"{type(error).__name__}: the mail server cannot be used") from error


@final
class LogMailer:
    """Where no server is configured: says in the log that a letter would have gone, and not to whom."""

    def __init__(self) -> None:
        self.sender: Final = "nobody@mail.invalid"

    async def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        _log.info("no mail server is set (mail.host): a letter %r was not sent", str(message["Subject"]))


def mailer_of(carrier: Carrier | None) -> Mailer:
    """The one that the settings ask for."""
    return LogMailer() if carrier is None else SmtpMailer(carrier)
