"""/titles/{title_id}/intro: where the intro lies, by the votes of this site's viewers."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation
from msgspec import Struct

from accounts.model import Viewer
from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.intro.ballot import BadVote, read_vote
from content.intro.crowd import Timing, Vote
from content.intro.votes import IntroVotes
from content.model import IntroTimings, Title
from content.takedowns.bans import TitleBanned, refuse_banned
from content.targets import Target
from content.unit_offers import episodes_on
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock
from storage.mongo import Database
from storefront.allowances import allow
from storefront.api.responses import BAD_ID, NO_TITLE, NOT_JSON, TOO_OFTEN, problems, shown
from storefront.api.title_answers import Intro
from storefront.members import Member, address_of
from storefront.refusals import BadParameter, CrossSite, TitleNotFound
from streaming.links import user_claim
from tenancy.resolver import ResolvedTenant

VOTES_PER_HOUR: Final = 30
VOTERS_PER_ADDRESS: Final = 10
"""A day and intro: guests cost nothing, and a crowd of them at one address is to move nobody's median."""
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_NO_EPISODE: Final = BadParameter("episode: this title has no episode 's1e9'")
_BAD_VOTE: Final = BadVote("an intro begins at 0 or later and ends after it began")
_GONE: Final = TitleBanned("Taken down at the request of its owner.")
_ADULT: Final = AgeGateClosed()
_EXAMPLE: Final[dict[str, Any]] = {
    "intro": {"start": 90, "end": 150},
    "votes": 6,
    "mine": {"start": 91, "end": 150.5},
}
EpisodeText = Annotated[str | None, QueryParameter(max_length=32, description="An episode of a series, as s1e2")]


class IntroBallot(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where the intro lies, in seconds. `duration` of the film bounds it, where the player knows it."""

    start: float
    end: float
    duration: float | None = None


class IntroAnswer(Struct, kw_only=True):
    """`intro` is the crowd's median once enough agree (null before); `votes` are those that agree.

    `mine` is the asking viewer's own vote.
    """

    intro: Intro | None
    votes: int
    mine: Intro | None = None


def intro_votes(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    clock: NamedDependency[SkipValidation[Clock]],
) -> IntroVotes:
    """The dependency `votes`: those of the asked site."""
    return IntroVotes(database, tenant.scope, clock)


VOTES: Final = {"votes": Provide(intro_votes, sync_to_thread=False)}


@get(
    "/titles/{title_id:str}/intro",
    operation_id="getIntro",
    summary="Where the intro of a film or an episode lies",
    tags=["playing"],
    dependencies=VOTES,
    operation_class=shown(_EXAMPLE),
    responses=problems(BAD_ID, _NO_EPISODE, NO_TITLE, _ADULT, _GONE, _AWAY),
)
async def get_intro(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    votes: NamedDependency[IntroVotes],
    title_id: FromPath[str],
    episode: EpisodeText = None,
) -> IntroAnswer:
    """The crowd's median, and the viewer's own vote."""
    target, imported = await _target(catalogue, tenant, title_id, episode)
    said = await votes.timing(target, imported)
    return _answer(said, await votes.own(target, viewer.id) if viewer else None)


@post(
    "/titles/{title_id:str}/intro",
    operation_id="voteIntro",
    summary="Say where the intro lies",
    description="One vote a viewer: a later one replaces it. Opens a guest session for whoever has none.",
    tags=["playing"],
    status_code=200,
    dependencies=VOTES,
    operation_class=shown(_EXAMPLE),
    responses=problems(BAD_ID, _BAD_VOTE, _NO_EPISODE, _ELSEWHERE, NO_TITLE, NOT_JSON, TOO_OFTEN, _ADULT, _GONE, _AWAY),
)
async def vote_intro(
    request: Request[Any, Any, Any],
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    votes: NamedDependency[IntroVotes],
    title_id: FromPath[str],
    data: JSONBody[IntroBallot],
    episode: EpisodeText = None,
) -> IntroAnswer:
    """Counts the viewer's vote and gives what the crowd says then."""
    vote = read_vote(data.start, data.end, data.duration)
    target, imported = await _target(catalogue, tenant, title_id, episode)
    await _allow(limits, tenant, member)
    if await votes.own(target, member.viewer.id) is None:
        subject = f"{address_of(request)} {target}"
        await allow(limits, tenant.scope, "intro-voters", subject, limit=VOTERS_PER_ADDRESS, seconds=86_400)
    return _answer(await votes.cast(target, member.viewer.id, vote, imported), vote)


@delete(
    "/titles/{title_id:str}/intro",
    operation_id="withdrawIntro",
    summary="Take the own vote back",
    tags=["playing"],
    status_code=200,
    dependencies=VOTES,
    operation_class=shown({**_EXAMPLE, "mine": None}),
    responses=problems(BAD_ID, _NO_EPISODE, _ELSEWHERE, NO_TITLE, NOT_JSON, TOO_OFTEN, _ADULT, _GONE, _AWAY),
)
async def withdraw_intro(
    catalogue: NamedDependency[Catalogue],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    limits: NamedDependency[Limits],
    votes: NamedDependency[IntroVotes],
    title_id: FromPath[str],
    episode: EpisodeText = None,
) -> IntroAnswer:
    """Without a vote nothing changes; gives what the crowd says then."""
    target, imported = await _target(catalogue, tenant, title_id, episode)
    if viewer is None:
        return _answer(await votes.timing(target, imported), None)
    await _allow(limits, tenant, Member(viewer, ""))
    return _answer(await votes.withdraw(target, viewer.id, imported), None)


async def _target(
    catalogue: Catalogue, tenant: ResolvedTenant, title_id: str, episode: str | None
) -> tuple[str, IntroTimings | None]:
    title = await catalogue.get(title_id)
    if title is None:
        raise TitleNotFound(f"Nothing on this site has the id or slug {title_id!r}.")
    return target_of(title, tenant, episode), title.intro_timings


def target_of(title: Title, tenant: ResolvedTenant, episode: str | None) -> str:
    """What is voted on. Raises BadParameter for an episode that the title has not."""
    if episode is None:
        return str(Target(title_id=str(title.id)))
    refuse_banned(title, tenant, episode)
    for unit in episodes_on(title, tenant):
        if unit.key == episode:
            return f"{title.id}#{unit.key}"
    raise BadParameter(f"episode: this title has no episode {episode!r}")


async def _allow(limits: Limits, tenant: ResolvedTenant, member: Member) -> None:
    subject = user_claim(member.viewer.id)
    await allow(limits, tenant.scope, "intro-vote", subject, limit=VOTES_PER_HOUR, seconds=3_600)


def _answer(said: Timing | None, own: Vote | None) -> IntroAnswer:
    settled = said is not None and said.is_settled
    return IntroAnswer(
        intro=Intro(start=said.start, end=said.end) if said and settled else None,
        votes=said.votes if said else 0,
        mine=Intro(start=own.start, end=own.end) if own else None,
    )
