"""The letters that notices become: written when they are sent, so that no job holds an address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from accounts.repository import ViewerRepository
from content.audience import EVERYBODY
from content.catalogue import Catalogue
from content.notices.model import Wishes, notice_key, token_hash
from content.notices.reading import ReadNotices, Told
from content.notices.repository import NoticeRepository, WishesRepository
from content.notices.wording import said
from storage.jobs import Job
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.mail.letters import Button, Letter, message_of, plain_line
from tenancy.mail.mailer import Mailer, MailRefused
from tenancy.resolver import ResolvedTenant, TenantResolver
from tenancy.themes.renderer import Themes

MOST_IN_LETTER: Final = 20
_NEWS_AGE: Final = timedelta(days=7)


class Postroom:
    """Sends viewers' letters. Raises MailUnavailable (try again), MailRefused (never), StorageUnavailable."""

    def __init__(
        self, database: Database, resolver: TenantResolver, themes: Themes, mailer: Mailer, clock: Clock
    ) -> None:
        self._database = database
        self._resolver = resolver
        self._themes = themes
        self._mailer = mailer
        self._clock = clock

    async def confirmation(self, job: Job) -> None:
        """Works a `mail_confirm` job; nothing is sent once another address was asked for, or time is up."""
        tenant, wishes = await self._addressee(job)
        pending, token = wishes.pending if wishes else None, str(job.payload["token"])
        if tenant is None or wishes is None or pending is None:
            return
        if pending.token != token_hash(token) or pending.expires_at <= moment(self._clock()):
            return
        name = str(self._themes.site(tenant)["name"])
        letter = Letter(
            to=pending.email,
            subject=f"Confirm your address for {name}",
            heading="Is this your address?",
            lines=(f"Somebody asked {name} to send word of new episodes and chapters here.",),
            button=Button("Yes, it is mine", f"{wishes.site}/notices/email/{token}"),
            footing="If it was not you, do nothing: no more letters will come.",
            message_id=notice_key("confirm", pending.token),
        )
        await self._send(letter, tenant)

    async def news(self, job: Job) -> None:
        """Works a `mail_notices` job: one letter with all that is unread and was not mailed."""
        tenant, wishes = await self._addressee(job)
        if tenant is None or wishes is None or wishes.email is None or wishes.confirmed_at is None:
            return
        if await ViewerRepository(self._database, tenant.scope).is_banned(wishes.id):
            return
        notices = NoticeRepository(self._database, tenant.scope)
        now = moment(self._clock())
        unread = await notices.to_mail(wishes.id, now - _NEWS_AGE, MOST_IN_LETTER)
        # A letter passes no age gate.
        catalogue = Catalogue(self._database, tenant, EVERYBODY)
        told = await ReadNotices(self._database, tenant, catalogue, self._clock).shown(unread)
        if not told:
            return
        letter = _news(wishes, wishes.email, told, str(self._themes.site(tenant)["name"]))
        try:
            await self._send(letter, tenant)
        except MailRefused:
            # An address that is refused for good gets no more letters.
            gone: dict[str, Any] = {"email": None, "confirmed_at": None}
            await WishesRepository(self._database, tenant.scope).set(wishes.id, gone, where={"email": wishes.email})
            raise
        await notices.mailed(wishes.id, [each.notice.key for each in told], now)

    async def _addressee(self, job: Job) -> tuple[ResolvedTenant | None, Wishes | None]:
        """The site, unless it is closed, and what the viewer wants."""
        assert isinstance(job.scope, TenantScope)
        tenant = await self._resolver.by_id(job.scope.tenant_id)
        if tenant is None or tenant.serving == "suspended":
            return None, None
        return tenant, await WishesRepository(self._database, tenant.scope).get(job.payload["viewer"])

    async def _send(self, letter: Letter, tenant: ResolvedTenant) -> None:
        await self._mailer.send(message_of(letter, tenant, self._themes, sender=self._mailer.sender))


def _news(wishes: Wishes, email: str, told: list[Told], name: str) -> Letter:
    lines = [_line(each) for each in told]
    first = lines[0] if len(lines) == 1 else f"{lines[0]}, and {len(lines) - 1} more"
    keys: list[Any] = sorted(each.notice.key for each in told)
    return Letter(
        to=email,
        subject=plain_line(first),
        heading="New for you",
        lines=tuple(lines),
        button=Button("See what is new", f"{wishes.site}/notices"),
        footing=f"You get this because you asked {name} for word of the titles on your list.",
        message_id=notice_key("news", wishes.id, *keys),
        stop_url=f"{wishes.site}/notices/stop/{wishes.stop}",
    )


def _line(told: Told) -> str:
    words = said(told.notice, told.title)
    return f"{told.title.name}: {words}" if told.title is not None else words
