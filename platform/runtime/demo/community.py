"""What the demo's viewers say to each other: guests with generated names, by the verbs that real ones use."""

from __future__ import annotations

from content.audience import ADULTS
from content.catalogue import Catalogue
from content.comments.marking import Marking
from content.comments.naming import Names
from content.comments.repository import CommentRepository
from content.comments.subjects import subject_of
from content.comments.writing import Draft, Writing
from runtime.composition import Stores
from runtime.demo.talk import TALK, Said
from tenancy.resolver import ResolvedTenant

GUESTS = 6


async def talk(stores: Stores, tenant: ResolvedTenant) -> None:
    """Let guests of the site talk about what it shows, unless somebody did already."""
    said = TALK.get(tenant.id, ())
    catalogue = Catalogue(stores.database, tenant, ADULTS)
    comments = CommentRepository(stores.database, tenant.scope)
    if not said or await comments.count_shown((await subject_of(catalogue, tenant, said[0].about)).id, limit=1):
        return
    guests = [(await stores.sessions.open_guest_session(tenant.scope, "demo")).viewer for _ in range(GUESTS)]
    for place, each in enumerate(said):
        ago = (len(said) - place) * 5_400.0

        def clock(ago: float = ago) -> float:
            return stores.clock() - ago

        names = Names(stores.database, tenant.scope, clock, [tenant.brand.name, tenant.id])
        writing = Writing(stores.database, tenant.scope, tenant.tenant.comments, names, stores.limits, clock)
        liking = Marking(stores.database, tenant.scope, tenant.tenant.comments, stores.limits, clock)
        subject = await subject_of(catalogue, tenant, each.about)
        comment = await writing.post(guests[each.by], subject, _draft(each))
        for guest in guests[: each.likes + 1]:
            if guest.id != comment.user_id:
                comment = await liking.like(guest, comment)
        for by, body in each.answers:
            await writing.post(guests[by], subject, Draft(body=body, reply_to=str(comment.id)))


def _draft(said: Said) -> Draft:
    return Draft(body=said.body, is_spoiler=said.spoils, second=said.second)
