"""Word of what is new, put together: who carries letters, and the jobs of notices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from billing.dunning.collecting import MAIL_BILLING
from content.importing.works import NEW_UNITS
from content.notices.addresses import MAIL_CONFIRM
from content.notices.mailing import Postroom
from content.notices.telling import MAIL_NOTICES, TELL_FOLLOWERS, Notices
from content.takedowns.mailing import MAIL_RECEIPT, ReceiptMail
from runtime.dunning import postroom_of
from runtime.jobs import GiveUp, Handler
from runtime.settings import Settings
from runtime.stores import Stores
from storage.jobs import Job
from tenancy.mail.mailer import Carrier, Mailer, MailRefused, mailer_of
from tenancy.themes.renderer import Themes


def mailer(settings: Settings) -> Mailer:
    """Who carries letters, as the settings say."""
    mail = settings.mail
    if mail.host is None or mail.sender is None:
        return mailer_of(None)
    return mailer_of(
        Carrier(
            host=mail.host,
            port=mail.port,
            security=mail.security,
            sender=mail.sender,
            username=mail.username,
            password=mail.password,
        )
    )


def notice_handlers(stores: Stores, themes: Themes) -> dict[str, Handler]:
    """A handler for every kind of job that notices make."""
    notices = Notices(stores.database, stores.jobs, stores.clock)
    carrier = mailer(stores.settings)
    postroom = Postroom(stores.database, stores.resolver, themes, carrier, stores.clock)
    receipts = ReceiptMail(stores.database, stores.resolver, themes, carrier)
    return {
        NEW_UNITS: lambda job: notices.new_units(job, stores.system),
        TELL_FOLLOWERS: lambda job: notices.tell_followers(job, stores.resolver),
        MAIL_CONFIRM: _for_good(postroom.confirmation),
        MAIL_NOTICES: _for_good(postroom.news),
        MAIL_RECEIPT: _for_good(receipts.send),
        MAIL_BILLING: _for_good(postroom_of(stores, carrier).send),
    }


def _for_good(send: Callable[[Job], Awaitable[None]]) -> Handler:
    """What a server refuses for good is not tried again: the job stays as a dead letter."""

    async def work(job: Job) -> None:
        try:
            await send(job)
        except MailRefused as error:
            raise GiveUp(str(error)) from error

    return work
