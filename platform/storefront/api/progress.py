"""/progress, /continue and /history: how far viewers have watched and read."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import delete, get, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter, SkipValidation

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from content.audience import AgeGateClosed
from content.catalogue import Catalogue
from content.cursors import CursorInvalid
from content.progress.continuing import MOST_IN_ROW, MOST_LISTED, Continuing
from content.progress.model import unit_field
from content.progress.pace import BadBeat, read_beat
from content.progress.watching import NoSuchUnit, Progress
from content.takedowns.bans import TitleBanned
from content.targets import LONGEST_TARGET, BadTarget, parse_target
from storage.errors import Conflict, StorageUnavailable
from storage.limits import Limits
from storage.moments import Clock, moment
from storage.mongo import Database
from storefront.allowances import allow
from storefront.api.progress_answers import (
    CONTINUE,
    HISTORY,
    PROGRESS,
    REMOVED,
    ContinueAnswer,
    Heartbeat,
    HistoryAnswer,
    ProgressAnswer,
    RemovedAnswer,
    continue_answer,
    history_answer,
    progress_answer,
    title_progress_answer,
)
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.members import Member
from storefront.refusals import BadParameter, CrossSite
from streaming.links import user_claim
from tenancy.resolver import ResolvedTenant

HEARTBEATS_PER_MINUTE: Final = 120
_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BAD_BEAT: Final = BadBeat("position_seconds: from 0 to 604800")
_BAD_TARGET: Final = BadTarget("a target has 1 to 512 characters")
_NO_UNIT: Final = NoSuchUnit("Nothing on this site is called 'x#s1e9'.")
_BANNED: Final = ViewerBanned("")
TargetId = Annotated[str, PathParameter(max_length=LONGEST_TARGET, description="<title>, <title>#s1e2 or <title>#c1.5")]
LimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_LISTED}; 24 by default")]
RowLimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_IN_ROW}, which is the default")]


def progress_of_site(database: NamedDependency[Database], tenant: NamedDependency[ResolvedTenant]) -> Progress:
    """The dependency `progress`: that of the asked site's viewers."""
    return Progress(database, tenant.scope)


def continuing_of_site(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
) -> Continuing:
    """The dependency `continuing`: the asked site's rows for this request's audience."""
    return Continuing(database, tenant, catalogue)


PROGRESS_OF_SITE: Final = {"progress": Provide(progress_of_site, sync_to_thread=False)}
CONTINUING: Final = {"continuing": Provide(continuing_of_site, sync_to_thread=False)}


@put(
    "/progress/{target_id:str}",
    operation_id="noteProgress",
    summary="Heartbeat: how far a film, an episode or a chapter is",
    description=(
        "Ordered by `at` within a `session`: what comes late or twice changes nothing and is answered with "
        "`counted: false`. The session that began last holds the place; another one comes back after five minutes of "
        "its silence. A finished title that is begun again is a new run. Opens a guest session for whoever has none."
    ),
    tags=["progress"],
    dependencies=PROGRESS_OF_SITE,
    operation_class=shown(PROGRESS),
    responses=problems(
        _BAD_BEAT,
        _BAD_TARGET,
        _ELSEWHERE,
        _BANNED,
        AgeGateClosed(),
        _NO_UNIT,
        Conflict("changed"),
        NOT_JSON,
        TOO_OFTEN,
        TitleBanned(""),
        _AWAY,
    ),
)
async def note_progress(
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    member: NamedDependency[Member],
    limits: NamedDependency[Limits],
    progress: NamedDependency[Progress],
    clock: NamedDependency[SkipValidation[Clock]],
    target_id: TargetId,
    data: JSONBody[Heartbeat],
) -> ProgressAnswer:
    """Where the viewer is after this heartbeat."""
    target = parse_target(target_id)
    beat = read_beat(
        session=data.session,
        seq=data.at,
        now=moment(clock()),
        age_seconds=data.age_seconds,
        position=data.position_seconds,
        duration=data.duration_seconds,
        page=data.page,
        pages=data.pages,
    )
    subject = user_claim(member.viewer.id)
    await allow(limits, tenant.scope, "progress", subject, limit=HEARTBEATS_PER_MINUTE, seconds=60)
    noted = await progress.note(member.viewer.id, target, beat, catalogue)
    return progress_answer(noted.target, noted.progress, counted=noted.counted)


