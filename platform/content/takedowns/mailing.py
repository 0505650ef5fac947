"""The acknowledgement that goes to the sender of a notice, by a durable job."""

from __future__ import annotations

from typing import Final, final

from content.takedowns.repository import NoticeRepository
from storage.jobs import Job
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.mail.letters import BadAddress, Button, Letter, message_of
from tenancy.mail.mailer import Mailer
from tenancy.resolver import TenantResolver
from tenancy.themes.renderer import Themes

MAIL_RECEIPT: Final = "mail_takedown_receipt"
"""Payload {"receipt"}; the address is the notice's, and the secret is not in the letter."""


@final
class ReceiptMail:
    """Writes and hands over acknowledgements."""

    def __init__(self, database: Database, resolver: TenantResolver, themes: Themes, mailer: Mailer) -> None:
        self._database = database
        self._resolver = resolver
        self._themes = themes
        self._mailer = mailer

    async def send(self, job: Job) -> None:
        """Does the job; nothing where the notice, its address or the site is gone. Raises what a Mailer does."""
        if not isinstance(job.scope, TenantScope):
            return
        notice = await NoticeRepository(self._database, job.scope).get(str(job.payload["receipt"]))
        tenant = await self._resolver.by_id(job.scope.tenant_id)
        if notice is None or tenant is None or not notice.party.email:
            return
        letter = Letter(
            to=notice.party.email,
            subject=f"Your notice {notice.id}",
            heading="We received your notice",
            lines=(
                f"Its receipt number is {notice.id}. Somebody looks at it and decides.",
                "With the number and the secret that you were shown you can look up how it stands.",
            ),
            button=Button("Look it up", f"https://{tenant.host}/legal/status"),
            footing="You get this letter because a notice was sent with this address. If it was not you, ignore it.",
            message_id=f"takedown.{notice.id}",
        )
        try:
            message = message_of(letter, tenant, self._themes, sender=self._mailer.sender)
        except BadAddress:
            return
        await self._mailer.send(message)
