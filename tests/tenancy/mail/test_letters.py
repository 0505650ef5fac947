"""Letters: whatever words they carry, the message on the wire is the one that was meant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from storage.scope import TenantScope
from tenancy.mail.letters import BadAddress, Button, Letter, address_of, message_of, plain_line
from tenancy.mail.mailer import Carrier, LogMailer, MailRefused, MailUnavailable, SmtpMailer
from tenancy.model import Brand, Tenant
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes
from tests.support.postbox import postbox, text_of

LETTER = Letter(
    to="ann@mail.example",
    subject="New: S1 E2",
    heading="New for you",
    lines=("A Series: <b>S1 E2</b>",),
    button=Button("See it", "https://a.example/notices"),
    footing="You asked for it.",
    message_id="abc",
    stop_url="https://a.example/notices/stop/t",
)


def site(scope: TenantScope, name: str = "Anime & Größe") -> ResolvedTenant:
    tenant = Tenant(id=scope.tenant_id, domain="a.example", brand=Brand(name=name), theme="nocturne")
    return ResolvedTenant(tenant, scope, "a.example")


@pytest.mark.parametrize("address", ["ann@mail.example", "a.n+n@x-y.mail.example", "  ann@MAIL.example "])
def test_an_address_is_taken(address: str) -> None:
    assert address_of(address).endswith("mail.example")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@localhost",
        "@mail.example",
        "ann@mail..example",
        "ann@-mail.example",
        "a nn@mail.example",
        "ann@mail.example\r\nBcc: b@mail.example",
        "ann@mail.example,bob@mail.example",
        '"ann"@mail.example',
        "änn@mail.example",
        "ann@mail.example>",
        "x" * 65 + "@mail.example",
        "a@" + "x" * 250 + ".example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        address_of(address)


@pytest.mark.parametrize("evil", ["Hi\r\nBcc: all@mail.example", "Hi\nX: y", "Hi\x00\x1b[2J", "Hi\u202eevil"])
async def test_no_word_makes_a_header(evil: str, scope_a: TenantScope) -> None:
    letter = replace(LETTER, subject=evil)
    async with postbox() as box:
        message = message_of(letter, site(scope_a, name=evil), Themes.installed(), sender="noreply@mail.example")
        mailer = SmtpMailer(Carrier(host="127.0.0.1", port=box.port, security="none", sender="noreply@mail.example"))
        await mailer.send(message)
        (received,) = box.letters
        assert received["Bcc"] is None
        assert received["X"] is None
        assert received["To"] == "ann@mail.example"
        assert "\n" not in plain_line(evil)


async def test_a_letter_goes_out_in_the_tenants_name_as_text_and_html(scope_a: TenantScope) -> None:
    async with postbox() as box:
        mailer = SmtpMailer(Carrier(host="127.0.0.1", port=box.port, security="none", sender="noreply@mail.example"))
        await mailer.send(message_of(LETTER, site(scope_a), Themes.installed(), sender=mailer.sender))
        (letter,) = box.letters
        assert letter["From"].addresses[0].addr_spec == "noreply@mail.example"
        assert letter["From"].addresses[0].display_name == "Anime & Größe"
        assert letter["List-Unsubscribe"] == "<https://a.example/notices/stop/t>"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "A Series: <b>S1 E2</b>" in text_of(letter)
        assert "https://a.example/notices/stop/t" in text_of(letter)
        assert "A Series: &lt;b&gt;S1 E2&lt;/b&gt;" in text_of(letter, "html")


@pytest.mark.parametrize(
    ("refusal", "kind"), [("550 no such mailbox", MailRefused), ("451 try again later", MailUnavailable)]
)
async def test_what_a_server_refuses_is_told_apart(refusal: str, kind: type[Exception], scope_a: TenantScope) -> None:
    async with postbox() as box:
        box.refusal = refusal
        mailer = SmtpMailer(Carrier(host="127.0.0.1", port=box.port, security="none", sender="noreply@mail.example"))
        with pytest.raises(kind):
            await mailer.send(message_of(LETTER, site(scope_a), Themes.installed(), sender=mailer.sender))


async def test_a_server_that_is_away_may_come_back(scope_a: TenantScope) -> None:
    async with postbox() as box:
        port = box.port
    mailer = SmtpMailer(Carrier(host="127.0.0.1", port=port, security="none", sender="noreply@mail.example"))
    with pytest.raises(MailUnavailable):
        await mailer.send(message_of(LETTER, site(scope_a), Themes.installed(), sender=mailer.sender))


async def test_without_a_server_nothing_goes_out(scope_a: TenantScope, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        mailer = LogMailer()
        await mailer.send(message_of(LETTER, site(scope_a), Themes.installed(), sender=mailer.sender))
    assert "New: S1 E2" in caplog.text
    assert "ann@" not in caplog.text