@get(
    "/progress/{target_id:str}",
    operation_id="getProgress",
    summary="How far the viewer is",
    tags=["progress"],
    dependencies=PROGRESS_OF_SITE,
    operation_class=shown(PROGRESS),
    responses=problems(_BAD_TARGET, _BANNED, _AWAY),
)
async def get_progress(
    viewer: NamedDependency[Viewer | None], progress: NamedDependency[Progress], target_id: TargetId
) -> ProgressAnswer:
    """The place of an episode or a chapter; of a title the last one, and what is known of all of them."""
    target = parse_target(target_id)
    held = await progress.of(viewer.id, target.title_id) if viewer else None
    if not target.unit:
        return title_progress_answer(target, held)
    return progress_answer(target, held.units.get(unit_field(target.unit)) if held else None)


@get(
    "/continue",
    operation_id="listContinue",
    summary="What to go on watching and reading",
    tags=["progress"],
    dependencies=CONTINUING,
    operation_class=shown(CONTINUE),
    responses=problems(BadParameter("limit: a number from 1 to 20"), _BANNED, _AWAY),
)
async def list_continue(
    viewer: NamedDependency[Viewer | None], continuing: NamedDependency[Continuing], limit: RowLimitText = None
) -> ContinueAnswer:
    """The last seen first; of a finished episode or chapter the next one."""
    wanted = number_of("limit", limit, 1, MOST_IN_ROW) or MOST_IN_ROW
    return continue_answer(await continuing.row(viewer.id, limit=wanted) if viewer else [])


@get(
    "/history",
    operation_id="listHistory",
    summary="What the viewer has watched and read",
    tags=["progress"],
    dependencies=CONTINUING,
    operation_class=shown(HISTORY),
    responses=problems(BadParameter("limit: a number from 1 to 50"), CursorInvalid("not a cursor"), _BANNED, _AWAY),
)
async def list_history(
    viewer: NamedDependency[Viewer | None],
    continuing: NamedDependency[Continuing],
    limit: LimitText = None,
    after: AfterText = None,
) -> HistoryAnswer:
    """A page of titles, the last seen first."""
    wanted = number_of("limit", limit, 1, MOST_LISTED) or 24
    if viewer is None:
        if after is not None:
            raise CursorInvalid("not a cursor")
        return HistoryAnswer(entries=[], next=None)
    return history_answer(await continuing.history(viewer.id, after=after, limit=wanted))


@delete(
    "/history/{target_id:str}",
    operation_id="removeFromHistory",
    summary="Remove a title, an episode or a chapter from the history",
    tags=["progress"],
    status_code=200,
    dependencies=PROGRESS_OF_SITE,
    operation_class=shown(REMOVED),
    responses=problems(_BAD_TARGET, _ELSEWHERE, _BANNED, Conflict("changed"), NOT_JSON, _AWAY),
)
async def remove_from_history(
    viewer: NamedDependency[Viewer | None], progress: NamedDependency[Progress], target_id: TargetId
) -> RemovedAnswer:
    """What is not there is no error."""
    target = parse_target(target_id)
    return RemovedAnswer(removed=int(viewer is not None and await progress.forget(viewer.id, target)))


@delete(
    "/history",
    operation_id="clearHistory",
    summary="Remove the whole history",
    tags=["progress"],
    status_code=200,
    dependencies=PROGRESS_OF_SITE,
    operation_class=shown(REMOVED),
    responses=problems(_ELSEWHERE, _BANNED, Conflict("changed"), NOT_JSON, _AWAY),
)
async def clear_history(viewer: NamedDependency[Viewer | None], progress: NamedDependency[Progress]) -> RemovedAnswer:
    """Also what was brought along by an import."""
    return RemovedAnswer(removed=await progress.forget_all(viewer.id) if viewer else 0)


PROGRESS_ROUTES: Final = [note_progress, get_progress, list_continue, list_history, remove_from_history, clear_history]
