"""A letter to one person, as plain words; and the message that goes over the wire, which no word of it can bend."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, NamedTuple

from msgspec import Struct

from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

# RFC 5321 §4.5.3.1 bounds; quoted local parts and other scripts are left out: few servers take them.
_ADDRESS: Final = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254
_LONGEST_LINE: Final = 160


class BadAddress(ValueError):
    """The text is no e-mail address."""


class Button(NamedTuple):
    """What the letter asks to do, and where."""

    label: str
    url: str


class Letter(Struct, frozen=True, kw_only=True):
    """One letter. `lines` are paragraphs; `stop_url` unsubscribes by one click (RFC 8058), `message_id` is stable."""

    to: str
    subject: str
    heading: str
    lines: tuple[str, ...]
    button: Button
    footing: str
    message_id: str
    stop_url: str | None = None


def address_of(text: str) -> str:
    """The address with its domain in lower case. Raises BadAddress."""
    found = _ADDRESS.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None or len(found["local"]) > _LONGEST_LOCAL:
        raise BadAddress("email: an address such as ann@mail.example")
    return f"{found['local']}@{found['domain'].lower()}"


def mailbox_of(text: str) -> str:
    """Which mailbox the address reaches, for counting: case, dots and what hangs on by a plus make no other one.

    A hash, for counters are no address book. Raises BadAddress.
    """
    local, _, domain = address_of(text).casefold().partition("@")
    bare = local.partition("+")[0].replace(".", "")
    return hashlib.blake2b(f"{bare}@{domain}".encode(), digest_size=16).hexdigest()


def plain_line(text: str) -> str:
    """The text as one line of a header: without line breaks, control and direction characters."""
    spaced = " ".join(text.split())
    return "".join(letter for letter in spaced if unicodedata.category(letter)[0] != "C")[:_LONGEST_LINE]


def message_of(letter: Letter, tenant: ResolvedTenant, themes: Themes, *, sender: str) -> EmailMessage:
    """The letter in the tenant's look, as text and HTML, from the platform's address in the tenant's name."""
    name = plain_line(str(themes.site(tenant)["name"]))
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address_of(sender))
    message["To"] = Address(addr_spec=address_of(letter.to))
    message["Subject"] = plain_line(letter.subject)
    message["Message-ID"] = f"<{letter.message_id}@{address_of(sender).partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop_url is not None:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_text(letter, name))
    html = themes.render(tenant, "mail/letter.html", {"letter": _view(letter)})
    message.add_alternative(html, subtype="html")
    return message


def _text(letter: Letter, name: str) -> str:
    parts = [
        letter.heading,
        *letter.lines,
        f"{letter.button.label}:\n{letter.button.url}",
        f"-- \n{name}",
        letter.footing,
    ]
    if letter.stop_url is not None:
        parts.append(f"No more of these letters:\n{letter.stop_url}")
    return "\n\n".join(parts) + "\n"


def _view(letter: Letter) -> dict[str, object]:
    return {
        "subject": plain_line(letter.subject),
        "heading": letter.heading,
        "lines": list(letter.lines),
        "label": letter.button.label,
        "url": letter.button.url,
        "footing": letter.footing,
        "stop_url": letter.stop_url,
    }
